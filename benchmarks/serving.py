"""Serve a benchmark's site with gunicorn or uvicorn on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A site that is served.

    :ivar address: its host and port.
    """

    address: tuple[str, int]
    _process: subprocess.Popen[bytes]

    @cached_property
    def worker(self) -> int:
        """The id of the process that responds, where the server has one beside its own."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        while self._process.poll() is None:
            if found := children.read_text().split():
                return int(found[0])
            time.sleep(0.05)
        raise SystemExit("The server ended. See its output for the reason.")


def process_arguments(settings: str, **variables: str) -> dict[str, Any]:
    """Return the arguments that a process of a site is started with.

    :param settings: the dotted path of its settings.
    """
    return {"cwd": ROOT, "env": os.environ | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)} | variables}


def gunicorn(*, workers: int = 1, threads: int = 1, keep_alive: bool = True) -> Sequence[str]:
    """Return the server for WSGI, as :func:`served` takes it.

    :param keep_alive: whether a connection is kept for further requests. Otherwise it has gunicorn's default workers,
        which close each.
    """
    return (
        *("gunicorn", "django.core.wsgi:get_wsgi_application()", f"--workers={workers}"),
        *(("--worker-class=gthread", f"--threads={threads}", "--keep-alive=600") if keep_alive else ()),
        *("--log-level=warning", "--bind=fd://{descriptor}"),
    )


def uvicorn(*options: str) -> Sequence[str]:
    """Return the server for ASGI, in one process, as :func:`served` takes it."""
    return (
        *("uvicorn", "--factory", "django.core.asgi:get_asgi_application", "--lifespan=off", "--log-level=warning"),
        *("--timeout-keep-alive=600", "--fd={descriptor}", *options),
    )


@contextmanager
def served(started_with: Mapping[str, Any], server: Sequence[str] = gunicorn()) -> Iterator[Server]:
    """Serve a site with the :func:`process_arguments` of its processes.

    :param server: the module to run and its arguments; ``{descriptor}`` is replaced by that of the socket.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listener:
        # gunicorn sets it only on sockets that it opens itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = [argument.format(descriptor=listener.fileno()) for argument in server]
        process = subprocess.Popen([sys.executable, "-m", *command], pass_fds=[listener.fileno()], **started_with)
        try:
            yield Server(listener.getsockname(), process)
        finally:
            process.terminate()
            process.wait()
