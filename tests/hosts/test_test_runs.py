"""The test runs of projects whose settings are not those of production, and what production still refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.hosts

ROOT = Path(__file__).parents[2]
SETTINGS = """
from tests.hosts.base import *

DEBUG = {debug}
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {name!r}}}}}
DING = {ding}
"""
SANDBOX = {"BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}}
#: The environment of the tests has no key.
WITHOUT_KEY = {
    "BACKENDS": {"default": {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": ""}}},
    "TEST_NUMBERS": {"+12025550123": "987654"},
}
TESTS = """
from django.core.management import call_command
from django.test import TestCase

from django_ding.services import check, send
from django_ding.testing import sandbox


class SignUp(TestCase):
    def test_sign_up(self):
        with sandbox() as outbox:
            sent = send("+33612345678")
            assert check(sent.authentication, outbox[-1].code).status == "valid"

    def test_check(self):
        call_command("check")
"""


@pytest.fixture
def run(tmp_path):
    """Run Python in the project."""

    def run(*arguments, ding, debug=False):
        settings = SETTINGS.format(debug=debug, ding=ding, name=str(tmp_path / "db.sqlite3"))
        (tmp_path / "project_settings.py").write_text(settings)
        (tmp_path / "test_project.py").write_text(TESTS)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TEST_"))}
        paths = os.pathsep.join([str(tmp_path), str(ROOT)])
        environment |= {"DJANGO_SETTINGS_MODULE": "project_settings", "PYTHONPATH": paths}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return run


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("ding", [SANDBOX, WITHOUT_KEY], ids=["sandbox", "without a key"])
def test_tests_run(run, ding, debug):
    for arguments in (["django", "test"], ["pytest", "-q", "-p", "no:cacheprovider"]):
        done = run(*arguments, ding=ding, debug=debug)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "django_ding." not in done.stderr


@pytest.mark.parametrize(
    ("ding", "found"), [(SANDBOX, "django_ding.E002"), (WITHOUT_KEY, "django_ding.E007")], ids=["sandbox", "no key"]
)
def test_production_does_not_start(run, ding, found):
    for arguments in (["migrate"], ["check", "--deploy"], ["runserver", "--noreload", "127.0.0.1:0"]):
        done = run("django", *arguments, ding=ding)
        assert done.returncode != 0
        assert found in done.stderr
