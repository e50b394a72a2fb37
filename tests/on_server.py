"""Run the tests on a database server: ``python -m tests.on_server postgresql|mariadb [arguments of pytest]``.

``TEST_POSTGRESQL_URL``, ``TEST_MARIADB_URL`` and ``TEST_REDIS_URL`` say where the servers are. Where the database
can't be reached, its tests are skipped, and those that are not slow run on SQLite; where Redis can't be, the cache is
local memory. With ``CI=true`` either is a failure.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from example_project.example.environment import database

#: What ``tests.settings`` reads.
DATABASE_VARIABLE = "TEST_DATABASE_URL"


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
REDIS = Server(
    name="Redis",
    variable="TEST_REDIS_URL",
    default=f"redis://127.0.0.1:6379/{os.environ.get('TEST_REDIS_DATABASE', '0')}",
    connect=_connect_redis,
)


def main(arguments: list[str]) -> int:
    name, *arguments = arguments
    server = {"postgresql": POSTGRESQL, "mariadb": MARIADB}[name]
    up = [each for each in (server, REDIS) if each.is_reachable()]
    if len(up) < 2 and os.environ.get("CI") == "true":
        print("CI=true: a server that is not reachable is a failure.")
        return 1
    chosen_here = (DATABASE_VARIABLE, REDIS.variable)
    environment = {name: value for name, value in os.environ.items() if name not in chosen_here}
    if REDIS in up:
        environment[REDIS.variable] = REDIS.url
    if server in up:
        environment[DATABASE_VARIABLE] = server.url
    else:
        print(f"The tests on {server.name} are skipped: those that are not slow run on SQLite.")
        arguments = [*arguments, "-m", "not slow and not browser and not hosts"]
    print(f"The cache: {'Redis' if REDIS in up else 'local memory'}", flush=True)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
