"""Host projects, each of which takes the walk of ``walk.py`` in a process of its own, on SQLite.

Those whose settings have ``ON_SERVERS = True`` take it on PostgreSQL and MariaDB, too, where these can be reached. What
only one project needs to show is in ``own/``, under its name.
"""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers import run_pytest
from tests.on_server import DATABASE_VARIABLE, MARIADB, POSTGRESQL, Server

pytestmark = pytest.mark.hosts

HERE = Path(__file__).parent
PROJECTS = sorted(
    path.stem
    for path in (HERE / "projects").glob("*.py")
    if not path.stem.endswith("_urls") and not path.stem.startswith("_")
)
SERVERS = {"sqlite": None, "postgresql": POSTGRESQL, "mariadb": MARIADB}
IS_CI = os.environ.get("CI") == "true"

_REQUIRES = re.compile(r"^REQUIRES = \[(.*)\]$", re.MULTILINE)


def source(project: str) -> str:
    """Return the text of a project's settings, which can't be imported into these tests' own project."""
    return (HERE / "projects" / f"{project}.py").read_text()


def missing(project: str) -> list[str]:
    """Return the packages that a project needs and that aren't installed."""
    found = _REQUIRES.search(source(project))
    modules = re.findall(r'"(.+?)"', found[1]) if found else []
    return [module for module in modules if not _is_installed(module)]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # Its package isn't.
        return False


def databases(project: str) -> list[str]:
    """Return the databases that a project is tried on."""
    return list(SERVERS) if "\nON_SERVERS = True\n" in source(project) else ["sqlite"]


def walk(project: str, server: Server | None = None) -> subprocess.CompletedProcess[str]:
    """Run the walk in a project, and the tests of its own."""
    files = map(str, (HERE / "walk.py", *(HERE / "own").glob(f"{project}.py")))
    database_url = server.url if server else ""
    return run_pytest(*files, f"--ds=tests.hosts.projects.{project}", **{DATABASE_VARIABLE: database_url})


@pytest.mark.parametrize(
    ("project", "database"), [(project, database) for project in PROJECTS for database in databases(project)]
)
def test_project(project, database):
    absent = missing(project)
    server = SERVERS[database]
    if server and not server.is_reachable():
        absent.append(server.name)
    if absent:
        assert not IS_CI, f"CI=true: {', '.join(absent)} must be there."
        pytest.skip(f"{', '.join(absent)} is missing.")
    done = walk(project, server)
    assert done.returncode == 0, done.stdout + done.stderr
