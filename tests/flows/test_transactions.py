"""What reaches the database: how much, and in which transactions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from django_ding.exceptions import InputError, RateLimited
from django_ding.models import Authentication
from django_ding.services import check, record_webhook, redeem_login, refresh, retry, send
from django_ding.testing import sandbox
from tests.helpers import Statements


@pytest.mark.django_db
def test_send_takes_three_statements(user, phone):
    with Statements() as statements:
        send(phone, user=user)
    assert len(statements) == 3


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="what PostgreSQL does in one statement")
def test_outcomes_take_one_statement_and_no_transaction(user, phone, outbox):
    with CaptureQueriesContext(connection) as queries:
        authentication = send(phone, user=user, purpose="login").authentication
        check(authentication, outbox[-1].code)
    verbs = [query["sql"].partition(" ")[0] for query in queries]
    assert verbs == ["INSERT", "WITH", "UPDATE", "WITH"]


@pytest.mark.django_db
def test_send_again_takes_two_statements(user, phone):
    send(phone, user=user)
    with Statements() as statements:
        send(phone, user=user)
    assert len(statements) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("ding", [{"RATE_LIMITS": {"send": "1/30s/phone"}}, {"LOOKUP_BEFORE_SEND": True}])
def test_send_again_that_is_not_to_be_sent_takes_one_statement(phone, ding):
    with sandbox(**ding):
        send(phone, ip="192.0.2.1")
        with Statements() as statements:
            send(phone, ip="192.0.2.1")
    assert len(statements) == 1


@pytest.mark.django_db
def test_send_that_retries_takes_five_statements(user, phone, clock):
    send(phone, user=user)
    clock.shift(30)
    with Statements() as statements:
        send(phone, user=user)
    assert len(statements) == 5


@pytest.mark.django_db
@pytest.mark.parametrize(("purpose", "expected"), [("signup", 3), ("second_factor", 3), ("link", 4)])
def test_check_wrong_code_takes_three_statements(user, phone, purpose, expected):
    """One of them counts those in a row: by the number, by the user, or by both where a user links a number."""
    authentication = send(phone, user=None if purpose == "signup" else user, purpose=purpose).authentication
    with Statements() as statements:
        check(authentication, "000000")
    assert len(statements) == expected


@pytest.mark.django_db
def test_check_right_code_takes_three_statements(phone, outbox):
    authentication = send(phone).authentication
    with Statements() as statements:
        check(authentication, outbox[-1].code)
    assert len(statements) == 3


@pytest.mark.django_db
def test_check_that_links_takes_six_statements(user, phone, outbox):
    authentication = send(phone, user=user).authentication
    with Statements() as statements:
        check(authentication, outbox[-1].code)
    assert len(statements) == 6


@pytest.mark.django_db
def test_retry_takes_three_statements(user, phone, clock):
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    with Statements() as statements:
        retry(authentication)
    assert len(statements) == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("own_counters")
@pytest.mark.parametrize("is_user", [False, True])
def test_send_beyond_a_rate_takes_three_statements_and_two_later_in_the_hour(user, phone, is_user):
    """One more for a user, whose number it may be. Redis would know that none is live."""
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}):
        requester = user if is_user else None
        assert [statements_of_refusal(phone, requester) for _ in range(2)] == [3 + is_user, 2 + is_user]


def statements_of_refusal(phone, user):
    """One looks for a live authentication, one counts the refusal, the first one of the hour is inserted."""
    with Statements() as statements, pytest.raises((InputError, RateLimited)):
        send(phone, user=user)
    return len(statements)


@pytest.mark.django_db
def test_send_to_a_blocked_country_takes_three_statements_and_two_later_in_the_hour(user, phone):
    with sandbox(BLOCKED_COUNTRIES=["FR"]):
        assert [statements_of_refusal(phone, user) for _ in range(2)] == [3, 2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"check_count": 5}, "rate_limited"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expired_auth"),
        ({"status": "validated", "validated_at": datetime(2020, 1, 1, tzinfo=UTC)}, "already_validated"),
        ({"status": "failed", "dedup_key": None}, "without_attempt"),
    ],
)
def test_check_that_is_refused_takes_two_statements(user, phone, changes, status):
    authentication = send(phone, user=user).authentication
    Authentication.objects.update(**changes)
    with Statements() as statements:
        assert check(authentication, "000000").status == status
    assert len(statements) == 2


@pytest.mark.django_db
def test_retry_too_early_takes_two_statements(user, phone):
    authentication = send(phone, user=user).authentication
    with Statements() as statements:
        assert retry(authentication).status == "rate_limited"
    assert len(statements) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("service", [send, check, retry, refresh, record_webhook, redeem_login])
def test_services_refuse_an_open_transaction(service, phone, simulator):
    arguments = {check: (Authentication(), "123456"), send: (phone,)}.get(service, (Authentication(),))
    with transaction.atomic(), pytest.raises(TransactionManagementError, match="non_atomic_requests"):
        service(*arguments)
    assert not simulator.calls


@pytest.mark.django_db(transaction=True)
def test_error_names_the_middleware_that_opens_a_transaction(phone, settings):
    settings.MIDDLEWARE = ["tests.test_checks.RevisionMiddleware"]
    with (
        transaction.atomic(),
        pytest.raises(TransactionManagementError, match="RevisionMiddleware in MIDDLEWARE"),
    ):
        send(phone)


@pytest.mark.django_db(transaction=True)
def test_services_hold_no_transaction_while_the_provider_is_asked(user, phone, simulator, clock, transactions):
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    retry(authentication)
    check(authentication, "000000")
    refresh(authentication)
    assert transactions == [("send", False), ("retry", False), ("check", False), ("status", False)]


@pytest.fixture
def transactions(monkeypatch, simulator):
    """For each call that reaches the provider: whether a transaction was open."""
    seen = []
    count = simulator.count
    monkeypatch.setattr(
        simulator, "count", lambda operation: (seen.append((operation, connection.in_atomic_block)), count(operation))
    )
    return seen


@pytest.mark.django_db(transaction=True)
def test_intent_is_committed_before_the_provider_is_asked(phone, simulator):
    rows = []
    unsubscribe = simulator.subscribe(lambda message: rows.extend(seen_by_another_connection()))
    send(phone)
    unsubscribe()
    assert rows == ["created"]


def seen_by_another_connection():
    with ThreadPoolExecutor(1) as other:
        return other.submit(statuses).result()


def statuses():
    try:
        return list(Authentication.objects.values_list("status", flat=True))
    finally:
        connection.close()
