"""Two cores for a benchmark: the served worker has one to itself, and whatever it waits for shares the other."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis


@contextmanager
def pinned(servers: Iterable[int]) -> Iterator[int]:
    """Move this process and those of local servers to the last core, and yield the number of the first.

    Children inherit it: a server's later processes, too. Where there is one core, or another user's process can't be
    moved, the system places it.

    :param servers: the ids of their processes.
    """
    first, *_, last = sorted(os.sched_getaffinity(0)) * 2
    before = {process: os.sched_getaffinity(process) for process in (os.getpid(), *servers)}
    try:
        for process in before:
            move(process, {last})
        yield first
    finally:
        for process, cores in before.items():
            move(process, cores)


def move(process: int, cores: set[int]) -> None:
    """Let a process run on these cores only, if it exists and is ours to move."""
    with suppress(ProcessLookupError, PermissionError):
        os.sched_setaffinity(process, cores)


def cpu_seconds(process: int) -> float:
    """Return the processor time of the main thread of a process, which the kernel counts in nanoseconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def server_processes(database_url: str, redis_url: str) -> list[int]:
    """Return the processes of the servers that run on this machine, PostgreSQL's parent process included."""
    with psycopg.connect(database_url) as connection, redis.Redis.from_url(redis_url) as server:
        backends = [process for (process,) in connection.execute("SELECT pid FROM pg_stat_activity")]
        claimed = [*backends, int(server.info("server")["process_id"])]
        local = [process for process in claimed if _name(process) in ("postgres", "redis-server")]
        parents = {_parent(process) for process in local if _name(process) == "postgres"}
    return [*local, *parents]


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except FileNotFoundError:  # The server runs elsewhere.
        return ""


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
