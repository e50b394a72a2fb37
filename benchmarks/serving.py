"""Serve a benchmark's site with gunicorn, one worker with one thread, on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A site that is served.

    :ivar address: its host and port.
    :ivar worker: the id of the process that responds.
    """

    address: tuple[str, int]
    worker: int


def process_arguments(settings: str, **variables: str) -> dict[str, Any]:
    """Return the arguments that a process of a site is started with.

    :param settings: the dotted path of its settings.
    """
    return {"cwd": ROOT, "env": os.environ | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)} | variables}


@contextmanager
def served(started_with: Mapping[str, Any], *, keep_alive: bool = True) -> Iterator[Server]:
    """Serve a site with the :func:`process_arguments` of its processes.

    :param keep_alive: whether a connection is kept for further requests. Otherwise it is gunicorn's default worker,
        which closes each.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # gunicorn sets it only on sockets that it opens itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--workers=1"]
        command += ["--worker-class=gthread", "--threads=1", "--keep-alive=600"] if keep_alive else []
        command += ["--log-level=warning", f"--bind=fd://{listener.fileno()}"]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], **started_with)
        try:
            yield Server(listener.getsockname(), _child(server))
        finally:
            server.terminate()
            server.wait()


def _child(server: subprocess.Popen[bytes]) -> int:
    """Return the id of the process that the server starts."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    while server.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.05)
    raise SystemExit("gunicorn ended. See its output for the reason.")
