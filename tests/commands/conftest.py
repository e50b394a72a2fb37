import os
import subprocess
import sys
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command

from tests.settings import ENGINE


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, output and errors."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys):
    """Return a function that runs a command as its program would, in this process."""

    def run(*arguments):
        code, told = 0, ""
        try:
            call_command(*arguments)
        except SystemExit as ended:
            code = ended.code
        except CommandError as error:
            code, told = error.returncode, str(error)
        out, err = capsys.readouterr()
        return Ended(code, out, err + told)

    return run


@pytest.fixture(scope="session")
def database_url(tmp_path_factory):
    """The URL of a SQLite for programs, with its tables. Where the tests are on a server they'd show nothing new."""
    if ENGINE != "sqlite3":
        pytest.skip("programs have a SQLite of their own")
    url = f"sqlite:///{tmp_path_factory.mktemp('programs')}/db.sqlite3"
    assert start(url, "migrate", "--verbosity=0").wait(60) == 0
    return url


@pytest.fixture
def program(database_url):
    """Return a function that runs a command as a program of its own."""

    def run(*arguments, stdin=""):
        process = start(database_url, *arguments, pipes=True)
        out, err = process.communicate(stdin, timeout=60)
        return Ended(process.returncode, out, err)

    return run


def start(url, *arguments, pipes=False):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.commands.settings", "TEST_DATABASE_URL": url}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) if pipes else {}
    return subprocess.Popen([sys.executable, "-m", "django", *arguments], env=environment, text=True, **streams)
