"""Serve a benchmark's site with gunicorn or uvicorn on a free port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def process_arguments(settings: str, **variables: str) -> dict[str, Any]:
    """Return the arguments that a process of a site is started with.

    :param settings: the dotted path of its settings.
    """
    return {"cwd": ROOT, "env": os.environ | {"DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)} | variables}


def gunicorn(*, workers: int = 1, threads: int = 1) -> Sequence[str]:
    """Return the server for WSGI, as :func:`served` takes it."""
    return (
        *("gunicorn", "django.core.wsgi:get_wsgi_application()", f"--workers={workers}", "--worker-class=gthread"),
        *(f"--threads={threads}", "--keep-alive=600", "--log-level=warning", "--bind=fd://{descriptor}"),
    )


def uvicorn(*options: str) -> Sequence[str]:
    """Return the server for ASGI, in one process, as :func:`served` takes it."""
    return (
        *("uvicorn", "--factory", "django.core.asgi:get_asgi_application", "--lifespan=off", "--log-level=warning"),
        *("--timeout-keep-alive=600", "--fd={descriptor}", *options),
    )


@contextmanager
def served(started_with: Mapping[str, Any], server: Sequence[str] = gunicorn()) -> Iterator[tuple[str, int]]:
    """Serve a site with the :func:`process_arguments` of its processes, and yield its address.

    :param server: the module to run and its arguments; ``{descriptor}`` is replaced by that of the socket.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listener:
        # gunicorn sets it only on sockets that it opens itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = [argument.format(descriptor=listener.fileno()) for argument in server]
        process = subprocess.Popen([sys.executable, "-m", *command], pass_fds=[listener.fileno()], **started_with)
        try:
            yield listener.getsockname()
        finally:
            process.terminate()
            process.wait()
