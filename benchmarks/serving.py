"""Serve a benchmark's site with gunicorn, one worker with one thread, on a free port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def process_arguments(settings: str, **variables: str) -> dict[str, Any]:
    """Return the arguments that a process of a site is started with.

    :param settings: the dotted path of its settings.
    """
    return {"cwd": ROOT, "env": os.environ | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)} | variables}


@contextmanager
def served(started_with: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Serve a site with the :func:`process_arguments` of its processes, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # gunicorn sets it only on sockets that it opens itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--workers=1"]
        command += ["--worker-class=gthread", "--threads=1", "--keep-alive=600", "--log-level=warning"]
        command += [f"--bind=fd://{listener.fileno()}"]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], **started_with)
        try:
            yield listener.getsockname()
        finally:
            server.terminate()
            server.wait()
