"""The runner for the database servers, where there are none."""

import pytest

from tests.on_servers import main

NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    monkeypatch.setenv("TEST_POSTGRESQL_URL", f"postgresql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_MARIADB_URL", f"mysql://user:secret@{NOWHERE}/name")
    monkeypatch.setenv("TEST_REDIS_URL", f"redis://:secret@{NOWHERE}/0")


def test_missing_servers_are_named_and_skipped(monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    assert main([]) == 0
    told = capsys.readouterr().out
    for name in ("PostgreSQL", "MariaDB", "Redis"):
        assert f"{name} is not reachable at {NOWHERE}" in told
        assert f"{name}: skipped" in told
    assert "secret" not in told


def test_missing_servers_are_a_failure_in_ci(monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    assert main([]) == 1
    assert "CI=true" in capsys.readouterr().out
