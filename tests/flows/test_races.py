"""Many at once, on connections of their own: who wins, and how often."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from django_ding.exceptions import InvalidProof
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import (
    CheckStatus,
    RetryStatus,
    check,
    claim,
    make_primary,
    redeem_login,
    remove_number,
    retry,
    send,
)
from django_ding.signals import code_sent, phone_verified
from django_ding.testing import sandbox, script
from tests.helpers import at_once, closing_connection

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 24


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


@pytest.mark.parametrize("stateless", [True, False])
def test_sends_at_once_send_one_message(user, phone, stateless):
    with sandbox(SANDBOX={"stateless": stateless}) as outbox:
        rows = at_once(*[lambda: send(phone, user=user).authentication] * MANY)
        assert len(outbox) == 1
    assert len({row.pk for row in rows}) == 1


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
        pairs = [(send(phone, user=owner).authentication, outbox[-1].code) for owner in (user, other_user)]
        results = at_once(*[lambda row=row, code=code: check(row, code) for row, code in pairs])
    assert sorted(result.status for result in results) == [CheckStatus.NUMBER_TAKEN, CheckStatus.VALID]
    assert PhoneNumber.objects.count() == 1


def test_two_first_numbers_at_once_have_one_primary(user, outbox):
    numbers = ["+12025550100", "+12025550101"]
    rows = [send(number, user=user).authentication for number in numbers]
    at_once(*[lambda row=row: check(row, outbox.to(row.phone_number)[-1].code) for row in rows])
    assert PhoneNumber.objects.count() == 2
    assert PhoneNumber.objects.filter(is_primary=True).count() == 1


def test_removals_and_claims_at_once_leave_one_primary(user):
    for _ in range(10):
        PhoneNumber.objects.all().delete()
        numbers = [f"+1202555010{n}" for n in range(4)]
        rows = [
            PhoneNumber.objects.create(user=user, phone_number=number, is_primary=n == 0)
            for n, number in enumerate(numbers[:3])
        ]
        with sandbox() as outbox:
            fourth = send(numbers[3], user=user).authentication
            code = outbox[-1].code
            Authentication.objects.update(dedup_key=None)
            at_once(
                lambda row=rows[0]: remove_number(row),
                lambda row=rows[1]: forgiving(make_primary, row),
                lambda row=rows[1]: remove_number(row),
                lambda row=rows[2]: forgiving(make_primary, row),
                lambda row=fourth, code=code: check(row, code),
            )
        assert PhoneNumber.objects.filter(is_primary=True).count() == 1
        Authentication.objects.all().delete()


def forgiving(change, row):
    try:
        return change(row)
    except (PhoneNumber.DoesNotExist, InvalidProof):
        return None


def test_claims_at_once_all_succeed(user, outbox):
    numbers = [f"+1202555010{n}" for n in range(6)]
    rows = [send(number, purpose="signup").authentication for number in numbers]
    for row in rows:
        check(row, outbox.to(row.phone_number)[-1].code)
    at_once(*[lambda row=row: claim(row, user=user) for row in rows])
    assert PhoneNumber.objects.filter(user=user).count() == 6
    assert PhoneNumber.objects.filter(is_primary=True).count() == 1


def test_one_proof_at_once_opens_one_account(user, phone, outbox):
    PhoneNumber.objects.create(user=user, phone_number=phone)
    check(send(phone, purpose="login").authentication, outbox[-1].code)
    users = everybody(lambda row: forgiving(redeem_login, row))
    assert [found for found in users if found] == [user]


@pytest.mark.parametrize("days", [None, 0])
def test_logins_of_a_new_number_at_once_make_one_user(phone, days):
    with sandbox(
        LOGIN_CREATES_USER=True, NUMBER_TAKEOVER_DAYS=days, RATE_LIMITS={}, SANDBOX={"stateless": False}
    ) as outbox:
        for n in range(20):
            check(
                send(phone, purpose="login", ip=f"192.0.2.{n}").authentication,
                outbox[-1].code,
            )
        users = at_once(*[lambda row=row: redeem_login(row) for row in Authentication.objects.all()])
    assert set(users) == {get_user_model().objects.get()}
    assert PhoneNumber.objects.get().user == users[0]


def test_takeovers_at_once_leave_one_owner(user, other_user, phone):
    crowd = get_user_model().objects.bulk_create(get_user_model()(username=f"user-{n}") for n in range(8))
    PhoneNumber.objects.create(user=other_user, phone_number=phone, is_primary=True)
    PhoneNumber.objects.create(user=other_user, phone_number="+12025550100")
    with sandbox(NUMBER_TAKEOVER_DAYS=1, RATE_LIMITS={}, SANDBOX={"stateless": False}) as outbox:
        PhoneNumber.objects.update(verified_at=timezone.now() - timedelta(days=2))
        pairs = [(send(phone, user=claimant).authentication, outbox[-1].code) for claimant in crowd]
        results = at_once(*[lambda row=row, code=code: check(row, code) for row, code in pairs])
    assert Counter(result.status for result in results) == {CheckStatus.VALID: 1, CheckStatus.NUMBER_TAKEN: 7}
    assert PhoneNumber.objects.get(phone_number=phone).is_primary
    assert PhoneNumber.objects.get(user=other_user).is_primary


@pytest.mark.skipif(connection.vendor != "mysql", reason="the deadlock of InnoDB's unique indexes")
def test_sends_in_a_deadlock_send_one_message(user, phone):
    """An INSERT that is rolled back leaves those that waited for it in each other's way."""
    dedup_key = dedup_key_of(phone, user=user)
    with sandbox(SANDBOX={"stateless": False}) as outbox, ThreadPoolExecutor(3) as pool:
        with transaction.atomic():
            Authentication.objects.create(phone_number=phone, dedup_key=dedup_key, expires_at=timezone.now())
            sends = [pool.submit(closing_connection, lambda: send(phone, user=user).authentication) for _ in range(3)]
            wait_until_blocked(3)
            transaction.set_rollback(True)
        rows = {future.result().pk for future in sends}
        assert (len(rows), len(outbox)) == (1, 1)


def dedup_key_of(phone, **requester):
    """Return what holds a second send of this requester back."""
    with sandbox():
        row = send(phone, **requester).authentication
        row.delete()
        return row.dedup_key


def wait_until_blocked(threads):
    blocked = (
        "SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist "
        "ON id = trx_mysql_thread_id WHERE trx_state = 'LOCK WAIT' AND db = DATABASE()"
    )
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(blocked)
            if cursor.fetchone()[0] == threads:
                return
            time.sleep(0.2)  # InnoDB refreshes this view no more often.
    raise AssertionError(f"There are not {threads} that wait.")
