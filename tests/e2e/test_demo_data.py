"""``manage.py demo_data``: what it creates, and that it leaves other rows alone."""

import re
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import phonenumbers
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from django_ding.flows.summary import summarize
from django_ding.models import Authentication, Block, DailyStatistics, Event, PhoneNumber, Refusal
from django_ding.services import send
from django_ding.testing import sandbox

pytestmark = pytest.mark.slow

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
    assert statuses == {"validated", "expired", "pending", "failed", "spam_detected", "rate_limited"}
    assert set(Event.objects.values_list("type", flat=True)) == set(Event.Type.values) - {"balance_update", "cancel"}
    assert PhoneNumber._default_manager.count() > 300
    assert Block.objects.filter(scope="prefix", validated=0).count() == 2
    assert Refusal.objects.filter(reason="conversion").count() == 60
    sent = Authentication.objects.filter(status__in=Authentication.SENT_STATUSES).count()
    assert DailyStatistics.objects.aggregate(sends=Sum("sends"))["sends"] == sent


@pytest.mark.django_db
def test_demo_data_is_replaced_and_deleted(debug, time_machine, django_user_model):
    """Other rows stay."""
    from example.demo_data.rows import delete

    time_machine.move_to(NOW, tick=False)
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
        assert row.created_at < times[0]
        assert row.created_at <= (row.validated_at or row.created_at) < row.expires_at
        assert row.check_count <= 5
        assert row.retry_count + row.remaining_retry == 3
        assert (row.status == "pending") == (row.expires_at > NOW and row.status not in ("failed", "validated"))


def test_timelines_add_up(site):
    for timeline in site.timelines:
        for name, value in summarize(timeline.events).items():
            assert getattr(timeline.authentication, name) == value


def test_days_have_an_outage_and_an_attack(site):
    failed = Counter(s.authentication.created_at.date() for s in site.timelines if s.authentication.status == "failed")
    (_, worst), (_, second) = failed.most_common(2)
    assert worst > 10 * second
    later = [timeline for timeline in site.timelines if timeline.authentication.created_at > site.blocks[0].created_at]
    during = [timeline for timeline in later if timeline.authentication.created_at < site.blocks[0].expires_at]
    assert "+1876555" not in {timeline.authentication.prefix for timeline in during}
