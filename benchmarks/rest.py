"""Compare the REST API with a floor of bare REST framework views: ``python benchmarks/rest.py``.

The floor validates a number and INSERTs a row, or counts a check with one conditional UPDATE, or retrieves one row.
This app does everything it does in production, with six rate limits in Redis and a backend that responds at once.

Each contestant is one gunicorn worker. All workers share a core, the servers and this program the other one, and the
contestants take turns in blocks of a hundred requests: one at a time, then eight in flight, with a connection for each
request and Django's default settings. ``--keep-alive`` keeps the connections, and with ``--prepared`` PostgreSQL
prepares statements, as docs/databases.md recommends.

The table has the median of a few rounds, ratios within a round, and the worker's processor time per request.
``--profile`` tells where that goes; it needs ``py-spy``. The exit status is 1 when a bound is missed.

It needs PostgreSQL, where it creates databases and drops them again, Redis, and the packages ``gunicorn``, ``psycopg``
and ``redis``. See ``--help`` for other servers, fewer calls and old rows.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psycopg
import redis

from benchmarks.cores import cpu_seconds, move, pinned, server_processes
from benchmarks.http_client import Client, Request
from benchmarks.profiling import profiled, profiler
from benchmarks.rest_calls import CALLS, FLOOR, Call, enter_codes
from benchmarks.serving import Server, gunicorn, process_arguments, served

BLOCK = 100
BLOCKS_PER_ROUND = 4
IN_FLIGHT = (1, 8)

#: In an empty table, PostgreSQL would plan the check of a foreign key as a scan of the whole, and keep that plan.
OLD_ROWS = 10_000

#: The minimum of the floor's time divided by this app's, with eight in flight: unprepared, and prepared.
MIN_RATIOS = {"send": (0.50, 0.55), "check": (0.65, 0.75), "refused send": (1.2, 1.2)}

#: How much of the speed must remain with old rows.
MIN_KEPT = 0.91


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Medians of one round, in milliseconds: of the time until the next response, and of the worker's processor."""

    time: float
    cpu: float


@dataclass
class Contestant:
    """A call of one server, and what its rounds have measured, by the number of requests in flight."""

    server: Server
    client: Client
    call: Call
    rounds: dict[int, list[Measurement]] = field(default_factory=lambda: {number: [] for number in IN_FLIGHT})
    _blocks: list[Measurement] = field(default_factory=list)

    def take_turn(self, in_flight: int) -> None:
        """Make a block of requests."""
        requests = self.call.block(self.client, BLOCK)
        start, cpu = time.perf_counter(), cpu_seconds(self.server.worker)
        responses = self.client.send_all(requests, at_a_time=in_flight)
        seconds, cpu = time.perf_counter() - start, cpu_seconds(self.server.worker) - cpu
        self._blocks.append(Measurement(time=seconds / BLOCK * 1000, cpu=cpu / BLOCK * 1000))
        self.finish(requests, responses)

    def finish(self, requests: list[Request], responses: list[str]) -> None:
        """Enter the codes that a block left, which isn't measured."""
        if self.call.leaves_codes:
            enter_codes(self.client, requests, responses)

    def end_round(self, in_flight: int) -> None:
        """Keep the medians of the blocks since the last round."""
        blocks, self._blocks = self._blocks, []
        times, cpus = [block.time for block in blocks], [block.cpu for block in blocks]
        self.rounds[in_flight].append(Measurement(time=statistics.median(times), cpu=statistics.median(cpus)))

    def cpu(self, in_flight: int) -> float:
        """Return the median of the rounds, in microseconds."""
        return statistics.median(measured.cpu for measured in self.rounds[in_flight]) * 1000

    def time(self, in_flight: int) -> float:
        """Return the median of the rounds, in milliseconds."""
        return statistics.median(measured.time for measured in self.rounds[in_flight])


