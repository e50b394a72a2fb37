import gc
import json
import os
import re
import sys
from importlib import import_module
from uuid import uuid4

import pytest
from celery.contrib.testing.worker import start_worker
from django.test import override_settings
from kombu import Connection, Queue

from django_ding import services
from django_ding.exceptions import BackendUnavailable
from django_ding.signals import phone_verified
from django_ding.testing import script
from tests.hosts.walk import PHONE, create_user, outbox  # noqa: F401 - a fixture

# As an error, what Celery's libraries warn about would end the worker's thread.
pytestmark = pytest.mark.filterwarnings("default")

BROKERS = ("amqp://guest:guest@127.0.0.1:5672//", "redis://127.0.0.1:6379/15")
IS_CI = os.environ.get("CI") == "true"


def reachable(url):
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except Exception:  # noqa: BLE001 - each broker has its own.
        return False
    return True


@pytest.fixture(scope="session")
def broker():
    wanted = os.environ.get("TEST_BROKER_URL")
    found = next(filter(reachable, [wanted] if wanted else BROKERS), None)
    if found is None:
        assert not IS_CI, "CI=true: RabbitMQ or Redis must be there."
        pytest.skip("RabbitMQ and Redis are missing.")
    return found


@pytest.fixture(scope="session")
def app(broker):
    """The project's app, with a queue of this run's own."""
    name = f"django_ding_tests_{uuid4().hex}"
    with override_settings(
        CELERY_BROKER_URL=broker,
        CELERY_RESULT_BACKEND="rpc://" if broker.startswith("amqp") else broker,
        CELERY_RESULT_EXPIRES=60,
        CELERY_TASK_DEFAULT_QUEUE=name,
        CELERY_TASK_QUEUES=[Queue(name, expires=60)],
    ):
        app = import_module("accounts.celery_app").app
        app.set_default()
        yield app
    app.close()
    if client := getattr(app.backend, "client", None):  # Redis, whose sockets nobody else closes.
        app.backend.result_consumer.stop()
        client.connection_pool.disconnect()
    gc.collect()


@pytest.fixture(scope="session")
def worker(app, django_db_setup, django_db_blocker):
    """A worker that takes its messages from the broker, in a thread."""
    options = {"pool": "solo", "perform_ping_check": False, "loglevel": "error", "shutdown_timeout": 60}
    with django_db_blocker.unblock(), start_worker(app, **options) as worker:
        yield worker


@pytest.fixture
def tasks(app):
    return import_module("django_ding.contrib.celery")


@pytest.fixture
def verified(transactional_db, outbox, worker):  # noqa: F811
    authentication = services.send(PHONE, user=create_user("alice")).authentication
    services.check(authentication, outbox[-1].code)
    return authentication


def test_a_worker_does_the_upkeep(tasks, verified):
    results = {
        name: getattr(tasks, name).delay().get(timeout=20)
        for name in ("reconcile", "roll_up", "watch", "report_onboarded", "purge")
    }
    assert results["roll_up"]["rolled_up"] == 1
    assert results["report_onboarded"] == {"sent": 1, "already_sent": 0, "rejected": 0, "skipped": 0}
    assert PHONE not in json.dumps(results)


def test_a_worker_sends_feedback(tasks, verified):
    feedback = tasks.feedback
    assert feedback.delay(str(verified.public_id), "onboarded").get(timeout=20) == {"sent": True, "code": ""}
    again = feedback.delay(str(verified.public_id), "onboarded").get(timeout=20)
    assert again == {"sent": False, "code": "duplicated_feedback_status"}


def test_the_receiver_of_the_docs(transactional_db, tasks, outbox, worker):  # noqa: F811
    reports = import_module("accounts.reports")
    try:
        row = services.send(PHONE, user=create_user("alice")).authentication
        services.check(row, outbox[-1].code)
    finally:
        phone_verified.disconnect(reports.report_genuine_user)
    # The one worker has sent the receiver's before this one.
    again = tasks.feedback.delay(str(row.public_id), "onboarded").get(timeout=20)
    assert again["code"] == "duplicated_feedback_status"


def test_an_outage_is_retried(tasks, verified, monkeypatch):
    # Otherwise after up to 30 seconds.
    monkeypatch.setattr("celery.app.autoretry.get_exponential_backoff_interval", lambda **options: 0)
    script("feedback", "dropped_before", "normal")
    assert tasks.feedback.delay(str(verified.public_id), "onboarded").get(timeout=20) == {"sent": True, "code": ""}


@pytest.mark.django_db
def test_an_outage_that_lasts_is_a_failure(tasks, outbox):  # noqa: F811
    row = services.send(PHONE).authentication
    script("feedback", *["dropped_before"] * 20)
    result = tasks.feedback.apply([str(row.public_id), "onboarded"])
    assert isinstance(result.result, BackendUnavailable)
    assert PHONE not in str(result.traceback)


def test_the_schedule_names_tasks(app, tasks):
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
    assert app.conf.beat_schedule == tasks.BEAT_SCHEDULE


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "celery", None)
    monkeypatch.delitem(sys.modules, "django_ding.contrib.celery", raising=False)
    with pytest.raises(ImportError, match=re.escape('pip install "django-ding[celery]"')):
        import_module("django_ding.contrib.celery")
