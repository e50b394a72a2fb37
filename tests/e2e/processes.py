"""Servers in processes of their own, and the surroundings they get."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example_project"
PATIENCE = 30.0

# Of the tests and of whoever runs them: not what a newcomer has.
_OTHERS = ("DATABASE_URL", "DEBUG", "DING_", "DJANGO_", "PYTHONWARNINGS", "REDIS_URL", "SECRET_KEY")


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python(str(EXAMPLE / "manage.py"), *arguments)


def surroundings(folder: Path, **changed: str) -> dict[str, str]:
    """Return an environment with a database of its own and nothing of the provider's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    path = os.pathsep.join(filter(None, (str(ROOT), ours.get("PYTHONPATH"))))
    database = f"sqlite:///{folder / 'example.sqlite3'}"
    return ours | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "DATABASE_URL": database} | changed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(command: list[str], *, url: str, env: dict[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, wait until it answers at ``url``, and end it."""
    with output.open("wb") as stream:
        process = subprocess.Popen(command, env=env, stdout=stream, stderr=subprocess.STDOUT)
    try:
        wait_for(process, url, output)
        yield process
    finally:
        end(process)


def wait_for(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers(url):
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.get(url, timeout=5).close()
    except requests.RequestException:
        return False
    return True


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(how)
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=PATIENCE)
