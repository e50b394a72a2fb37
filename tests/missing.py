"""Name what this machine lacks, so that tests were skipped, and how to get it: ``python -m tests.missing``.

It is what a run of tox ends with. It looks for everything itself, in the way that the tests do.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from tests.browser import chromium
from tests.on_server import MARIADB, POSTGRESQL, REDIS, Server

_CONTAINERS = {
    "PostgreSQL": "docker run --detach --publish 5432:5432 --env POSTGRES_HOST_AUTH_METHOD=trust postgres:17",
    "MariaDB": "docker run --detach --publish 3306:3306 --env MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 "
    "--env MARIADB_DATABASE=test mariadb:11",
    "Redis": "docker run --detach --publish 6379:6379 redis:7",
}


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What is not there, what that means for the tests, and the command that brings it."""

    name: str
    effect: str
    command: str


def interpreters() -> list[str]:
    """Return the versions of Python that the environments of ``tox run`` ask for, such as ``3.11``."""
    config = ConfigParser(interpolation=None)
    config.read(Path(__file__).parents[1] / "tox.ini")
    return sorted(f"{major}.{minor}" for major, minor in re.findall(r"\bpy(\d)(\d+)\b", config["tox"]["env_list"]))


def runs(*command: str) -> bool:
    """Return whether a program is there and starts: pyenv leaves programs in the path that only say they aren't."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def missing_interpreters(versions: Iterable[str]) -> Iterator[Missing]:
    for version in versions:
        if not runs(f"python{version}", "--version"):
            yield Missing(
                name=f"Python {version}",
                effect="The environments for it were skipped.",
                command=f'pyenv install {version} && export PATH="$(pyenv prefix {version})/bin:$PATH"',
            )


def missing_servers(servers: Iterable[Server]) -> Iterator[Missing]:
    for server in servers:
        if not server.is_reachable():
            replaced_by = "local memory" if server is REDIS else "SQLite"
            yield Missing(
                name=server.name,
                effect=f"It isn't reachable at {server.address}: its tests ran on {replaced_by} or were skipped.",
                command=_CONTAINERS[server.name],
            )


def missing_programs() -> Iterator[Missing]:
    if not chromium():
        yield Missing(
            name="Chromium",
            effect="The tests in a browser were skipped.",
            command="apt-get install chromium    # or name another build in CHROMIUM",
        )
    if not (runs("node", "--version") and runs("npm", "--version")):
        yield Missing(
            name="Node",
            effect="The tests with the provider's SDK for Node, and of the REST API's clients, were skipped.",
            command="apt-get install nodejs npm",
        )


def report(missing: list[Missing]) -> str:
    """Return the summary, in lines for a terminal."""
    if not missing:
        return "Nothing is missing: every test ran as it is meant to."
    lines = ["Missing on this machine:"]
    for each in missing:
        lines += ["", f"  {each.name}: {each.effect}", f"    $ {each.command}"]
    return "\n".join(lines)


def main() -> int:
    servers = missing_servers((POSTGRESQL, MARIADB, REDIS))
    print(report([*missing_interpreters(interpreters()), *servers, *missing_programs()]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
