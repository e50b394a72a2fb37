import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.e2e.helpers import ding, provider
from tests.e2e.person import Person
from tests.e2e.processes import EXAMPLE, TIMEOUT, environment, manage
from tests.e2e.site import Visitor

sys.path.append(str(EXAMPLE))

_COPIED = [
    "AUTHENTICATION_BACKENDS",
    "DING",
    "INBOX_URL",
    "INSTALLED_APPS",
    "LANGUAGES",
    "LANGUAGE_CODE",
    "LOGIN_REDIRECT_URL",
    "LOGIN_URL",
    "LOGOUT_REDIRECT_URL",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "STATIC_URL",
    "TEMPLATES",
]


def example_settings() -> dict[str, Any]:
    """Return the example's settings, except the database and others that the tests have of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEBUG", "1")
        configured = import_module("example.settings")
    return {name: getattr(configured, name) for name in _COPIED}


@pytest.fixture(scope="session")
def live_server(django_db_setup) -> Iterator[LiveServer]:
    """The test server. It loads the middleware when it starts, so it starts with the example's settings."""
    with override_settings(**example_settings()):
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def example(live_server, settings, monkeypatch) -> str:
    """The URL of the example, which calls its own ``/sandbox/`` over HTTP."""
    for name, value in example_settings().items():
        setattr(settings, name, value)
    settings.DING = {**provider(settings, base_url=f"{live_server.url}/sandbox"), "WEBHOOK_BASE_URL": None}
    # The tests' own project has more apps, whose models are registered in the same process.
    for model in [model for model in admin.site._registry if model._meta.app_label not in apps.app_configs]:
        monkeypatch.delitem(admin.site._registry, model)
    cache.clear()  # Rates count by IP address, and all tests have the same.
    return live_server.url


@pytest.fixture
def v1(example, settings) -> None:
    """The example with version 1 of the API, which has more statuses than version 2."""
    settings.DING = ding(settings, base_url=f"{example}/sandbox")


@pytest.fixture
def account(django_user_model, transactional_db):
    return django_user_model.objects.create_user("demo", password="demo")


@pytest.fixture
def visitor(example, account) -> Iterator[Visitor]:
    """A client of the REST API that is signed in."""
    signed_in = Visitor(example, ("demo", "demo"))
    yield signed_in
    signed_in.close()


@pytest.fixture
def new_person(example, account, new_page) -> Iterator[Callable[..., Person]]:
    """Build people who have a browser each. No browser may log an error, not even about the strict policy."""
    people = []

    def build(*, locale: str = "en", **options: Any) -> Person:
        people.append(Person(new_page(locale=locale, **options), example))
        return people[-1]

    yield build
    assert [error for person in people for error in person.console_errors] == []


@pytest.fixture
def person(new_person) -> Person:
    """A person at a browser who knows the password of the account ``demo``."""
    return new_person()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A folder with a database that has the tables and the demo's user."""
    folder = tmp_path_factory.mktemp("prepared")
    subprocess.run(manage("demo", "--prepare"), env=environment(folder), check=True, timeout=TIMEOUT)
    return folder


@pytest.fixture
def env(prepared, tmp_path) -> dict[str, str]:
    """Environment variables for a copy of that database, which servers without ``manage.py`` need, too."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return environment(tmp_path, DEBUG="1")


@pytest.fixture
def visit() -> Iterator[Callable[[str], Visitor]]:
    """Build clients that are signed in as ``demo``."""
    visitors = []

    def build(url: str) -> Visitor:
        visitors.append(Visitor(url, ("demo", "demo")))
        return visitors[-1]

    yield build
    for visitor in visitors:
        visitor.close()
