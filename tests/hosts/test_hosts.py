"""Projects whose users have other keys than Django's own: each is a process of its own, on this run's database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import LIGHT
from tests.settings import ENGINE

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
#: Keys that MariaDB stores in its own way come first; the others are nothing new to it.
USERS = ["UUIDUser", "TextUser", "ULIDUser", "RenamedUser", "CodeUser", "PersonUser", "InheritedUser"]
if ENGINE == "mysql":
    USERS = USERS[:2]


@pytest.mark.parametrize("user", USERS)
def test_host(user):
    files = [str(HERE / name) for name in ("scenarios.py", "site_scenarios.py")]
    command = [sys.executable, "-m", "pytest", *files, "-q", "--ds=tests.hosts.settings"]
    # Its own database, so that the worker's name and its share of coverage don't matter.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    surroundings |= {"HOST_USER": user}
    done = subprocess.run(
        [*command, *LIGHT],
        cwd=HERE.parents[1],
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
