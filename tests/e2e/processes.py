"""Servers in processes of their own, and their environment."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example_project"
TIMEOUT = 30.0

# Variables of the developer and the test run, which a new user doesn't have.
_DROPPED = (
    *("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DING_", "DJANGO_", "PRELUDE_", "PYTHONWARNINGS", "REDIS_URL"),
    *("SECRET_KEY", "TRUSTED_PROXY_COUNT"),
)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python(str(EXAMPLE / "manage.py"), *arguments)


def environment(folder: Path, **changed: str) -> dict[str, str]:
    """Return environment variables with a database in ``folder`` and no provider."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    database = f"sqlite:///{folder / 'example.sqlite3'}"
    return kept | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "DATABASE_URL": database} | changed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(
    command: list[str], *, url: str, env: dict[str, str], output: Path, errors: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, wait until it responds at ``url``, and terminate it in the end.

    :param errors: a file for the standard error; without it, both streams go to ``output``.
    """
    with ExitStack() as stack:
        stdout = stack.enter_context(output.open("wb"))
        stderr = stack.enter_context(errors.open("wb")) if errors else subprocess.STDOUT
        process = subprocess.Popen(command, env=env, stdout=stdout, stderr=stderr)
    try:
        _wait_for(process, url, output)
        yield process
    finally:
        stop(process)


def _wait_for(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not is_up(url):
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)


def is_up(url: str) -> bool:
    """Return whether a server responds."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.get(url, timeout=5).close()
    except requests.RequestException:
        return False
    return True


def stop(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(number)
    try:
        process.wait(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=TIMEOUT)
