import sys
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from tests.commands import programs
from tests.commands.programs import Result
from tests.settings import ENGINE


@pytest.fixture
def command(capsys):
    """Return a function that runs a command as its program would, in this process."""

    def run(*arguments, **options):
        code, message = 0, ""
        try:
            call_command(*arguments, **options)
        except SystemExit as error:
            code = error.code
        except CommandError as error:
            code, message = error.returncode, str(error)
        out, err = capsys.readouterr()
        return Result(code, out, err + message)

    return run


@pytest.fixture
def without_tqdm(monkeypatch):
    """An installation without the extra ``cli``."""
    monkeypatch.setitem(sys.modules, "tqdm", None)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory):
    """The URL of a SQLite database for programs, with its tables. On a server they would show nothing new."""
    if ENGINE != "sqlite3":
        pytest.skip("programs have a SQLite of their own")
    url = f"sqlite:///{tmp_path_factory.mktemp('programs')}/db.sqlite3"
    assert programs.start(url, "migrate", "--verbosity=0").wait(60) == 0
    return url


@pytest.fixture
def program(database_url):
    """Return a function that runs a command as a program of its own."""

    return partial(programs.run, database_url)