def measure(contestants: Sequence[Contestant], rounds: int) -> None:
    """Let the contestants take turns. The first round only warms up."""
    for in_flight in IN_FLIGHT:
        for number in range(rounds + 1):
            for turn in range(BLOCKS_PER_ROUND if number else 1):
                # The order alternates, so that none always runs after the same other one.
                for contestant in contestants if turn % 2 else reversed(contestants):
                    contestant.take_turn(in_flight)
            for contestant in contestants:
                contestant.end_round(in_flight)
        for contestant in contestants:
            del contestant.rounds[in_flight][0]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A call of this app's beside the floor's, and beside the same call with fewer old rows."""

    name: str
    rows: int
    app: Contestant
    floor: Contestant
    fewest: Contestant

    def ratios(self, in_flight: int) -> list[float]:
        """Return the floor's time divided by this app's, in each round."""
        rounds = zip(self.floor.rounds[in_flight], self.app.rounds[in_flight], strict=True)
        return [floor.time / app.time for floor, app in rounds]

    def kept(self, in_flight: int) -> float:
        """Return the speed relative to that with the fewest rows."""
        rounds = zip(self.fewest.rounds[in_flight], self.app.rounds[in_flight], strict=True)
        return statistics.median(fewest.time / app.time for fewest, app in rounds)


def report(comparisons: Sequence[Comparison], *, prepared: bool) -> bool:
    """Print the table, and return whether all bounds hold."""
    columns = ["call            ", "old rows", "in flight", "floor ms", "app ms", "floor / app", "   in rounds"]
    columns += ["at least", "kept", "floor CPU µs", "app CPU µs"]
    print(f"\n| {' | '.join(columns)} |\n|-{'-|-'.join('-' * len(column) for column in columns)}-|")
    held = [_line(comparison, in_flight, prepared) for comparison in comparisons for in_flight in IN_FLIGHT]
    return all(held)


def _line(comparison: Comparison, in_flight: int, prepared: bool) -> bool:
    ratios, kept = comparison.ratios(in_flight), comparison.kept(in_flight)
    floor, app = comparison.floor, comparison.app
    bounds = MIN_RATIOS.get(comparison.name) if in_flight == max(IN_FLIGHT) else None
    bound = bounds[prepared] if bounds else 0.0
    print(
        f"| {comparison.name:<16} | {comparison.rows:>8,} | {in_flight:>9} | {floor.time(in_flight):>8.2f} "
        f"| {app.time(in_flight):>6.2f} | {statistics.median(ratios):>11.2f} | {min(ratios):.2f} to {max(ratios):.2f} "
        f"| {bound or '':>8} | {kept:>4.2f} | {floor.cpu(in_flight):>12,.0f} | {app.cpu(in_flight):>10,.0f} |"
    )
    return statistics.median(ratios) >= bound and (not bound or kept >= MIN_KEPT)


def profile(comparisons: Sequence[Comparison], *, seconds: int = 8) -> None:
    """Print where the processor time of each call goes."""
    in_flight = max(IN_FLIGHT)
    for comparison in comparisons:
        for name, contestant in ((f"floor's {comparison.name}", comparison.floor), (comparison.name, comparison.app)):
            blocks = math.ceil(seconds * 1000 / BLOCK / contestant.time(in_flight))
            requests = [contestant.call.block(contestant.client, BLOCK) for _ in range(blocks)]
            with profiled(contestant.server.worker, seconds=seconds) as result:
                responses = [contestant.client.send_all(block, at_a_time=in_flight) for block in requests]
            for block, answered in zip(requests, responses, strict=True):
                contestant.finish(block, answered)
            result.report(name, contestant.cpu(in_flight))


@dataclass(frozen=True)
class Sites:
    """The servers that this run has started, each once, all on one core."""

    options: argparse.Namespace
    core: int
    _stack: ExitStack
    _started: dict[tuple[str, frozenset[tuple[str, str]], str], tuple[Server, Client]] = field(default_factory=dict)

    def contestant(self, call: Call, database_url: str, name: str) -> Contestant:
        """Return a call of the server of this name with this database, and with the call's variables."""
        key = (database_url, frozenset(call.variables.items()), name)
        if key not in self._started:
            self._started[key] = self._start(database_url, call.variables)
        return Contestant(*self._started[key], call)

    def _start(self, database_url: str, variables: Mapping[str, str]) -> tuple[Server, Client]:
        keep_alive = self.options.keep_alive
        site = rest_site(database_url, self.options.redis_url, prepares=self.options.prepared, **variables)
        server = self._stack.enter_context(served(site, gunicorn(keep_alive=keep_alive)))
        move(server.worker, {self.core})
        return server, self._stack.enter_context(closing(Client(server.address, keep_alive)))


