"""Compare the REST API with a baseline of bare REST framework views: ``python benchmarks/rest.py``.

The floor validates a number and INSERTs a row, or counts a check with one conditional UPDATE. This app does everything
it does in production, with six rate limits in Redis and a backend that responds at once. The floor and this app, with
each number of old rows, run in one gunicorn worker each, all at the same time, and take turns in blocks. All of them
are started several times, because where the system places them matters more than anything that changes while they run.
The table has the median of the starts; the exit status is 1 when a bound is missed.

All connections let PostgreSQL prepare statements, as docs/databases.md recommends. With ``--unprepared`` none does,
which is Django's default.

It needs PostgreSQL, where it creates databases and drops them again, Redis, and the packages ``gunicorn``, ``psycopg``
and ``redis``. See ``--help`` for other servers, other numbers of old rows and more rounds.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psycopg
import redis

from benchmarks.serving import process_arguments, served

BLOCK = 100
WARM_UP = 2

#: The minimum of the floor's time divided by this app's, and how much of it must remain with old rows.
MIN_RATIO = {"send": 0.50, "check": 0.60}
MIN_KEPT = 0.95

FLOOR = "/floor/"
APP = "/api/phone/authentications/"

#: Ten million numbers. Successive ones have different prefixes, so no rate by prefix is reached.
_numbers = (f"+3361{index * 7_919 % 10_000_000:07}" for index in count())


class Client:
    """Speaks HTTP over one connection with as little code as possible, because the client isn't measured."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: str) -> str:
        """Return the body of the response, which must be a success."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall((head + body).encode())
        head, body = self._read_response()
        if not head.startswith(("HTTP/1.1 200", "HTTP/1.1 201")):
            raise SystemExit(f"POST {path} failed with {head.splitlines()[0]}: {body[:500]}")
        return body

    def close(self) -> None:
        self._socket.close()

    def _read_response(self) -> tuple[str, str]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += self._receive()
        return head.decode(), body.decode()

    def _receive(self) -> bytes:
        received = self._socket.recv(65_536)
        if not received:
            raise SystemExit("A server closed the connection. See its output for the reason.")
        return received


@dataclass
class Contestant:
    """A server, and the seconds that each of its blocks took, by call."""

    client: Client
    path: str
    times: dict[str, list[float]] = field(default_factory=lambda: {"send": [], "check": []})

    def take_turn(self) -> None:
        """Send a block of codes, then check each."""
        ids: list[str] = []
        self._measure("send", lambda: ids.append(self._send(next(_numbers))))
        waiting = iter(ids)
        self._measure("check", lambda: self.client.post(f"{self.path}{next(waiting)}/check/", '{"code": "123456"}'))

    def median(self, call: str) -> float:
        """Return milliseconds per call."""
        return statistics.median(self.times[call]) / BLOCK * 1000

    def _send(self, number: str) -> str:
        answer = self.client.post(self.path, f'{{"phone_number": "{number}", "purpose": "second_factor"}}')
        return answer.partition('"id":"')[2].partition('"')[0]

    def _measure(self, call: str, once: Callable[[], object]) -> None:
        start = time.perf_counter()
        for _ in range(BLOCK):
            once()
        self.times[call].append(time.perf_counter() - start)


def measure(contestants: Sequence[Contestant], rounds: int) -> None:
    """Let the contestants take turns. The first rounds only warm up."""
    for turn in range(WARM_UP + rounds):
        if turn == WARM_UP:
            forget(contestants)
        # The order alternates, so that none always runs after the same other one.
        for contestant in contestants if turn % 2 else reversed(contestants):
            contestant.take_turn()


def forget(contestants: Sequence[Contestant]) -> None:
    for contestant in contestants:
        for times in contestant.times.values():
            times.clear()


@dataclass(frozen=True)
class Medians:
    """The result of one start: milliseconds per call, of the floor and of this app by the number of old rows."""

    floor: float
    apps: Mapping[int, float]

    def ratio(self, rows: int) -> float:
        """Return the floor's time divided by this app's."""
        return self.floor / self.apps[rows]

    def kept(self, rows: int) -> float:
        """Return the speed relative to that with the fewest rows."""
        return self.apps[min(self.apps)] / self.apps[rows]


def report(starts: Mapping[str, Sequence[Medians]]) -> bool:
    """Print the table, and return whether all bounds hold."""
    print("| call  |  old rows |    floor | this app | floor / this app |   in all starts | at least | kept |")
    print("|-------|----------:|---------:|---------:|-----------------:|----------------:|---------:|-----:|")
    held = [_line(call, rows, measured) for call, measured in starts.items() for rows in measured[0].apps]
    return all(held)


def _line(call: str, rows: int, starts: Sequence[Medians]) -> bool:
    ratios = [start.ratio(rows) for start in starts]
    ratio, kept = statistics.median(ratios), statistics.median(start.kept(rows) for start in starts)
    floor = statistics.median(start.floor for start in starts)
    app = statistics.median(start.apps[rows] for start in starts)
    print(
        f"| {call:<5} | {rows:>9,} | {floor:>5.2f} ms | {app:>5.2f} ms | {ratio:>16.2f} "
        f"|    {min(ratios):.2f} to {max(ratios):.2f} | {MIN_RATIO[call]:>8.2f} | {kept:>4.2f} |"
    )
    return ratio >= MIN_RATIO[call] and kept >= MIN_KEPT


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
def client_of(database_url: str, options: argparse.Namespace) -> Iterator[Client]:
    """Serve the site and connect to it."""
    site = rest_site(database_url, options.redis_url, prepares=not options.unprepared)
    with served(site) as address, closing(Client(address)) as client:
        yield client


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
        starts = [start(databases, options) for _ in range(options.starts)]
    return 0 if report({call: [measured[call] for measured in starts] for call in MIN_RATIO}) else 1


def start(databases: Mapping[int, str], options: argparse.Namespace) -> dict[str, Medians]:
    """Start all servers and let them take turns; return the medians by call."""
    with ExitStack() as stack:
        clients = {rows: stack.enter_context(client_of(url, options)) for rows, url in databases.items()}
        fewest = databases[min(databases)]
        floor = Contestant(stack.enter_context(client_of(fewest, options)), FLOOR)
        apps = {rows: Contestant(client, APP) for rows, client in clients.items()}
        measure([floor, *apps.values()], options.rounds)
        return {
            call: Medians(floor.median(call), {rows: app.median(call) for rows, app in apps.items()})
            for call in MIN_RATIO
        }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the REST API with bare REST framework views.")
    parser.add_argument("--old-rows", type=int, nargs="+", default=[0, 100_000, 1_000_000], metavar="N")
    parser.add_argument(
        "--kept", nargs="+", metavar="NAME", help="use databases that admin.py --keep filled, which keep what is sent"
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--starts", type=int, default=5, metavar="N")
    parser.add_argument("--unprepared", action="store_true", help="let PostgreSQL parse and plan every statement")
    parser.add_argument("--database-url", default="postgresql://postgres@/postgres?host=/var/run/postgresql")
    parser.add_argument("--redis-url", default="redis://127.0.0.1:6379/0")
    options = parser.parse_args()
    options.old_rows = sorted(set(options.old_rows))
    return options


def _prefix() -> str:
    return f"django_ding_benchmark_{os.getpid()}"


def rest_site(database_url: str, redis_url: str = "redis://", *, prepares: bool = True) -> dict[str, Any]:
    """Return the arguments that a process of the site is started with."""
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "REDIS_PREFIX": _prefix()}
    return process_arguments("benchmarks.rest_site.settings", PREPARES="1" if prepares else "", **servers)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"PostgreSQL can't be used: {error}Choose another server with --database-url.")
    except redis.RedisError as error:
        sys.exit(f"Redis can't be used: {error} Choose another server with --redis-url.")
