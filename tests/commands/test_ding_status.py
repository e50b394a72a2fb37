import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from django_ding.management.output import relative
from django_ding.models import Authentication, Event
from django_ding.services import check, send
from django_ding.testing import script

pytestmark = pytest.mark.django_db


@pytest.fixture
def authentication(clock, phone, user):
    """A code that was sent, delivered after 12 seconds, and entered wrongly after a minute."""
    row = send(phone, user=user).authentication
    price = {"amount": "0.030000", "currency": "EUR"}
    moment = row.created_at + timedelta(seconds=12)
    row.events.create(
        type="delivery_status", status="delivered", channel="sms", occurred_at=moment, data={"price": price}
    )
    Authentication.objects.update(
        channel="sms", delivery_status="delivered", price_amount=Decimal("0.03"), price_currency="EUR"
    )
    clock.shift(65)
    check(row, "000000")
    row.refresh_from_db()
    return row


def test_it_shows_the_timeline(command, authentication, user):
    ended = command("ding_status", str(authentication.public_id))
    assert (ended.code, ended.err) == (0, "")
    details, timeline = ended.out.split("\n\nTimeline\n")
    shown = {name: value.strip() for name, value in (line.split("  ", 1) for line in details.splitlines())}
    assert shown == {
        "ID": str(authentication.public_id),
        "Provider ID": authentication.authentication_uuid,
        "Phone number": "+33*******78",
        "User": f"{user.pk}",
        "Purpose": "link",
        "Backend": "default",
        "Status": "pending",
        "Delivery": "delivered by sms",
        "Price": "0.03 EUR",
        "Checks": "1 of 5",
        "Retries": "0, 3 left",
        "Created": "2026-06-01 07:00 CDT, 1 min 5 s ago",
        "Expires": "2026-06-01 07:10 CDT, in 8 min 55 s",
        "Next retry": "2026-06-01 07:00 CDT, 35 s ago",
    }
    assert {line.index(shown[line.split("  ")[0]]) for line in details.splitlines()} == {len("Phone number  ")}
    assert timeline.splitlines() == [
        "+0 s        authentication   pending",
        "+12 s       delivery_status  delivered  sms 0.03 EUR",
        "+1 min 5 s  check            invalid",
    ]


def test_json_is_for_programs(command, authentication):
    shown = json.loads(command("ding_status", str(authentication.public_id), "--json").out)
    assert shown["earlier"] == []
    assert shown["authentication"]["price_amount"] == "0.030000"
    delivered = shown["authentication"]["timeline"][1]
    assert delivered == {
        "type": "delivery_status",
        "status": "delivered",
        "occurred_at": "2026-06-01T12:00:12+00:00",
        "seconds_after": 12.0,
        "attempt_number": None,
        "channel": "sms",
        "data": {"price": {"amount": "0.030000", "currency": "EUR"}},
    }


@pytest.mark.parametrize("number", ["06 12 34 56 78", "+33612345678", "0033612345678"])
def test_number_shows_its_newest_and_the_earlier_ones(command, clock, authentication, number):
    clock.shift(3600)
    newest = send("+33612345678", purpose="login").authentication
    ended = command("ding_status", number)
    assert str(newest.public_id) in ended.out.splitlines()[0]
    assert ended.out.splitlines()[-2:] == [
        "ID                                    Purpose  Status             Created",
        f"{authentication.public_id}  link     pending (expired)  1 h 1 min ago",
    ]
    shown = json.loads(command("ding_status", number, "--json").out)
    assert [row["id"] for row in shown["earlier"]] == [str(authentication.public_id)]


def test_refresh_asks_the_provider(command, clock, phone):
    row = send(phone).authentication
    clock.shift(5)
    assert "sms" not in command("ding_status", phone).out
    assert "delivered by sms" in command("ding_status", phone, "--refresh").out
    assert Event.objects.filter(authentication=row, type="attempt").exists()


def test_refresh_in_an_outage(command, phone):
    send(phone)
    script("status", "server_error")
    ended = command("ding_status", phone, "--refresh")
    assert (ended.code, ended.out) == (3, "")


def test_failure_shows_its_reason(command):
    command("ding_send", "+12025550129")
    out = command("ding_status", "+12025550129").out
    assert "failed (http_500)" in out
    assert out.splitlines()[-1].split() == ["+0", "s", "error", "http_500", "send"]


def test_nothing_is_found(command):
    assert command("ding_status", "+12025550199").err == "No verification of +1********99 was found. (not_found)"
    assert command("ding_status", "nonsense").code == 1


def test_event_before_its_authentication_is_negative(command, authentication):
    authentication.events.create(type="attempt", occurred_at=authentication.created_at - timedelta(seconds=2))
    assert "\n-2 s " in command("ding_status", str(authentication.public_id)).out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (10_920, "3 h 2 min"),
        (90 * 86_400 + 7200, "90 d 2 h"),
    ],
)
def test_relative_has_two_units_at_most(clock, seconds, text):
    assert relative(timezone.now() - timedelta(seconds=seconds)) == f"{text} ago"


def test_relative_to_the_future(clock):
    assert relative(timezone.now() + timedelta(seconds=25)) == "in 25 s"