@contextmanager
def own_database(url: str, rows: int, *, days_ago: int = 0) -> Iterator[str]:
    """Create a database with tables and old rows, the newest ``days_ago`` days old, and drop it in the end."""
    name = f"django_ding_benchmark_{os.getpid()}_{rows}"
    own_url = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with closing(psycopg.connect(url, autocommit=True)) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            _run_rows(f"make({rows}, days_ago={days_ago})", own_url)
            yield own_url
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kept_databases(url: str, names: Sequence[str]) -> dict[int, str]:
    """Return the URLs of databases that ``benchmarks/admin.py --keep`` filled, by their number of authentications."""
    urls = [urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for name in names]
    for kept_url in urls:
        _run_rows("add_floor()", kept_url)
    return {_authentications(kept_url): kept_url for kept_url in urls}


def _authentications(url: str) -> int:
    with closing(psycopg.connect(url)) as server:
        return server.execute("SELECT count(*) FROM django_ding_authentication").fetchone()[0]


def _run_rows(call: str, url: str) -> None:
    """Call a function of ``rest_site.rows`` in a process of its own, which Django is configured for once."""
    script = f"import django; django.setup(); from benchmarks.rest_site.rows import *; {call}"
    subprocess.run([sys.executable, "-c", script], check=True, **rest_site(url))


@contextmanager
def own_keys(url: str) -> Iterator[None]:
    """Delete this benchmark's keys in Redis in the end."""
    with redis.Redis.from_url(url) as server:
        server.ping()
        try:
            yield
        finally:
            for keys in iter(lambda: list(server.scan_iter(f"{_prefix()}:*", count=10_000)), []):
                server.delete(*keys)


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        stack.enter_context(own_keys(options.redis_url))
        if options.kept:
            databases = kept_databases(options.database_url, options.kept)
        else:
            databases = {n: stack.enter_context(own_database(options.database_url, n)) for n in options.old_rows}
        core = stack.enter_context(pinned(server_processes(options.database_url, options.redis_url)))
        sites = Sites(options, core, stack)
        comparisons = list(_comparisons(databases, sites))
        contestants = {id(item): item for entry in comparisons for item in (entry.floor, entry.app)}
        measure([*contestants.values()], options.rounds)
        held = report(comparisons, prepared=options.prepared)
        if options.profile:
            profile(comparisons)
    return 0 if held else 1


def _comparisons(databases: Mapping[int, str], sites: Sites) -> Iterator[Comparison]:
    fewest = databases[min(databases)]
    floors = {name: sites.contestant(call, fewest, "floor") for name, call in FLOOR.items()}
    for name in sites.options.calls:
        call = CALLS[name]
        if missing := [package for package in call.packages if not find_spec(package)]:
            print(f"{name} is left out, because {missing[0]} isn't installed.", file=sys.stderr)
            continue
        apps = {rows: sites.contestant(call, url, "app") for rows, url in databases.items()}
        for rows, app in apps.items():
            yield Comparison(name=name, rows=rows, app=app, floor=floors[call.floor], fewest=apps[min(apps)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the REST API with bare REST framework views.")
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=[*CALLS], metavar="CALL", help=", ".join(CALLS))
    parser.add_argument("--old-rows", type=int, nargs="+", default=[OLD_ROWS], metavar="N")
    parser.add_argument(
        "--kept",
        nargs="+",
        metavar="NAME",
        help="use databases that admin.py --keep filled; live codes of an aborted run are in the way for ten minutes",
    )
    parser.add_argument("--rounds", type=int, default=4, metavar="N")
    parser.add_argument(
        "--keep-alive", action="store_true", help="keep the connections, with gunicorn's gthread worker"
    )
    parser.add_argument("--prepared", action="store_true", help="let PostgreSQL prepare statements")
    parser.add_argument("--profile", action="store_true", help="tell where the processor time goes")
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    parser.add_argument("--redis-url", default="redis://127.0.0.1:6379/0")
    options = parser.parse_args()
    if options.profile and not profiler():
        parser.error("--profile needs py-spy: python -m pip install py-spy")
    options.old_rows = sorted(set(options.old_rows))
    return options


def _prefix() -> str:
    return f"django_ding_benchmark_{os.getpid()}"


def rest_site(
    database_url: str,
    redis_url: str = "redis://",
    *,
    prepares: bool = False,
    settings: str = "benchmarks.rest_site.settings",
    **variables: str,
) -> dict[str, Any]:
    """Return the arguments that a process of the site is started with.

    :param variables: more environment variables, which the settings read.
    """
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "REDIS_PREFIX": _prefix()}
    return process_arguments(settings, PREPARES="1" if prepares else "", **servers, **variables)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"PostgreSQL can't be used: {error}Choose another server with --database-url.")
    except redis.RedisError as error:
        sys.exit(f"Redis can't be used: {error} Choose another server with --redis-url.")
