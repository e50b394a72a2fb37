"""Measure ``ding_purge`` on PostgreSQL: ``python benchmarks/purge.py``.

Each size has a database of its own, with three events per authentication, and all of it is old. Rows per second are
those of both tables over the whole run of the command, its start included. Memory is the most that the process ever
held. Ends with 1 when a bound is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.rest import own_database, rest_site

#: Rows per second.
LEAST = 20_000

#: How much more memory the largest run may take than the smallest one.
MOST_GROWTH = 1.1


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one or more processes at once deleted."""

    authentications: int
    events: int
    seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        return (self.authentications + self.events) / self.seconds


def measure(database_url: str, processes: int) -> Run:
    command = [sys.executable, "-m", "django", "ding_purge", "--older-than=30d", "--json"]
    start = time.perf_counter()
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, **rest_site(database_url)) for _ in range(processes)]
    ended = [_end(process) for process in started]
    return Run(
        authentications=sum(told["authentications"] for told, _ in ended),
        events=sum(told["events"] for told, _ in ended),
        seconds=time.perf_counter() - start,
        megabytes=max(kilobytes for _, kilobytes in ended) / 1024,
    )


def _end(process: subprocess.Popen[bytes]) -> tuple[dict[str, int], int]:
    """Return what the command told, and the most memory it held, in kilobytes."""
    told = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return json.loads(told), usage.ru_maxrss


def report(runs: dict[int, Run]) -> bool:
    """Print the table and tell whether all bounds hold."""
    print("| authentications |    events | seconds | rows per second | at least |   memory |")
    print("|----------------:|----------:|--------:|----------------:|---------:|---------:|")
    for run in runs.values():
        print(
            f"| {run.authentications:>15,} | {run.events:>9,} | {run.seconds:>7.1f} | {run.rate:>15,.0f} "
            f"| {LEAST:>8,} | {run.megabytes:>5.0f} MB |"
        )
    smallest, largest = runs[min(runs)], runs[max(runs)]
    is_complete = all(run.authentications == size for size, run in runs.items())
    is_flat = largest.megabytes <= MOST_GROWTH * smallest.megabytes
    return is_complete and is_flat and all(run.rate >= LEAST for run in runs.values())


def main() -> int:
    options = _options()
    runs = {}
    for size in options.authentications:
        with own_database(options.database_url, size, days_ago=90) as url:
            runs[size] = measure(url, options.processes)
    return 0 if report(runs) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure how fast ding_purge deletes old rows.")
    parser.add_argument("--authentications", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="how many purge at once (1)")
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"PostgreSQL can't be used: {error}Name another one with --database-url.")
