"""Many at once, on connections of their own: who wins, and how often."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from django_ding.models import Authentication, PhoneNumber
from django_ding.services import CheckStatus, RetryStatus, check, retry, send
from django_ding.signals import code_sent, phone_verified
from django_ding.testing import sandbox, script

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 24


def at_once(*calls):
    """Run the calls at the same moment, each in a thread with its own connection; return their results."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def everybody(call):
    """Let many do the same with a view of the one authentication that each has loaded."""
    return at_once(*[lambda row=row: call(row) for row in [Authentication.objects.get() for _ in range(MANY)]])


@pytest.fixture
def heard():
    """How often each signal was sent."""
    names = []
    receivers = {
        signal: lambda name=name, **kwargs: names.append(name)
        for name, signal in (("code_sent", code_sent), ("phone_verified", phone_verified))
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver, weak=False)
    yield names
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)


def test_wrong_codes_at_once_reach_the_provider_five_times(user, phone, simulator):
    send(phone, user=user)
    statuses = [result.status for result in everybody(lambda row: check(row, "000000"))]
    assert simulator.calls["check"] == 5
    assert statuses.count(CheckStatus.INVALID) == 5
    assert statuses.count(CheckStatus.RATE_LIMITED) == MANY - 5
    assert Authentication.objects.get().check_count == 5


def test_right_codes_at_once_have_one_winner(user, phone, outbox, heard):
    send(phone, user=user)
    statuses = [result.status for result in everybody(lambda row: check(row, outbox[-1].code))]
    assert statuses.count(CheckStatus.VALID) == 1
    assert heard.count("phone_verified") == 1
    assert PhoneNumber.objects.count() == 1


def test_retries_at_once_send_one_message(user, phone, outbox, heard):
    send(phone, user=user)
    Authentication.objects.update(next_retry_at=timezone.now())
    script("retry", *["approved"] * MANY)
    statuses = [result.status for result in everybody(retry)]
    assert statuses.count(RetryStatus.APPROVED) == 1
    assert statuses.count(RetryStatus.RATE_LIMITED) == MANY - 1
    assert len(outbox) == 2
    assert heard.count("code_sent") == 2


def test_one_number_for_two_users_at_once_has_one_owner(user, other_user, phone):
    with sandbox(SANDBOX={"stateless": False}) as outbox:
        pairs = [(send(phone, user=owner), outbox[-1].code) for owner in (user, other_user)]
        results = at_once(*[lambda row=row, code=code: check(row, code) for row, code in pairs])
    assert [result.status for result in results] == [CheckStatus.VALID, CheckStatus.VALID]
    assert sorted(result.number_taken for result in results) == [False, True]
    assert PhoneNumber.objects.count() == 1


def test_two_first_numbers_at_once_have_one_primary(user, outbox):
    numbers = ["+12025550100", "+12025550101"]
    rows = [send(number, user=user) for number in numbers]
    at_once(*[lambda row=row: check(row, outbox.to(row.phone_number)[-1].code) for row in rows])
    assert PhoneNumber.objects.count() == 2
    assert PhoneNumber.objects.filter(is_primary=True).count() == 1
