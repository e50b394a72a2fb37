"""Moments are right in projects without ``USE_TZ`` and on databases with a ``TIME_ZONE``, also when clocks go back."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.models import Max
from django.test import override_settings
from django.urls import reverse

from django_ding import services, sql
from django_ding.backends import get_backend
from django_ding.exceptions import RateLimited
from django_ding.models import Authentication, DailyStatistics, Event, PhoneNumber
from django_ding.models.fields import UtcDateTimeField
from django_ding.services import CheckStatus, RetryStatus, check, retry, roll_up, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

#: In Paris it is 2:30 at both: at 3:00 clocks go back to 2:00.
FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True, params=["without USE_TZ", "a database's TIME_ZONE"])
def project(request, monkeypatch, db):
    if request.param == "without USE_TZ":
        changes = {"USE_TZ": False, "TIME_ZONE": "Europe/Paris"}
    else:
        monkeypatch.setitem(connection.settings_dict, "TIME_ZONE", "Europe/Paris")
        changes = {"TIME_ZONE": "Asia/Kolkata"}  # Connections read both anew.
    with override_settings(**changes):
        yield request.param
    monkeypatch.undo()
    with override_settings(TIME_ZONE="UTC"):
        pass


@pytest.fixture
def night():
    """Five minutes before clocks go back."""
    with time_machine.travel(datetime(2026, 10, 25, 0, 55, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def test_every_time_is_kept_in_utc():
    fields = [field for model in apps.get_app_config("django_ding").get_models() for field in model._meta.fields]
    assert [f for f in fields if isinstance(f, models.DateTimeField) and not isinstance(f, UtcDateTimeField)] == []


@pytest.mark.parametrize("moment", [FIRST, SECOND, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)])
def test_moment_comes_back(phone, moment):
    row = Authentication.objects.create(phone_number=phone, created_at=moment, expires_at=moment)
    rows = Authentication.objects.filter(expires_at=moment.astimezone(ZoneInfo("Asia/Tokyo")))
    found = [
        rows.get().expires_at,
        rows.values_list("expires_at", flat=True)[0],
        rows.aggregate(last=Max("expires_at"))["last"],
        rows[:5].aggregate(last=Max("expires_at"))["last"],
        sql.get(Authentication, public_id=row.public_id, using="default").expires_at,
    ]
    assert [value.isoformat() for value in found] == [moment.isoformat()] * 5


def test_hours_with_the_same_name_are_two(phone):
    for moment in (SECOND, FIRST):
        Authentication.objects.create(phone_number=phone, created_at=moment, expires_at=moment)
    assert list(Authentication.objects.order_by("created_at").values_list("created_at", flat=True)) == [FIRST, SECOND]
    assert Authentication.objects.filter(created_at__gt=FIRST).get().created_at == SECOND


def test_naive_value_is_of_the_default_time_zone(phone, settings):
    settings.USE_TZ, settings.TIME_ZONE = False, "Europe/Paris"
    for fold, moment in enumerate((FIRST, SECOND)):
        local = datetime(2026, 10, 25, 2, 30, fold=fold)
        Authentication.objects.create(phone_number=phone, created_at=local, expires_at=local)
        assert Authentication.objects.filter(created_at=local).get().created_at == moment


def test_code_lives_as_long_as_ever(night, phone, outbox):
    authentication = send(phone).authentication
    assert authentication.expires_at == Authentication.objects.get().expires_at == night_after(600)
    night.shift(599)
    assert check(authentication, outbox[-1].code).status is CheckStatus.VALID


def test_code_expires_in_time(night, phone, outbox):
    authentication = send(phone).authentication
    night.shift(601)
    assert check(authentication, outbox[-1].code).status is CheckStatus.EXPIRED_AUTH


def test_cooldown_ends_in_time(night, phone):
    night.shift(290)
    authentication = send(phone).authentication
    night.shift(5)
    assert retry(authentication).status is RetryStatus.RATE_LIMITED
    night.shift(26)
    assert retry(authentication).status is RetryStatus.APPROVED


def test_counters_in_the_database_end_in_time(night, phone):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}, RATE_LIMIT_CACHE=None):
        send(phone)
        night.shift(601)
        with pytest.raises(RateLimited) as raised:
            send(phone)
        assert raised.value.retry_after == pytest.approx(2999, abs=1)
        night.shift(3000)
        send(phone)


def test_statistics_count_days_in_utc(night, phone):
    """Also of a day in the past, found by a new event."""
    created_at = datetime(2026, 10, 1, 22, 30, tzinfo=UTC)  # In Paris, it is the 2nd.
    row = Authentication.objects.create(
        phone_number=phone, status="pending", created_at=created_at, expires_at=created_at + timedelta(minutes=10)
    )
    roll_up()
    Authentication.objects.update(status="validated", validated_at=created_at + timedelta(minutes=1))
    Event.objects.create(authentication=row, type="delivery_status")
    roll_up()
    day = DailyStatistics.objects.get(validated=1)
    assert (day.day.isoformat(), day.sends) == ("2026-10-01", 1)


def test_admin_shows_local_times(project, night, user, phone, admin_client):
    number = PhoneNumber.objects.create(user=user, phone_number=phone, verified_at=FIRST)
    local, later, zone = ("02:30", "02:55", "CEST") if project == "without USE_TZ" else ("06:00", "06:25", "IST")
    assert f"{local} {zone}" in admin_client.get(reverse("admin:django_ding_phonenumber_changelist")).text
    page = admin_client.get(reverse("admin:django_ding_phonenumber_change", args=[number.pk]))
    assert f"Oct. 25, 2026, {local}:00\N{NO-BREAK SPACE}{zone}" in page.text
    row = send(phone, user=user).authentication
    page = admin_client.get(reverse("admin:django_ding_authentication_change", args=[row.pk]))
    assert f"Oct. 25, 2026, {later}:00\N{NO-BREAK SPACE}{zone}" in page.text


def test_admin_filters_by_local_days(project, phone, admin_client, settings):
    settings.TIME_ZONE = "Europe/Paris"
    Authentication.objects.create(phone_number=phone, created_at=FIRST, expires_at=FIRST)
    url = reverse("admin:django_ding_authentication_changelist")
    for day, count in (("2026-10-24", 0), ("2026-10-25", 1)):
        end = f"{day[:-2]}{int(day[-2:]) + 1}"
        page = admin_client.get(url, {"created_at__gte": day, "created_at__lt": end})
        assert page.context["cl"].result_count == count


def test_login_pages_show_local_days(project, client, user, phone, settings):
    settings.ROOT_URLCONF = "tests.login.site"
    moment = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    PhoneNumber.objects.create(user=user, phone_number=phone, verified_at=moment)
    client.force_login(user)
    page = client.get(reverse("django_ding_login:numbers"))
    assert "Oct. 25, 2026" in page.text


def test_webhook_is_recorded_at_its_moment(night, client, phone, settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com"}
    row = send(phone).authentication
    url = urlsplit(services.make_webhook_url(get_backend(), row.public_id)).path
    for number, time in enumerate(("2026-10-25T00:59:00Z", "2026-10-25T02:01:00+01:00")):
        event = {"id": f"{number}", "type": "delivery_status", "status": "delivered", "time": time}
        event |= {"correlation_id": str(row.public_id), "attempt_number": 1}
        assert client.post(url, event, content_type="application/json").status_code == 200
    moments = Event.objects.filter(type="delivery_status").values_list("occurred_at", flat=True)
    assert sorted(moments) == [night_after(240), night_after(360)]


def test_commands_take_and_show_moments(project, night, phone):
    out = StringIO()
    row = send(phone).authentication
    call_command("ding_status", str(row.public_id), json=True, stdout=out)
    assert json.loads(out.getvalue())["authentication"]["expires_at"] == "2026-10-25T01:05:00+00:00"
    call_command("ding_status", str(row.public_id), stdout=out)
    assert ("02:05 CET, in 10 min" if project == "without USE_TZ" else "06:35 IST, in 10 min") in out.getvalue()
    night.shift(3600)
    call_command("ding_reconcile", stdout=out)
    row.refresh_from_db()
    assert row.status == "expired"
    night.shift(86_400 - 3599)
    call_command("ding_purge", "--older-than", "1d", stdout=out)
    assert not Authentication.objects.exists()


def test_export_has_moments(user, phone):
    PhoneNumber.objects.create(user=user, phone_number=phone, verified_at=SECOND)
    assert "2026-10-25T01:30:00Z" in str(services.export_data(user=user))


def night_after(seconds):
    return datetime(2026, 10, 25, 0, 55, tzinfo=UTC) + timedelta(seconds=seconds)
