"""Send many codes at once to a provider that takes its time: ``python benchmarks/crowd.py``.

``crowd`` keeps 56 or 200 sends under way at a provider that takes 2 seconds, in one process: of gunicorn with 64
threads, or of uvicorn. Meanwhile a visitor reads a verification, and another asks for a view that does nothing. The
table compares how long they wait with how long they do while nobody sends, and has what PostgreSQL sees: the most
connections, and the longest transaction. The exit status is 1 if a transaction was open while the provider was asked,
or if visitors with workers of their own waited too long.

``capacity`` prints the sends per second of this machine by gunicorn's workers and the provider's latency, each beside
the prediction of the formula in docs/how-to/size-for-production.md.

It needs PostgreSQL that accepts 250 connections, where it creates a database and drops it again, Redis, and the
packages ``gunicorn``, ``uvicorn``, ``psycopg[pool]`` and ``redis``. See ``--help`` for other servers.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crowd_site.clients import API, ASEND, BARE, Seen, connected
from benchmarks.crowd_site.provider import provider
from benchmarks.rest import OLD_ROWS, own_database, own_keys, rest_site
from benchmarks.serving import gunicorn, served, uvicorn

#: Of ``crowd``: the threads of gunicorn, and the seconds that the provider takes.
THREADS = 64
LATENCY = 2.0
#: A visitor's 99th percentile, divided by that while nobody sends, may be so high if visitors have their own workers.
MAX_OF_IDLE = 1.5
#: Seconds that a transaction may be open: less than any wait for the provider.
MAX_TRANSACTION = 1.0

#: Of ``capacity``: so few threads for each worker that a small machine can keep them all waiting.
FEW_THREADS = 16
WORKERS = [1, 2, 4]
LATENCIES = [0.1, 0.5, 2.0]

#: Seconds of each measurement, and of what comes before it.
MEASURED = 8.0
WARM_UP = 5.0


@dataclass(frozen=True, kw_only=True)
class Site:
    """A server, and how the site that it serves uses the database.

    :ivar keeps_connections: between requests, as ``CONN_MAX_AGE`` says.
    :ivar pool: connections in Django's pool; 0 for none.
    :ivar releases: ``RELEASE_CONNECTIONS``.
    """

    server: Sequence[str] = gunicorn(threads=THREADS)
    keeps_connections: bool = False
    pool: int = 0
    releases: bool = False

    @contextmanager
    def run(self, options: argparse.Namespace, provider_url: str) -> Iterator[tuple[str, int]]:
        site = rest_site(
            options.own_database,
            options.redis_url,
            prepares=self.keeps_connections or self.pool > 0,
            settings="benchmarks.crowd_site.settings",
            PROVIDER_URL=provider_url,
            CONN_MAX_AGE="null" if self.keeps_connections else "0",
            POOL_SIZE=str(self.pool),
            RELEASE_CONNECTIONS=str(self.releases),
        )
        with served(site, self.server) as server:
            yield server.address


GUNICORN = Site(keeps_connections=True)
RELEASING = Site(pool=8, releases=True)
UVICORN = Site(server=uvicorn())
UVICORN_HOLDING = Site(server=uvicorn(), pool=8)
UVICORN_RELEASING = Site(server=uvicorn(), pool=8, releases=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row of the first table.

    :ivar has_own_workers: whether the visitors are served by another process than the sends.
    """

    name: str
    site: Site
    sends: int
    path: str = API
    has_own_workers: bool = False


CASES = [
    Case(name="gunicorn, connections kept", site=GUNICORN, sends=56),
    Case(name="gunicorn, connections kept", site=GUNICORN, sends=200),
    Case(name="gunicorn, the same, others have own workers", site=GUNICORN, sends=200, has_own_workers=True),
    Case(name="gunicorn, pool of 8, released", site=RELEASING, sends=56),
    Case(name="uvicorn, no pool", site=UVICORN, sends=56),
    Case(name="uvicorn, no pool", site=UVICORN, sends=200),
    Case(name="uvicorn, pool of 8", site=UVICORN_HOLDING, sends=56),
    Case(name="uvicorn, pool of 8, released", site=UVICORN_RELEASING, sends=56),
    Case(name="uvicorn, pool of 8, released", site=UVICORN_RELEASING, sends=200),
    Case(name="uvicorn, the same, asend", site=UVICORN_RELEASING, sends=200, path=ASEND),
]


