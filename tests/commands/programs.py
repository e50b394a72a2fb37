"""Commands as programs of their own, and Ctrl-C."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from itertools import count

from tests.helpers import at_statement


@dataclass(frozen=True)
class Result:
    """How a command ended: its exit code, output and errors."""

    code: int
    out: str
    err: str


def start(database_url, *arguments, **streams):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.commands.settings", "TEST_DATABASE_URL": database_url}
    return subprocess.Popen([sys.executable, "-m", "django", *arguments], env=environment, text=True, **streams)


def run(database_url, *arguments, stdin=""):
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = start(database_url, *arguments, **streams)
    out, err = process.communicate(stdin, timeout=60)
    return Result(process.returncode, out, err)


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def ctrl_c_at(nth, **which):
    """Press Ctrl-C at the nth of the SQL statements that ``at_statement`` describes."""
    counter = count(1)
    return at_statement(lambda: next(counter) == nth and press_ctrl_c(), **which)
