"""Many clients at the same moment."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.db import connection

from tests.figures.worker import Outcome, Post, post_all, prepare

_OF_THE_CONNECTION = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


class Crowd:
    """Processes with threads, each with a database connection of its own, which stay for the next rush.

    :param processes: started anew, not forked, so that nothing is shared but the database and the provider.
    :param threads: in each process.
    :param atomic_requests: whether the project runs each request in a transaction.
    """

    def __init__(self, processes: int, threads: int, *, atomic_requests: bool) -> None:
        self._processes, self._threads, self._atomic_requests = processes, threads, atomic_requests
        database: dict[str, Any] = {name: connection.settings_dict[name] for name in _OF_THE_CONNECTION}
        database |= {"ATOMIC_REQUESTS": atomic_requests, "CONN_MAX_AGE": None}
        shared = {"DATABASES": {"default": database}, "CACHES": settings.CACHES, "ALLOWED_HOSTS": ["testserver"]}
        spawn = get_context("spawn")
        self._pool = ProcessPoolExecutor(
            processes, spawn, initializer=prepare, initargs=(shared, spawn.Barrier(processes), threads)
        )

    def __str__(self) -> str:
        atomic = ", ATOMIC_REQUESTS" if self._atomic_requests else ""
        return f"{self._processes} × {self._threads}{atomic}"

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown()

    def post(self, *posts: Post) -> Outcome:
        """Post everything at the same moment, with the present ``DING`` setting."""
        shares = [list(posts[first :: self._processes]) for first in range(self._processes)]
        futures = [self._pool.submit(post_all, share, settings.DING) for share in shares]
        return sum((future.result() for future in futures), Outcome())
