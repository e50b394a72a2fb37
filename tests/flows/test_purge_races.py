"""Several purges at once, and purges beside those who write: nothing twice, nothing lost, no deadlock."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from django_ding.backends.types import WebhookEvent
from django_ding.exceptions import RateLimited
from django_ding.guard.refusals import record_refusal
from django_ding.models import Authentication, Event, Refusal
from django_ding.services import PurgeResult, purge, record_webhook, send
from tests.helpers import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = 86_400
MANY = 400


@pytest.fixture
def old():
    """Authentications of 100 days ago with four events each."""
    moment = timezone.now() - timedelta(days=100)
    rows = [
        Authentication(phone_number="+12025550100", status=status, created_at=moment, expires_at=moment)
        for status in ("expired", "failed", "pending", "rate_limited") * (MANY // 4)
    ]
    for row in rows:
        row.save()
    Event.objects.bulk_create([Event(authentication=row, type="check", occurred_at=moment) for row in rows * 4])
    return rows


def test_purges_at_once_delete_each_row_once(old):
    done = at_once(*[lambda: purge(older_than=90 * DAY, batch=7)] * 4)
    assert sum(done, PurgeResult()) == PurgeResult(authentications=MANY, events=4 * MANY)
    assert not Authentication.objects.exists()
    assert not Event.objects.exists()


def test_purge_beside_webhooks_and_sends(old):
    def report(rows):
        for number, row in enumerate(rows):
            moment = row.created_at + timedelta(minutes=number)
            event = WebhookEvent(type="attempt", attempt_id=f"a{number}", created_at=moment)
            record_webhook(row.backend, [event], public_id=row.public_id)

    def write():
        for number in range(20):
            send(f"+336123456{number:02}")

    calls = [lambda: purge(older_than=90 * DAY, batch=7)] * 2
    at_once(*calls, lambda: report(old[::2]), lambda: report(old[::-2]), write)
    assert Authentication.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() == 20
    purge(older_than=90 * DAY)
    assert Authentication.objects.count() == 20
    assert not Event.objects.filter(authentication__created_at__lt=timezone.now() - timedelta(days=1)).exists()


def test_purge_beside_refusals_of_the_same_numbers(clock):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    last_hours = [
        Refusal(phone_number=f"+3361234{n:04}", reason="phone", hour=hour, first_at=hour, last_at=hour)
        for n in range(MANY)
    ]
    Refusal.objects.bulk_create(last_hours)

    def refuse():
        for n, row in enumerate(last_hours):
            refused = Authentication(phone_number=row.phone_number, ip=f"192.0.2.{n % 250}")
            record_refusal(RateLimited(scope="phone", retry_after=1), refused)

    at_once(*[lambda: purge(older_than=0, batch=7)] * 2, refuse, refuse)
    assert set(Refusal.objects.values_list("count", flat=True)) == {2}
    assert Refusal.objects.filter(hour__gt=hour).count() == MANY


@pytest.mark.skipif(settings.ENGINE == "sqlite3", reason="a server is for several machines")
def test_programs_at_once_delete_each_row_once(old):
    url = os.environ["TEST_DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.commands.settings", "TEST_DATABASE_URL": url}
    command = [sys.executable, "-m", "django", "ding_purge", "--older-than=90d", "--batch=5"]
    started = [subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sum(int(line.split()[1]) for line in printed) == MANY
    assert not Event.objects.exists()
