"""The runner for a database server, where there is none."""

import subprocess

import pytest

from tests.on_server import main

NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    monkeypatch.setenv("TEST_POSTGRESQL_URL", f"postgresql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_MARIADB_URL", f"mysql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_REDIS_URL", f"redis://:secret@{NOWHERE}/0")


@pytest.fixture
def runs(monkeypatch):
    """The commands that were run, which are not."""
    commands = []

    def run(command, *, env):
        commands.append((command, env))
        return subprocess.CompletedProcess(command, returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


@pytest.mark.parametrize(("name", "title"), [("postgresql", "PostgreSQL"), ("mariadb", "MariaDB")])
def test_missing_server_is_named_and_sqlite_takes_its_place(monkeypatch, capsys, runs, name, title):
    monkeypatch.delenv("CI", raising=False)
    assert main([name, "-m", "not browser"]) == 0
    printed = capsys.readouterr().out
    assert f"{title} is not reachable at {NOWHERE}" in printed
    assert f"Redis is not reachable at {NOWHERE}" in printed
    assert f"The tests on {title} are skipped" in printed
    assert "The cache: local memory" in printed
    assert "secret" not in printed
    ((command, environment),) = runs
    assert command[1:] == ["-m", "pytest", "-m", "not browser", "-m", "not slow and not browser and not hosts"]
    assert "TEST_DATABASE_URL" not in environment
    assert "TEST_REDIS_URL" not in environment


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_missing_server_is_a_failure_in_ci(monkeypatch, capsys, runs, name):
    monkeypatch.setenv("CI", "true")
    assert main([name]) == 1
    assert "CI=true" in capsys.readouterr().out
    assert not runs
