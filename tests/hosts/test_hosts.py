"""Projects whose users have other keys than Django's own: each is a process of its own, on this run's database."""

from pathlib import Path

import pytest

from tests.helpers import run_pytest
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
    done = run_pytest(*files, "--ds=tests.hosts.settings", HOST_USER=user)
    assert done.returncode == 0, done.stdout + done.stderr
