"""``manage.py demo_data``: what it creates, and that it leaves other rows alone."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import phonenumbers
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import CharField, Max, Sum
from django.db.models.functions import Length

from django_ding.flows.summary import summarize
from django_ding.guard.lockouts import find_lockout
from django_ding.models import (
    Authentication,
    Block,
    DailyStatistics,
    Event,
    Lockout,
    LostPhoneNumber,
    PhoneNumber,
    RecoveryCode,
    Refusal,
    RememberedDevice,
)
from django_ding.services import send
from django_ding.testing import sandbox

pytestmark = pytest.mark.slow

FAILING_CARRIER, OTHER_CARRIER = "20870", "20871"
NOW = datetime(2026, 11, 21, 15, 40, tzinfo=UTC)

#: Ranges that are reserved for fiction.
FICTIONAL = re.compile(
    r"\+1\d{3}55501\d\d|\+3363998\d{4}|\+447700900\d{3}|\+49(17139200\d\d|17604069\d{3})|\+46701740[67]\d\d"
    r"|\+35320910\d{4}|\+6149157\d{4}"
)
EXAMPLES = {
    phonenumbers.format_number(
        phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE),
        phonenumbers.PhoneNumberFormat.E164,
    )
    for region in ("BE", "BR", "CH", "DZ", "ES", "FR", "ID", "IN", "IT", "MA", "MX", "NG", "NL", "PT", "SN", "TN")
}


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


@pytest.fixture
def small(debug, monkeypatch, time_machine):
    """Fewer codes, where it isn't about how many there are."""
    from example.demo_data import site

    monkeypatch.setattr(site, "ORDINARY", 400)
    monkeypatch.setattr(site, "CAMPAIGN", site.STEADY)
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(scope="module")
def site():
    from example.demo_data.site import Site

    return Site(NOW)


def demo_data(*options: str) -> str:
    from example.management.commands.demo_data import Command

    out = StringIO()
    call_command(Command(), *options, stdout=out)
    return out.getvalue()


def rows() -> list[tuple]:
    columns = ("public_id", "phone_number", "status", "created_at", "price_amount", "user__username")
    return list(Authentication.objects.order_by("pk").values_list(*columns))


@pytest.mark.django_db
def test_demo_data_has_everything(debug, time_machine):
    time_machine.move_to(NOW, tick=False)
    with sandbox() as outbox:
        printed = demo_data()
    assert f"{Authentication.objects.count():,} codes" in printed
    assert f"{Event.objects.count():,} events" in printed
    assert (len(outbox), Authentication.objects.count() > 6000) == (0, True)
    statuses = set(Authentication.objects.values_list("status", flat=True))
    assert statuses == {"created", "validated", "expired", "pending", "failed", "spam_detected", "rate_limited"}
    assert set(Event.objects.values_list("type", flat=True)) == set(Event.Type.values) - {
        "balance_update",
        "cancel",
        "feedback",
    }
    assert PhoneNumber._default_manager.count() > 300
    assert set(Refusal.objects.values_list("reason", flat=True)) == {*Refusal.Reason.values, "blocked_number"}
    assert Refusal.objects.filter(last_at__date=NOW.date()).values("reason").distinct().count() > 10
    assert {block.scope for block in Block.objects.active()} == {"prefix", "country"}
    assert {lockout.scope for lockout in Lockout.objects.active()} == {"phone", "user"}
    assert RememberedDevice.objects.filter(expires_at__gt=NOW).count() > 100
    assert {lost.reason for lost in LostPhoneNumber.objects.active()} == set(LostPhoneNumber.Reason.values)
    assert {code.status for code in RecoveryCode.objects.all()} == set(RecoveryCode.Status)
    assert {day.day for day in DailyStatistics.objects.order_by("-day")[:2]} == {NOW.date(), date(2026, 11, 20)}
    sent = Authentication.objects.filter(status__in=Authentication.SENT_STATUSES).count()
    assert DailyStatistics.objects.aggregate(sends=Sum("sends"))["sends"] == sent
    assert too_long() == []


def too_long() -> list[str]:
    """Return the columns with a text that doesn't fit: SQLite stores any, PostgreSQL refuses it."""
    fields = [
        field for model in apps.get_app_config("django_ding").get_models() for field in model._meta.concrete_fields
    ]
    lengths = {
        str(field): field.model._base_manager.aggregate(longest=Max(Length(field.attname)))["longest"] or 0
        for field in fields
        if isinstance(field, CharField)
    }
    return [str(field) for field in fields if field.max_length and lengths.get(str(field), 0) > field.max_length]


