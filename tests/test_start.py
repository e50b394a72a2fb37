"""What a project loads when Django starts, and what only when it is needed.

Each test starts a process, since that of the tests has loaded everything. None is timed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: A project of REST framework's. A script follows that gives ``found`` a value.
PROJECT = """
import json, sys
from django.conf import settings

BACKEND = {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": "start"}}
settings.configure(
    SECRET_KEY="start",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", *APPS],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF="django_ding.api.urls",
    DING={"BACKENDS": {"default": BACKEND}, "DEFAULT_REGION": "FR"},
)
import django
"""

SETUP = "django.setup(); found = list(sys.modules)"

URLS = """
from django.urls import resolve
django.setup()
resolve("/authentications/")
found = list(sys.modules)
"""

MEMORY = """
import gc, tracemalloc
tracemalloc.start()
django.setup()
gc.collect()
found = tracemalloc.get_traced_memory()[0]
"""

CHECKS = """
from django.core.checks import run_checks
django.setup()
before = "django_ding.checks" in sys.modules
found = [before, [message.id for message in run_checks()]]
"""

#: The first requests of a process, all at once. Each of them refuses a number and asks for a backend.
FIRST_REQUESTS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.test import Client
django.setup()
THREADS = 8
barrier = Barrier(THREADS)

def request(index):
    barrier.wait()
    response = Client().post("/authentications/", {"phone_number": "06 12"})
    from django_ding.backends import get_backend
    return [response.status_code, response.json()["code"], id(get_backend())]

sys.setswitchinterval(1e-5)
with ThreadPoolExecutor(THREADS) as pool:
    found = list(pool.map(request, range(THREADS)))
"""

#: What this app loads at the start.
ROOMS = {"apps", "channels", "clock", "conf", "error_reports", "line_types", "models", "uuids"}

#: It has 21 modules, and takes 0.93 MiB.
MAX_MODULES = 24
MAX_MIB = 1.25


def run(script: str, *, app: bool = True) -> Any:
    """Return what a script finds in a new process of the project."""
    apps = ["django_ding"] if app else []
    command = [sys.executable, "-c", f"APPS = {apps}\n{PROJECT}\n{script}\nprint(json.dumps(found))"]
    # Measuring the coverage of the process would take memory, too.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def modules_without_app() -> set[str]:
    return set(run(SETUP, app=False))


@pytest.fixture(scope="module")
def added_modules(modules_without_app) -> set[str]:
    """Return the modules that Django loads at its start because of this app."""
    return set(run(SETUP)) - modules_without_app


def test_start_loads_models_and_settings_alone(added_modules):
    names = [name.split(".") for name in added_modules]
    assert {package for package, *_ in names} == {"django_ding"}
    assert {path[0] for _, *path in names if path} == ROOMS


def test_start_loads_few_modules(added_modules):
    assert len(added_modules) <= MAX_MODULES


def test_start_takes_little_memory():
    taken = run(MEMORY) - run(MEMORY, app=False)
    assert taken / 2**20 <= MAX_MIB


def test_urls_load_neither_backends_nor_other_pages():
    rooms = {".".join(name.split(".")[1:3]) for name in run(URLS) if name.startswith("django_ding.")}
    assert {"api.views", "flows.send"} <= rooms
    assert rooms.isdisjoint({"admin", "checks", "login", "management", "sandbox", "testing", "webhooks"})
    assert rooms.isdisjoint({"backends.ding", "backends.http", "backends.prelude", "backends.sandbox", "backends.sms"})


def test_checks_are_loaded_when_they_run():
    loaded_before, found = run(CHECKS)
    assert not loaded_before
    assert "django_ding.W002" in found  # The cache is one process's.


def test_first_requests_may_come_at_once():
    responses = run(FIRST_REQUESTS)
    assert len({tuple(response) for response in responses}) == 1, responses
    assert responses[0][:2] == [400, "invalid_phone_number"]
