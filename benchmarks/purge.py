"""Measure ``ding_purge`` on PostgreSQL: ``python benchmarks/purge.py``.

Each size has a database of its own with old rows only, three events per authentication. Rows per second count both
tables over the whole run of the command, including its start. Memory is the peak of the process. The exit status is 1
when a bound is missed.
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
MIN_ROWS_PER_SECOND = 20_000

#: The maximum of the largest run's memory divided by the smallest run's.
MAX_GROWTH = 1.1


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one or several simultaneous processes deleted."""

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
    ended = [_wait(process) for process in started]
    return Run(
        authentications=sum(report["authentications"] for report, _ in ended),
        events=sum(report["events"] for report, _ in ended),
        seconds=time.perf_counter() - start,
        megabytes=max(kilobytes for _, kilobytes in ended) / 1024,
    )


def _wait(process: subprocess.Popen[bytes]) -> tuple[dict[str, int], int]:
    """Return the command's report, and its peak memory in kilobytes."""
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return json.loads(output), usage.ru_maxrss


def report(runs: dict[int, Run]) -> bool:
    """Print the table, and return whether all bounds hold."""
    print("| authentications |    events | seconds | rows per second | at least |   memory |")
    print("|----------------:|----------:|--------:|----------------:|---------:|---------:|")
    for run in runs.values():
        print(
            f"| {run.authentications:>15,} | {run.events:>9,} | {run.seconds:>7.1f} | {run.rate:>15,.0f} "
            f"| {MIN_ROWS_PER_SECOND:>8,} | {run.megabytes:>5.0f} MB |"
        )
    smallest, largest = runs[min(runs)], runs[max(runs)]
    is_complete = all(run.authentications == size for size, run in runs.items())
    is_flat = largest.megabytes <= MAX_GROWTH * smallest.megabytes
    return is_complete and is_flat and all(run.rate >= MIN_ROWS_PER_SECOND for run in runs.values())


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
    parser.add_argument(
        "--processes", type=int, default=1, metavar="N", help="number of simultaneous purges (default: 1)"
    )
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"PostgreSQL can't be used: {error}Choose another server with --database-url.")
