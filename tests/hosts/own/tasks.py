import json
import sys
from importlib import import_module

import pytest
from django.tasks import TaskResultStatus, default_task_backend

from django_ding import services
from django_ding.models import Authentication, DailyStatistics
from django_ding.signals import phone_verified
from django_ding.testing import script
from tests.hosts.walk import PHONE, create_user, outbox  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db

TASKS = ("purge", "reconcile", "roll_up", "watch", "report_onboarded")


@pytest.fixture
def tasks():
    return import_module("django_ding.contrib.tasks")


@pytest.fixture
def verified(outbox):  # noqa: F811
    authentication = services.send(PHONE, user=create_user("alice")).authentication
    services.check(authentication, outbox[-1].code)
    return authentication


def run(task, *args, **kwargs):
    """Return what a task returned, as a backend that stores it does."""
    result = task.enqueue(*args, **kwargs)
    assert result.status == TaskResultStatus.SUCCESSFUL, result.errors
    stored = json.dumps([result.args, result.kwargs, result.return_value])
    assert PHONE not in stored
    return json.loads(stored)[2]


def test_upkeep(tasks, clock, verified):
    assert run(tasks.roll_up)["rolled_up"] == 1
    assert DailyStatistics.objects.exists()
    assert run(tasks.roll_up, since=verified.created_at.date().isoformat())["rolled_up"] == 1
    assert run(tasks.report_onboarded) == {"sent": 1, "already_sent": 0, "rejected": 0, "skipped": 0}
    assert run(tasks.report_onboarded, limit=1)["already_sent"] == 1
    assert run(tasks.watch)["drops"] == []
    clock.shift(700)
    assert run(tasks.reconcile, limit=10)["expired"] == 0
    clock.shift(86_400 * 30)
    assert run(tasks.purge, older_than=86_400)["authentications"] == 1


def test_what_is_lower_than_usual(tasks, monkeypatch):
    drop = services.Drop(measure="delivery", field="country", value="FR", codes=40, share=0.25, usual=0.9)
    result = services.WatchResult(codes=40, usual_days=7, drops=(drop,))
    monkeypatch.setattr(services, "watch", lambda: result)
    assert run(tasks.watch) == {
        "codes": 40,
        "usual_days": 7,
        "drops": [{"measure": "delivery", "field": "country", "value": "FR", "codes": 40, "share": 0.25, "usual": 0.9}],
    }


def test_feedback_for_a_number(tasks, verified):
    assert run(tasks.feedback, str(verified.public_id), "onboarded") == {"sent": True, "code": ""}
    again = run(tasks.feedback, str(verified.public_id), "onboarded")
    assert again == {"sent": False, "code": "duplicated_feedback_status"}


@pytest.mark.parametrize("arguments", [("no-id", "onboarded"), (None, "maybe"), (None, "onboarded")])
def test_what_fails_is_a_failed_task(tasks, verified, arguments):
    script("feedback", "dropped_before")
    public_id, status = arguments
    result = tasks.feedback.enqueue(public_id or str(verified.public_id), status)
    assert result.status == TaskResultStatus.FAILED
    assert PHONE not in result.errors[0].traceback


def test_the_receiver_of_the_docs(tasks, outbox):  # noqa: F811
    reports = import_module("accounts.reports")
    try:
        row = services.send(PHONE, user=create_user("alice")).authentication
        services.check(row, outbox[-1].code)
    finally:
        phone_verified.disconnect(reports.report_genuine_user)
    assert Authentication.objects.get() == row
    # The provider has it.
    assert run(tasks.feedback, str(row.public_id), "onboarded")["code"] == "duplicated_feedback_status"


def test_a_backend_that_only_stores(tasks, settings, verified):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    for name in TASKS:
        getattr(tasks, name).enqueue()
    tasks.feedback.enqueue(str(verified.public_id), "onboarded")
    stored = default_task_backend.results
    assert [result.status for result in stored] == [TaskResultStatus.READY] * 6
    assert PHONE not in str([(result.args, result.kwargs) for result in stored])


def test_before_django_6_the_error_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "django.tasks", None)
    monkeypatch.delitem(sys.modules, "django_ding.contrib.tasks", raising=False)
    with pytest.raises(ImportError, match=r"needs Django 6\.0 or later"):
        import_module("django_ding.contrib.tasks")
