import gc
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import override_settings
from django.utils import translation

from django_ding import log
from django_ding.guard import client_ip
from django_ding.sandbox import Simulator
from django_ding.sandbox.project import project_simulator
from django_ding.testing import Outbox, sandbox
from tests.helpers import NOON
from tests.settings import ENGINE

pytest_plugins = ["pytester", "tests.browser", "tests.figures_table"]

collect_ignore = []
if find_spec("schemathesis") is None:
    collect_ignore.append("generated")  # Only "tox run -e slow" installs it: importing it takes seconds.
if ENGINE != "sqlite3":
    # They use no database or a SQLite of their own, or are about what it has no part in.
    collect_ignore += ["e2e", "openapi", "sandbox"]
    collect_ignore += ["test_countries.py", "test_docs.py", "test_numbering_plans.py"]
    collect_ignore += ["test_loopback.py", "test_phone.py", "test_start.py", "test_translations.py"]
    collect_ignore += ["api/test_languages.py", "api/test_schema.py", "login/test_templates.py"]
    collect_ignore += [
        f"attacks/test_{name}.py"
        for name in (
            "breaks_the_way_back",
            "finds_a_copy_of_the_example",
            "finds_old_dependencies",
            "reads_another_answer",
            "reads_codes_of_test_numbers",
            "reads_error_reports",
            "reads_keys_of_a_pickle",
            "runs_formulas_at_support",
            "sends_huge_bodies",
        )
    ]
if ENGINE == "mysql":
    collect_ignore.append("api/test_enumeration.py")  # It compares times and statements: one server's show enough.


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m slow`` or another single marker, don't even import the modules that have none of these tests."""
    return has_no_test_of(collection_path, config.option.markexpr) or None


def has_no_test_of(path: Path, marker: str) -> bool:
    """Return whether a module gives no test the marker, as far as its text says; without a single marker, False."""
    if not marker.isidentifier() or path.suffix != ".py" or not path.name.startswith("test_"):
        return False
    return f"mark.{marker}" not in path.read_text()


def pytest_collection_finish() -> None:
    """Don't look for garbage among ten thousand tests and all of Django again and again: a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on a server the tests that use no database: they are run on SQLite.

    The oldest Python and Django have MariaDB's run only, so they keep them, but for those of the backends.
    """
    if ENGINE == "sqlite3":
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        is_kept = uses_services(item) or (ENGINE == "mysql" and "backends" not in item.path.parts)
        (kept if is_kept else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def uses_services(item: pytest.Item) -> bool:
    """Return whether a test uses the database, or may use the cache or, in a process of its own, either."""
    fixtures = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or bool(fixtures) or bool({"guard", "hosts"} & set(item.path.parts[:-1]))


# A shell starts its background jobs with Ctrl-C ignored, and their children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """No counters but the test's own: in Redis those of the tests before last for hours, whatever their clock said."""
    caches["default"].clear()


@pytest.fixture(autouse=True)
def outbox(nothing_counted) -> Iterator[Outbox]:
    with sandbox() as messages:
        yield messages


@pytest.fixture(autouse=True)
def nothing_reported() -> None:
    """Nothing of what is logged once a minute or process, and another test has had logged."""
    log.reported_errors.clear()
    client_ip._warn.cache_clear()


@pytest.fixture
def simulator(outbox) -> Simulator:
    return project_simulator()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of a summer's day; ``clock.shift(seconds)`` moves it."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def multilingual(settings) -> Iterator[None]:
    """A project that heeds ``Accept-Language``. A thread goes on in the language of its last request."""
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
    with translation.override(translation.get_language()):
        yield


@pytest.fixture
def phone() -> str:
    return "+33612345678"


@pytest.fixture
def user(db):
    return get_user_model().objects.create_user("alice")


@pytest.fixture
def other_user(db):
    return get_user_model().objects.create_user("bob")


@pytest.fixture
def own_counters(request) -> Iterator[None]:
    """Counters that go by the clock of the test: Redis has one of its own."""
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.nodeid}
    with override_settings(CACHES={"default": local}):
        yield
        caches["default"].clear()
