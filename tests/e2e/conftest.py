import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.e2e.person import Person
from tests.e2e.processes import EXAMPLE
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
    """Return the example's settings, but for its database and what tests have their own of."""
    configured = import_module("example.settings")
    return {name: getattr(configured, name) for name in _COPIED}


@pytest.fixture(scope="session")
def live_server(django_db_setup) -> Iterator[LiveServer]:
    """The test server, started with the example's settings: its middleware is loaded then."""
    with override_settings(**example_settings()):
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def example(live_server, settings, monkeypatch) -> str:
    """The example, which talks to its own ``/sandbox/`` over HTTP. Returns its URL."""
    for name, value in example_settings().items():
        setattr(settings, name, value)
    settings.DING = {**provider(settings, base_url=f"{live_server.url}/sandbox/v1"), "CALLBACK_BASE_URL": None}
    # The tests' own project has more apps, whose models are registered in the same process.
    for model in [model for model in admin.site._registry if model._meta.app_label not in apps.app_configs]:
        monkeypatch.delitem(admin.site._registry, model)
    cache.clear()  # The rates count by address, and all tests have the same.
    return live_server.url


def provider(settings, *, base_url: str, sandbox: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return the DING setting with another address of the provider and other options."""
    backend = settings.DING["BACKENDS"]["default"]
    options = {**backend["OPTIONS"], "base_url": base_url, **changed}
    return {**settings.DING, "BACKENDS": {"default": {**backend, "OPTIONS": options}}, "SANDBOX": sandbox or {}}


@pytest.fixture
def account(django_user_model, transactional_db):
    return django_user_model.objects.create_user("demo", password="demo")


@pytest.fixture
def visitor(example, account) -> Iterator[Visitor]:
    """Somebody who is signed in."""
    signed_in = Visitor(example, ("demo", "demo"))
    yield signed_in
    signed_in.close()


@pytest.fixture
def new_person(example, account, new_page) -> Iterator[Callable[..., Person]]:
    """Let somebody come with a browser of their own. None may complain, not even about the strict policy."""
    people = []

    def arrive(*, locale: str = "en", **options: Any) -> Person:
        people.append(Person(new_page(locale=locale, **options), example))
        return people[-1]

    yield arrive
    assert [complaint for person in people for complaint in person.complaints] == []


@pytest.fixture
def person(new_person) -> Person:
    """Somebody at a browser, who knows the password of the account ``demo``."""
    return new_person()
