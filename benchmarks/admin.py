"""Time the admin with ten million authentications and their events: ``python benchmarks/admin.py``.

It creates a database with two years of rows, counts their statistics, serves a site with the admin, and does over HTTP
what support does: lists, filters, searches, pages, exports, statistics. The table has the median of each, or of the
slowest way where there are many. The exit status is 1 when a bound is missed. ``--explain`` prints the query plans.

It needs PostgreSQL with 25 GB for the rows, which take a quarter of an hour, and the packages ``gunicorn`` and
``psycopg``. ``--keep`` keeps the database for later runs, with ``--name`` under a name of its own; ``--authentications
100000`` makes a quick run. ``--sizes`` prints what each table and index takes per authentication.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import psycopg

from benchmarks.serving import process_arguments, served

if TYPE_CHECKING:
    from benchmarks.admin_site.agents import Agent
    from benchmarks.admin_site.cases import Case, Visit

SETTINGS = "benchmarks.admin_site.settings"

#: A table without its indexes, then each of them.
_SIZES = """
    SELECT relname, pg_relation_size(oid) FROM pg_class WHERE oid = to_regclass(%(table)s)
    UNION ALL SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index
    WHERE indrelid = to_regclass(%(table)s) ORDER BY 2 DESC
"""
_IS_COMPLETE = "SELECT shobj_description(oid, 'pg_database') = 'complete' FROM pg_database WHERE datname = %s"


@dataclass(frozen=True, kw_only=True)
class Result:
    """The median of a case's slowest way, and the longest first time of all its ways, in seconds."""

    case: "Case"
    slowest: str
    first: float
    median: float

    @property
    def held(self) -> bool:
        return self.median <= self.case.bound


def measure(agent: "Agent", case: "Case", rounds: int) -> Result:
    """Do a case in each way twice, then in its slowest ways ``rounds`` times more."""
    first = {way: _seconds(agent, visit) for way, visit in case.visits.items()}
    again = {way: _seconds(agent, visit) for way, visit in case.visits.items()}
    medians = {way: _median(agent, case.visits[way], rounds) for way in nlargest(3, again, key=again.__getitem__)}
    slowest = max(medians, key=medians.__getitem__)
    return Result(case=case, slowest=slowest, first=max(first.values()), median=medians[slowest])


def _median(agent: "Agent", visit: "Visit", rounds: int) -> float:
    return statistics.median(_seconds(agent, visit) for _ in range(rounds))


def _seconds(agent: "Agent", visit: "Visit") -> float:
    agent.rest()
    start = time.perf_counter()
    visit(agent)
    return time.perf_counter() - start


def report(results: Iterable[Result]) -> list[Result]:
    """Print the table, and return the results in it."""
    print("|                                |   ways |     median |      bound | first time | slowest way")
    print("|--------------------------------|-------:|-----------:|-----------:|-----------:|-------------")
    return [_line(result) for result in results]


def _line(result: Result) -> Result:
    milliseconds = [f"{value * 1000:>7,.0f} ms" for value in (result.median, result.case.bound, result.first)]
    columns = [f"{result.case.name:<30}", f"{len(result.case.visits):>6}", *milliseconds, result.slowest]
    print(f"| {' | '.join(columns)}{'' if result.held else '  <- TOO SLOW'}", flush=True)
    return result


@contextmanager
def database(options: argparse.Namespace) -> Iterator[str]:
    """Yield a database with the rows, new or of an earlier run. A new one is dropped unless ``--keep`` is given."""
    name = options.name or f"django_ding_bench_{_short(options.authentications)}"
    url = urlunsplit(urlsplit(options.database_url)._replace(path=f"/{name}"))
    with closing(psycopg.connect(options.database_url, autocommit=True)) as server:
        is_kept = server.execute(_IS_COMPLETE, [name]).fetchone() == (True,)
        if not is_kept:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name}")
        try:
            prepare(url, 0 if is_kept else options.authentications)
            server.execute(f"COMMENT ON DATABASE {name} IS 'complete'")
            yield url
        finally:
            if not is_kept and not options.keep:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def prepare(url: str, authentications: int) -> None:
    """Configure this process for the database, migrate it, and add rows."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS}
    django.setup()
    from benchmarks.admin_site import loading

    loading.migrate()
    if authentications:
        loading.load(authentications)
    loading.roll_up()


def run(url: str, options: argparse.Namespace) -> bool:
    """Measure, report and explain; return whether all bounds hold."""
    from benchmarks.admin_site.agents import HttpAgent, session
    from benchmarks.admin_site.cases import cases

    if options.sizes:
        print_sizes(url, options.authentications)
    key = session()
    with (
        served(process_arguments(SETTINGS, DATABASE_URL=url)) as server,
        closing(HttpAgent(server.address, key)) as agent,
    ):
        chosen = (case for case in cases(agent) if options.only in case.name)
        results = report(measure(agent, case, options.rounds) for case in chosen)
    if options.explain:
        explain(key, results)
    return all(result.held for result in results)


def print_sizes(url: str, authentications: int) -> None:
    """Print the bytes of the big tables and their indexes per authentication."""
    from django_ding.models import Authentication, Event

    with closing(psycopg.connect(url)) as server:
        for model in (Authentication, Event):
            for name, size in server.execute(_SIZES, {"table": model._meta.db_table}):
                print(f"{name:<45} {size / authentications:>7,.1f} B")


def explain(key: str, results: Iterable[Result]) -> None:
    """Print the query plans of the slowest ways, each statement once."""
    from benchmarks.admin_site.agents import InsideAgent
    from benchmarks.admin_site.plans import plans

    explained: set[str] = set()
    for result in results:
        print(f"\n## {result.case.name}: {result.slowest}")
        for plan in plans(InsideAgent(key), result.case.visits[result.slowest], explained):
            print(f"\n{plan}")


def main() -> int:
    options = _options()
    with database(options) as url:
        return 0 if run(url, options) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time the admin with many rows.")
    parser.add_argument("--authentications", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT", help="measure only cases with this in their name")
    parser.add_argument("--explain", action="store_true", help="print the query plans")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next run")
    parser.add_argument("--name", help="the database (default: one named by the number of authentications)")
    parser.add_argument("--sizes", action="store_true", help="print the bytes per authentication")
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    return parser.parse_args()


def _short(count: int) -> str:
    """Return a number for a database name: ``10m``, ``100k``, ``1234``."""
    for size, letter in ((1_000_000, "m"), (1_000, "k")):
        if count % size == 0:
            return f"{count // size}{letter}"
    return str(count)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"PostgreSQL can't be used: {error}Choose another server with --database-url.")
