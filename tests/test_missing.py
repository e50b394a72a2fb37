"""The summary that a run of tox ends with, on a machine that has next to nothing."""

import pytest

from tests import missing
from tests.on_server import MARIADB, POSTGRESQL, REDIS

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without servers and with an empty path, but for a Python that only says that it isn't there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("TEST_POSTGRESQL_URL", f"postgresql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_MARIADB_URL", f"mysql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_REDIS_URL", f"redis://:secret@{NOWHERE}/0")
    return tmp_path


def program(folder, name, exit_code):
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)


@pytest.mark.usefixtures("bare")
def test_all_that_is_missing_is_named_with_its_command(capsys):
    assert missing.main() == 0
    printed = capsys.readouterr().out.partition("Missing on this machine:")[2]
    commands = [line.strip() for line in printed.splitlines() if line.startswith("    $ ")]
    versions = missing.interpreters()
    assert [command for command in commands if command.startswith("$ pyenv install ")] == [
        f'$ pyenv install {version} && export PATH="$(pyenv prefix {version})/bin:$PATH"' for version in versions
    ]
    for name in ("PostgreSQL", "MariaDB", "Redis"):
        assert f"  {name}: It isn't reachable at {NOWHERE}" in printed
    assert len([command for command in commands if command.startswith("$ docker run ")]) == 3
    assert "  Chromium: The tests in a browser were skipped." in printed
    assert "  Node: " in printed
    assert len(commands) == len(versions) + 5
    assert "secret" not in printed


def test_interpreters_are_those_of_tox():
    assert missing.interpreters() == ["3.11", "3.12", "3.13", "3.14"]


def test_interpreter_that_does_not_start_is_missing(bare):
    program(bare, "python3.11", 0)
    program(bare, "python3.12", 127)
    assert [each.name for each in missing.missing_interpreters(["3.11", "3.12"])] == ["Python 3.12"]


def test_nothing_is_missing(bare, monkeypatch):
    for name in (*(f"python{version}" for version in missing.interpreters()), "chromium", "node", "npm"):
        program(bare, name, 0)
    assert list(missing.missing_interpreters(missing.interpreters())) == list(missing.missing_programs()) == []
    assert missing.report([]) == "Nothing is missing: every test ran as it is meant to."


def test_each_server_has_a_command():
    assert set(missing._CONTAINERS) == {server.name for server in (POSTGRESQL, MARIADB, REDIS)}
