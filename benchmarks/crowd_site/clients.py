"""Clients that send all the time, visitors that don't, and a look at what PostgreSQL sees meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import psycopg

from benchmarks.crowd_site.provider import content_length

API = "/api/phone/authentications/"
ASEND = "/asend/"
BARE = "/bare/"

#: Seconds between two requests of a visitor, and between two looks at PostgreSQL.
PAUSE = 0.01
LOOK = 0.05

#: Ten million numbers. Successive ones have different prefixes, so no rate by prefix is reached.
_numbers = (f"+3361{index * 7_919 % 10_000_000:07}" for index in count())

_ACTIVITY = """
SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Client:
    """Speaks HTTP over one connection with little code, because all of them share the machine with the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, path: str) -> tuple[int, str]:
        """Send a code to a new number; return the status and the body of the response."""
        return await self.request("POST", path, f'{{"phone_number": "{next(_numbers)}", "purpose": "second_factor"}}')

    async def request(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write((head + body).encode())
        received = await self._reader.readuntil(b"\r\n\r\n")
        answer = await self._reader.readexactly(content_length(received))
        return int(received.split(b" ", 2)[1]), answer.decode()


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


@dataclass
class Seen:
    """What was seen while it was not warming up.

    :ivar sent: how many sends were answered with 201, and how many ``failed``.
    :ivar waits: the seconds that each request of a visitor took, by kind.
    :ivar connections: the most that the site had to PostgreSQL at once.
    :ivar longest_transaction: in seconds.
    """

    sent: int = 0
    failed: int = 0
    waits: dict[str, list[float]] = field(default_factory=dict)
    connections: int = 0
    longest_transaction: float = 0.0
    is_warming_up: bool = True

    def percentile(self, kind: str, percent: int) -> float:
        """Return milliseconds."""
        waits = sorted(self.waits[kind])
        return waits[len(waits) * percent // 100] * 1000

    async def keep_sending(self, address: tuple[str, int], path: str, *, delay: float = 0.0) -> None:
        await asyncio.sleep(delay)
        async with connected(address) as client:
            while True:
                status, _ = await client.send(path)
                if not self.is_warming_up:
                    self.sent += status == 201
                    self.failed += status != 201

    async def visit(self, address: tuple[str, int], path: str, kind: str) -> None:
        waits = self.waits.setdefault(kind, [])
        async with connected(address) as client:
            while True:
                start = time.perf_counter()
                try:
                    await client.request("GET", path)
                finally:  # One that is under way in the end has waited, too.
                    if not self.is_warming_up:
                        waits.append(time.perf_counter() - start)
                await asyncio.sleep(PAUSE)

    async def look(self, database_url: str) -> None:
        """Look at the site's connections to PostgreSQL."""
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as server:
            while True:
                cursor = await server.execute(_ACTIVITY)
                connections, seconds = await cursor.fetchone() or (0, 0)
                if not self.is_warming_up:
                    self.connections = max(self.connections, connections)
                    self.longest_transaction = max(self.longest_transaction, float(seconds))
                await asyncio.sleep(LOOK)
