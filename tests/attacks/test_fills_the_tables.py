"""A stranger wants a row for each number that they can think of, until the disk is full."""

from contextlib import suppress

import pytest
from django.core.cache import caches
from django.db.models import Sum

from django_ding.exceptions import InputError, RateLimited
from django_ding.guard import refusals
from django_ding.guard.refusals import MAX_ROWS_PER_HOUR
from django_ding.models import RateLimitCounter, Refusal
from django_ding.services import send
from django_ding.testing import sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters", "clock")]

HERE = "192.0.2.7"
TRIES = MAX_ROWS_PER_HOUR + 20


def ask(*, ips=(HERE,), tries=TRIES, user=None):
    """Request codes to ever new numbers, from each address in turn."""
    for number in range(tries):
        with suppress(InputError, RateLimited):
            send(f"+336123{number:05}", ip=ips[number % len(ips)], user=user)


def rows():
    """Return the rows about several numbers."""
    return list(Refusal.objects.filter(phone_number="").values_list("reason", "count", "user", "ip"))


def counted():
    return Refusal.objects.aggregate(total=Sum("count"))["total"]


def test_one_row_for_an_address_that_sends_too_much():
    with sandbox(RATE_LIMITS={"send": "2/h/ip"}):
        ask()
    assert rows() == [("ip", TRIES - 2, None, HERE)]
    assert Refusal.objects.count() == 1


@pytest.mark.parametrize(
    ("settings", "reason", "sent"),
    [
        ({"BLOCKED_COUNTRIES": ["FR"]}, "unsupported_region", 0),
        ({"BLOCKED_LINE_TYPES": ["mobile"]}, "invalid_line", 0),
        ({"RATE_LIMITS": {"send": "1/h/prefix"}}, "prefix", 1),
        ({"RATE_LIMITS": {"send": "1/h/country"}}, "country", 1),
        ({"RATE_LIMITS": {"send": "1/h/all"}}, "all", 1),
    ],
)
def test_rows_of_an_address_are_limited(settings, reason, sent):
    with sandbox(**settings):
        ask()
    assert rows() == [(reason, TRIES - sent - MAX_ROWS_PER_HOUR, None, HERE)]
    assert counted() == TRIES - sent


def test_rows_of_all_addresses_of_a_site_are_limited():
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        ask(ips=[f"2001:db8:0:{subnet:x}::1" for subnet in range(TRIES)])
    assert Refusal.objects.count() == MAX_ROWS_PER_HOUR + 1


def test_rows_of_a_user_are_limited_whatever_their_address(user):
    with sandbox(RATE_LIMITS={"send": "1/h/user"}):
        ask(user=user, ips=[f"192.0.2.{host}" for host in range(TRIES)])
    assert [row[:3] for row in rows()] == [("user", TRIES - 1 - MAX_ROWS_PER_HOUR, user.pk)]


def test_rows_without_an_address_are_limited():
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        ask(ips=[None])
    assert Refusal.objects.count() == MAX_ROWS_PER_HOUR + 1


def test_others_still_have_rows_of_their_own(phone):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        ask()
        ask(ips=["198.51.100.7"], tries=1)
        with suppress(InputError):
            send(phone, ip="198.51.100.7")
    assert Refusal.objects.to(phone).get().ip == "198.51.100.7"


def test_numbers_that_are_refused_fill_neither_the_cache_nor_the_memory():
    with sandbox(RATE_LIMITS={"send": "1/h/prefix"}):
        ask(tries=400)
        counters = [key for key in caches["default"]._cache if not key.endswith(":end")]
        assert len(counters) == 3  # Of the prefix, of the one that was sent, and of the rows.
        assert refusals._counter.cache_info().currsize == 100


@pytest.mark.parametrize("ip", [HERE, None])
def test_a_neighbor_with_an_address_of_many_hides_no_one(ip):
    """A carrier's NAT is one address."""
    with sandbox(RATE_LIMITS={"send": "1/h/country"}):
        send("+33612340000", ip=ip)
        for number in [*["+33612345678"] * 300, *["+33612345679"] * 3]:
            with suppress(RateLimited):
                send(number, ip=ip)
    assert Refusal.objects.to("+33612345678").get().count == pytest.approx(300, rel=1 / 16)
    assert Refusal.objects.to("+33612345679").get().count == 3


def test_each_hour_has_room_again(clock):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        ask()
        clock.shift(3600)
        ask(tries=1)
    assert Refusal.objects.count() == MAX_ROWS_PER_HOUR + 2


def test_a_refused_request_leaves_no_counters_in_the_table():
    with sandbox(RATE_LIMITS={"send": "5/h/phone,2/h/ip,60/h/prefix"}, RATE_LIMIT_CACHE=None):
        ask(tries=2)
        before = RateLimitCounter.objects.count()
        ask(tries=40)
    assert RateLimitCounter.objects.count() == before
