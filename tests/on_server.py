"""Run the tests on each database server: ``python -m tests.on_servers [arguments of pytest]``.

``TEST_POSTGRESQL_URL``, ``TEST_MARIADB_URL`` and ``TEST_REDIS_URL`` say where the servers are. One that cannot be
reached is named and skipped; with ``CI=true`` that is a failure.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from example_project.example.environment import database


def _connect_postgresql(url: str) -> None:
    import psycopg

    settings = database(url)
    options = {name: settings[name.upper()] for name in ("user", "password", "host", "port") if settings[name.upper()]}
    psycopg.connect(dbname=settings["NAME"], connect_timeout=5, **options).close()


def _connect_mariadb(url: str) -> None:
    import pymysql

    settings = database(url)
    address: dict[str, Any] = {"host": settings["HOST"], "port": int(settings["PORT"] or 3306)}
    if settings["HOST"].startswith("/"):
        address = {"unix_socket": settings["HOST"]}
    pymysql.connect(user=settings["USER"], password=settings["PASSWORD"], connect_timeout=5, **address).close()


def _connect_redis(url: str) -> None:
    import redis

    with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
        client.ping()


@dataclass(frozen=True, kw_only=True)
class Server:
    name: str
    variable: str
    default: str
    connect: Callable[[str], None]

    @property
    def url(self) -> str:
        return os.environ.get(self.variable) or self.default

    @property
    def address(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2] or urlsplit(self.url).query

    def is_reachable(self) -> bool:
        """Return whether the server lets us in, and print it."""
        try:
            self.connect(self.url)
        except Exception as error:  # noqa: BLE001 - each driver has its own
            print(f"{self.name} is not reachable at {self.address} ({type(error).__name__}).", flush=True)
            return False
        print(f"{self.name} is reachable at {self.address}.", flush=True)
        return True


POSTGRESQL = Server(
    name="PostgreSQL",
    variable="TEST_POSTGRESQL_URL",
    default="postgresql://postgres@127.0.0.1:5432/postgres",
    connect=_connect_postgresql,
)
MARIADB = Server(
    name="MariaDB", variable="TEST_MARIADB_URL", default="mysql://root@127.0.0.1:3306/test", connect=_connect_mariadb
)
REDIS = Server(name="Redis", variable="TEST_REDIS_URL", default="redis://127.0.0.1:6379/0", connect=_connect_redis)


def main(arguments: list[str]) -> int:
    up = [server for server in (POSTGRESQL, MARIADB, REDIS) if server.is_reachable()]
    if len(up) < 3 and os.environ.get("CI") == "true":
        print("CI=true: a server that is not reachable is a failure.")
        return 1
    results = {server.name: _run(server, arguments, with_redis=REDIS in up) for server in up if server is not REDIS}
    print()
    for server in (POSTGRESQL, MARIADB):
        print(f"{server.name}: {_outcome(results.get(server.name))}")
    print(f"Redis: {'their cache' if REDIS in up else 'skipped, the cache was local memory'}", flush=True)
    return 1 if any(results.values()) else 0


def _run(server: Server, arguments: list[str], *, with_redis: bool) -> int:
    environment = {name: value for name, value in os.environ.items() if name != REDIS.variable}
    environment["TEST_DATABASE_URL"] = server.url
    if with_redis:
        environment["TEST_REDIS_URL"] = REDIS.url
    print(f"\nThe tests on {server.name}", flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment).returncode


def _outcome(code: int | None) -> str:
    if code is None:
        return "skipped"
    return "failed" if code else "passed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
