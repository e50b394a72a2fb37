"""``manage.py demo_data``: what it makes, for whom, and that it leaves all else alone."""

import re
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import phonenumbers
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from django_ding.models import Authentication, Block, Event, PhoneNumber, Refusal, Rollup
from django_ding.services import send
from django_ding.services.summary import summarize
from django_ding.testing import sandbox

NOW = datetime(2026, 11, 21, 15, 40, tzinfo=UTC)

#: Ranges that are kept for fiction.
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
def test_demo_data_makes_all_kinds(debug, time_machine):
    time_machine.move_to(NOW, tick=False)
    with sandbox() as outbox:
        told = demo_data()
    assert f"{Authentication.objects.count():,} codes" in told
    assert f"{Event.objects.count():,} events" in told
    assert (len(outbox), Authentication.objects.count() > 6000) == (0, True)
    statuses = set(Authentication.objects.values_list("status", flat=True))
    assert statuses == {"validated", "expired", "pending", "failed", "spam_detected", "rate_limited"}
    assert set(Event.objects.values_list("type", flat=True)) == set(Event.Type.values) - {"balance_update"}
    assert PhoneNumber._default_manager.count() > 300
    assert Block.objects.filter(scope="prefix", validated=0).count() == 2
    assert Refusal.objects.filter(reason="conversion").count() == 60
    sent = Authentication.objects.filter(status__in=Authentication.SENT_STATUSES).count()
    assert Rollup.objects.aggregate(sends=Sum("sends"))["sends"] == sent


@pytest.mark.django_db
def test_demo_data_is_replaced_and_taken_back(debug, time_machine, django_user_model):
    """What else is there stays."""
    from example.demo_data.saving import delete

    time_machine.move_to(NOW, tick=False)
    user = django_user_model.objects.create_user("demo")
    own = send("+1 202 555 0100", user=user)
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


def test_numbers_are_nobodys(site):
    numbers = {story.authentication.phone_number for story in site.stories}
    assert {number for number in numbers if not FICTIONAL.fullmatch(number)} == EXAMPLES


def test_stories_are_plausible(site):
    for story in site.stories:
        told, times = story.authentication, [event.occurred_at for event in story.events]
        assert times == sorted(times)
        assert told.created_at < times[0]
        assert told.created_at <= (told.validated_at or told.created_at) < told.expires_at
        assert told.check_count <= 5
        assert told.retry_count + told.remaining_retry == 3
        assert (told.status == "pending") == (told.expires_at > NOW and told.status not in ("failed", "validated"))


def test_stories_add_up(site):
    for story in site.stories:
        for name, value in summarize(story.events).items():
            assert getattr(story.authentication, name) == value


def test_days_have_an_outage_and_an_attack(site):
    failed = Counter(s.authentication.created_at.date() for s in site.stories if s.authentication.status == "failed")
    (_, worst), (_, second) = failed.most_common(2)
    assert worst > 10 * second
    stopped = [story for story in site.stories if story.authentication.created_at > site.blocks[0].created_at]
    during = [story for story in stopped if story.authentication.created_at < site.blocks[0].expires_at]
    assert "+1876555" not in {story.authentication.prefix for story in during}