async def watch(
    seen: Seen, address: tuple[str, int], others: tuple[str, int], database_url: str, *, sends: int = 0, path: str = API
) -> None:
    """Keep sends under way while visitors visit, and add what is seen after a warm-up.

    :param others: the address where the visitors are served.
    """
    async with connected(others) as client:
        _, answer = await client.send(API)
    delays = [LATENCY * number / sends for number in range(sends)]
    tasks = [asyncio.create_task(seen.keep_sending(address, path, delay=delay)) for delay in delays]
    tasks.append(asyncio.create_task(seen.visit(others, f"{API}{json.loads(answer)['id']}/", "read")))
    tasks.append(asyncio.create_task(seen.visit(others, BARE, "bare")))
    tasks.append(asyncio.create_task(seen.look(database_url)))
    await during(tasks, seen)


async def load(seen: Seen, address: tuple[str, int], sends: int) -> None:
    """Keep sends under way, and nothing else, once the first one was answered."""
    async with connected(address) as client:
        await client.send(API)
    delays = [WARM_UP / 2 * number / sends for number in range(sends)]
    await during([asyncio.create_task(seen.keep_sending(address, API, delay=delay)) for delay in delays], seen)


async def during(tasks: Sequence[asyncio.Task[None]], seen: Seen) -> None:
    """Let tasks run for a warm-up, in which nothing is seen, and for the time of a measurement."""
    await asyncio.wait(tasks, timeout=WARM_UP, return_when=asyncio.FIRST_EXCEPTION)
    seen.is_warming_up = False
    await asyncio.wait(tasks, timeout=MEASURED, return_when=asyncio.FIRST_EXCEPTION)
    failed = [task.exception() for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    seen.is_warming_up = True
    if failed:
        raise SystemExit(f"A client failed: {failed[0]!r}")


def crowd(options: argparse.Namespace) -> bool:
    """Print the first table; return whether the bounds hold."""
    columns = ["one process", "sends under way", "sends/s", "failed", "read: median", "p99", "/ idle"]
    columns += ["bare: median", "p99", "/ idle", "connections", "longest transaction"]
    _print(columns)
    _print(["---"] * len(columns))
    held = [_row(case, options) for case in options.cases]
    return all(held)


def _row(case: Case, options: argparse.Namespace) -> bool:
    idle, busy = Seen(), Seen()
    with ExitStack() as stack:
        url = stack.enter_context(provider(LATENCY))
        address = stack.enter_context(case.site.run(options, url))
        others = stack.enter_context(case.site.run(options, url)) if case.has_own_workers else address
        for _ in range(options.rounds):
            asyncio.run(watch(idle, address, others, options.own_database))
            asyncio.run(watch(busy, address, others, options.own_database, sends=case.sends, path=case.path))
    ratios = {kind: busy.percentile(kind, 99) / idle.percentile(kind, 99) for kind in busy.waits}
    cells = [case.name, str(case.sends), f"{busy.sent / MEASURED / options.rounds:.1f}", str(busy.failed)]
    for kind, ratio in ratios.items():
        cells += [f"{busy.percentile(kind, percent):.0f} ms" for percent in (50, 99)] + [f"{ratio:.1f}"]
    _print([*cells, str(busy.connections), f"{busy.longest_transaction * 1000:.0f} ms"])
    is_bounded = not case.has_own_workers or max(ratios.values()) <= MAX_OF_IDLE
    return is_bounded and busy.longest_transaction < MAX_TRANSACTION


def capacity(options: argparse.Namespace) -> bool:
    """Print the second table."""
    _print(["workers", "at once", *(f"{latency} s" for latency in LATENCIES)])
    _print(["---"] * (len(LATENCIES) + 2))
    for workers in WORKERS:
        most = _sends_per_second(options, workers, 0)
        cells = [f"{most:.0f}"]
        for latency in LATENCIES:
            predicted = min(workers * FEW_THREADS / latency, most)
            cells.append(f"{_sends_per_second(options, workers, latency):.0f} ({predicted:.0f})")
        _print([str(workers), *cells])
    return True


def _sends_per_second(options: argparse.Namespace, workers: int, latency: float) -> float:
    site, seen = Site(server=gunicorn(workers=workers, threads=FEW_THREADS), keeps_connections=True), Seen()
    with provider(latency) as url, site.run(options, url) as address:
        asyncio.run(load(seen, address, sends=2 * workers * FEW_THREADS))
    return seen.sent / MEASURED


def _print(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Send many codes at once to a provider that takes its time.")
    parser.add_argument("table", choices=["crowd", "capacity"])
    parser.add_argument("--cases", type=int, nargs="+", default=range(len(CASES)), metavar="N", help="rows of crowd")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of crowd, without and with sends in turn")
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    parser.add_argument("--redis-url", default="redis://127.0.0.1:6379/0")
    options = parser.parse_args()
    options.cases = [CASES[number] for number in options.cases]
    with own_keys(options.redis_url), own_database(options.database_url, OLD_ROWS) as options.own_database:
        return 0 if {"crowd": crowd, "capacity": capacity}[options.table](options) else 1


if __name__ == "__main__":
    sys.exit(main())
