"""What the guard refuses is recorded: a row for each number, reason, hour and requester."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from django_ding.exceptions import BackendRejected, BackendUnavailable, Blocked, InputError, RateLimited
from django_ding.guard.limits import Scope
from django_ding.guard.refusals import record_refusal
from django_ding.models import Refusal
from django_ding.services import retry, send
from django_ding.testing import sandbox, script
from tests.helpers import NOON, REDIS_IS_DOWN, Statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

HERE, THERE = "192.0.2.7", "2001:db8::7"


@pytest.fixture
def none_left(phone):
    """Return a function that is refused a code, since no number has any message of the hour."""
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}, MIN_CONVERSION=""):
        yield lambda **given: refusal_of(lambda: send(phone, **given))


def refusal_of(call):
    with pytest.raises((InputError, Blocked, RateLimited)) as caught:
        call()
    return caught.value


def reasons():
    return dict(Refusal.objects.values_list("reason", "count"))


def test_refusal_is_a_row(clock, none_left, user, phone):
    none_left(user=user, ip=HERE)
    row = Refusal.objects.get()
    now = datetime.fromisoformat(NOON)
    assert (row.phone_number, row.country, row.prefix) == (phone, "FR", "+3361234")
    assert (row.reason, row.count, row.user, row.ip) == ("phone", 1, user, "192.0.2.7")
    assert (row.hour, row.first_at, row.last_at) == (now, now, now)


def test_refusals_of_an_hour_are_counted_in_one_row(clock, none_left, user):
    none_left(user=user, ip=HERE)
    clock.shift(1799)
    none_left(user=user)
    clock.shift(1800)
    none_left(user=user, ip=THERE)
    row = Refusal.objects.get()
    assert (row.count, row.last_at - row.first_at) == (3, timedelta(seconds=3599))
    assert (row.user, row.ip) == (user, "2001:db8::7")  # The address of the last request.


def test_each_requester_has_a_row(none_left, user, other_user):
    for requester in (user, other_user, None, user, None):
        none_left(user=requester)
    assert dict(Refusal.objects.values_list("user", "count")) == {user.pk: 2, other_user.pk: 1, None: 2}


def test_each_hour_has_a_row(clock, none_left):
    clock.shift(1800)
    none_left()
    clock.shift(1799)
    none_left()
    with sandbox(RATE_LIMITS={"send": "1/d/phone"}):
        send("+33612345678", purpose="signup", user=None, ip=HERE)
        clock.shift(1)
        none_left()
    hours = Refusal.objects.order_by("hour").values_list("hour", "count")
    assert list(hours) == [(datetime(2026, 6, 1, 12, tzinfo=UTC), 2), (datetime(2026, 6, 1, 13, tzinfo=UTC), 1)]


def test_newest_refusals_of_a_number(clock, none_left, phone):
    none_left()
    with sandbox(BLOCKED_COUNTRIES=["FR", "US"]):
        clock.shift(1)
        refusal_of(lambda: send(phone))
        refusal_of(lambda: send("+12025550100"))
    assert [row.reason for row in Refusal.objects.to(phone)] == ["unsupported_region", "phone"]


@pytest.mark.parametrize("scope", Scope)
def test_refusal_has_the_scope_of_the_exceeded_rate(scope, user, phone):
    with sandbox(RATE_LIMITS={"send": f"1/h/{scope}"}):
        send(phone, user=user, ip=HERE)
        refusal_of(lambda: send(phone, user=user, ip=HERE, purpose="signup"))
    assert reasons() == {scope.value: 1}


@pytest.mark.parametrize(
    ("settings", "number", "reason"),
    [
        ({"BLOCKED_COUNTRIES": ["FR"]}, "+33612345678", "unsupported_region"),
        ({}, "+33123456789", "invalid_line"),
    ],
)
def test_refusal_has_the_code_of_the_setting(settings, number, reason):
    with sandbox(**settings):
        refusal_of(lambda: send(number))
    assert reasons() == {reason: 1}


def test_refusal_by_a_lookup_has_its_code(phone):
    with sandbox(LOOKUP_BEFORE_SEND=True):
        script("lookup", "Voip", "invalid_phone_number", "blocked_number")
        for number in (phone, "+12025550100", "+12025550101"):
            refusal_of(partial(send, number))
    assert reasons() == {"invalid_line": 1, "invalid_phone_number": 1, "blocked_number": 1}


def test_refusal_for_low_conversion(clock, phone):
    with sandbox(MIN_CONVERSION="100%/1/h/country"):
        send(phone)
        clock.shift(700)
        refusal_of(lambda: send(phone))
        refusal_of(lambda: send(phone))
    assert reasons() == {"conversion": 2}


def test_reasons_are_the_scopes_and_codes_of_the_guard():
    codes = {"unsupported_region", "invalid_line", "outdated_phone_number", "untrusted_number"}
    others = {"conversion", "locked_out", *codes}
    assert {*Scope, *others} == set(Refusal.Reason.values)


def test_live_authentication_within_the_cooldown_is_no_refusal(user, phone):
    with sandbox(RATE_LIMITS={"send": "1/30s/phone"}):
        first = send(phone, user=user).authentication
        assert send(phone, user=user).authentication == first
    assert not Refusal.objects.exists()


def test_refused_retries_are_counted_in_the_row_of_the_user(clock, user, phone):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        authentication = send(phone, user=user, ip=HERE).authentication
        clock.shift(30)
        refusal_of(lambda: retry(authentication))
        refusal_of(lambda: send(phone, user=user))
    row = Refusal.objects.get()
    assert (row.reason, row.count, row.user, row.ip) == ("phone", 2, user, "192.0.2.7")


@pytest.mark.parametrize("outcome", ["invalid_line", "negative_balance", "server_error", "rate_limited"])
def test_what_the_provider_refuses_or_fails_is_no_refusal_of_the_guard(phone, outcome):
    script("send", outcome)
    with suppress(InputError, RateLimited, BackendRejected, BackendUnavailable):
        send(phone)
    assert not Refusal.objects.exists()


def test_deleting_a_user_unlinks_refusals(none_left, user):
    none_left(user=user)
    user.delete()
    assert Refusal.objects.get().user is None


def test_text_masks_the_number(none_left, phone):
    none_left()
    row = Refusal.objects.get()
    assert str(row) == "+33*******78"
    assert phone not in repr(row)


@pytest.mark.parametrize(("is_first", "expected"), [(True, ["UPDATE", "INSERT"]), (False, ["UPDATE"])])
def test_repeated_refusal_takes_one_statement(none_left, is_first, expected):
    if not is_first:
        none_left()
    with Statements() as statements:
        none_left()
    assert [sql.split()[0] for sql in statements.sql if Refusal._meta.db_table in sql] == expected


@pytest.mark.django_db(transaction=True)
def test_refusal_stands_when_it_cannot_be_recorded(none_left, phone, caplog):
    def fail(execute, sql, *rest):
        if Refusal._meta.db_table in sql:
            raise OperationalError(f"disk full: {phone}")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        assert none_left().code == "rate_limited"
    assert not Refusal.objects.exists()
    assert (caplog.records[-1].ding_event, caplog.records[-1].ding_error) == ("refusal_lost", "OperationalError")
    assert phone not in caplog.text


def test_rows_that_cannot_be_limited_are_not_made(settings, phone):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        settings.CACHES = REDIS_IS_DOWN
        refusal_of(lambda: send(phone))
    assert list(Refusal.objects.values_list("phone_number", "reason")) == [("", "unsupported_region")]


@pytest.mark.django_db(transaction=True)
def test_refusal_that_another_process_records_first_is_counted_even_if_the_counters_fail(settings, phone):
    authentication = send(phone).authentication

    def be_second(execute, sql, *rest):
        if sql.startswith("INSERT"):
            settings.CACHES = REDIS_IS_DOWN
            execute(sql, *rest)
        return execute(sql, *rest)

    with connection.execute_wrapper(be_second):
        record_refusal(RateLimited(scope="phone", retry_after=1), authentication)
    assert reasons() == {"phone": 2}


#: Requests at once, each with a connection: a server lets in a hundred, and other tests run at the same time.
CROWD = 40


@pytest.mark.django_db(transaction=True)
def test_simultaneous_refusals_are_counted_in_one_row(clock, phone):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        authentication = send(phone).authentication
    barrier = Barrier(CROWD)

    def refuse(_):
        barrier.wait(60)
        try:
            record_refusal(RateLimited(scope="phone", retry_after=1), authentication)
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as pool:
        list(pool.map(refuse, range(CROWD)))
    assert reasons() == {"phone": CROWD}
