"""The audit of the dependencies, with an auditor of ours."""

import json
import sys

import pytest

from tests import audit

FINE = {"name": "requests", "version": "2.33.0", "vulns": []}
BAD = {"name": "django", "version": "1.0", "vulns": [{"id": "CVE-2007-0404"}, {"id": "CVE-2007-0405"}]}


@pytest.fixture
def auditor(monkeypatch):
    """Return a function that sets what the auditor prints."""

    def prints(text, *, errors=""):
        program = f"import sys; sys.stdout.write({text!r}); sys.exit({errors!r})"
        monkeypatch.setattr(audit, "COMMAND", [sys.executable, "-c", program])

    return prints


@pytest.mark.parametrize(
    ("packages", "exit_code", "last"),
    [
        ([FINE], 0, "1 packages looked at, 0 with known vulnerabilities."),
        ([FINE, BAD], 1, "2 packages looked at, 1 with known vulnerabilities."),
    ],
)
def test_vulnerabilities_are_named(auditor, capsys, packages, exit_code, last):
    auditor(json.dumps({"dependencies": packages}))
    assert audit.main() == exit_code
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == last
    assert ("django 1.0: CVE-2007-0404, CVE-2007-0405" in printed) is bool(exit_code)


@pytest.mark.parametrize(("ci", "exit_code"), [("", 0), ("true", 1)])
def test_audit_without_its_data_is_skipped_but_not_in_ci(auditor, capsys, monkeypatch, ci, exit_code):
    monkeypatch.setenv("CI", ci)
    auditor("", errors="no network")
    assert audit.main() == exit_code
    assert "skipped" in capsys.readouterr().out