@pytest.mark.django_db
def test_lockouts_hold_until_support_lifts_them(small):
    demo_data()
    for lockout in Lockout.objects.active():
        purpose = "second_factor" if lockout.user_id else "login"
        requester = {"user": lockout.user, "requester_type": lockout.requester_type}
        last = Authentication(phone_number=lockout.phone_number, purpose=purpose, **requester)
        assert find_lockout(last) == lockout


@pytest.mark.django_db
def test_each_summary_has_a_verification(small, admin_client):
    """The pages of the last two days, one for each way in which a verification can end."""
    demo_data()
    rows = Authentication.objects.filter(created_at__gt=NOW - timedelta(days=2))
    kinds = {(row.status, row.error_code, row.delivery_status, bool(row.check_count)): row for row in rows}
    assert {kind[1] for kind in kinds} >= {"suspended_account", "tls_error", "undocumented_error"}
    for row in kinds.values():
        page = admin_client.get(f"/admin/django_ding/authentication/{row.pk}/change/")
        assert page.status_code == 200


@pytest.mark.django_db
def test_demo_fills_the_site_before_it_is_served(small):
    from example.management.commands.demo import Command

    for _ in range(2):  # The second time there is data already.
        call_command(Command(), "--prepare", "--data")
    assert DailyStatistics.objects.exists()


@pytest.mark.django_db
def test_demo_data_is_replaced_and_deleted(small, django_user_model):
    """Other rows stay."""
    from example.demo_data.rows import delete

    user = django_user_model.objects.create_user("demo")
    own = send("+1 202 555 0100", user=user).authentication
    number = PhoneNumber(user=user, phone_number="+12125550101")
    number.save()
    demo_data()
    first = rows()
    with pytest.raises(CommandError, match="--replace"):
        demo_data()
    demo_data("--replace")
    assert rows() == first
    delete()
    assert Authentication.objects.get() == own
    for model in (Block, Lockout, LostPhoneNumber, RecoveryCode, Refusal, RememberedDevice):
        assert not model._default_manager.exists()
    assert PhoneNumber._default_manager.filter(user=user).get() == number


@pytest.mark.django_db
def test_demo_data_needs_debug():
    with pytest.raises(CommandError, match="DEBUG=1"):
        demo_data()
    assert not Authentication.objects.exists()


def test_numbers_are_fictional(site):
    numbers = {timeline.authentication.phone_number for timeline in site.timelines}
    assert {number for number in numbers if not FICTIONAL.fullmatch(number)} == EXAMPLES


def test_timelines_are_plausible(site):
    for timeline in site.timelines:
        row, times = timeline.authentication, [event.occurred_at for event in timeline.events]
        assert times == sorted(times)
        if row.status == "created":
            assert not times
            continue
        assert row.created_at < times[0]
        assert row.created_at <= (row.validated_at or row.created_at) < row.expires_at
        assert row.check_count <= 5
        assert row.retry_count + row.remaining_retry == 3
        assert (row.status == "pending") == (row.expires_at > NOW and row.status not in ("failed", "validated"))


def test_timelines_add_up(site):
    for timeline in site.timelines:
        for name, value in summarize(timeline.events).items():
            assert getattr(timeline.authentication, name) == value


def test_one_carrier_fails_in_the_last_hours(site):
    """Each of the last six hours has enough codes of either to tell, whatever the time of day."""
    for hour in range(6):
        end = NOW - timedelta(minutes=15 + 60 * hour)
        rows = [timeline.authentication for timeline in site.timelines]
        rows = [row for row in rows if end - timedelta(hours=1) < row.created_at <= end]
        delivered = {}
        for carrier in (FAILING_CARRIER, OTHER_CARRIER):
            statuses = [row.delivery_status for row in rows if row.carrier == carrier]
            assert len(statuses) >= 5
            delivered[carrier] = statuses.count("delivered") / len(statuses)
        assert delivered[FAILING_CARRIER] < 0.6 < delivered[OTHER_CARRIER]


def test_last_two_days_have_codes_in_each_hour(site):
    hours = Counter((NOW - timeline.authentication.created_at) // timedelta(hours=1) for timeline in site.timelines)
    assert all(hours[hour] for hour in range(48))
    assert sum(hours[hour] for hour in range(48)) > 1300


def test_days_have_an_outage_and_an_attack(site):
    failed = Counter(s.authentication.created_at.date() for s in site.timelines if s.authentication.status == "failed")
    (_, worst), (_, second) = failed.most_common(2)
    assert worst > 3 * second
    later = [timeline for timeline in site.timelines if timeline.authentication.created_at > site.blocks[0].created_at]
    during = [timeline for timeline in later if timeline.authentication.created_at < site.blocks[0].expires_at]
    assert "+1876555" not in {timeline.authentication.prefix for timeline in during}
