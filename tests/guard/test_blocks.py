"""Blocks can be listed and lifted."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from django_ding.exceptions import BackendUnavailable, RateLimited
from django_ding.models import Authentication, Block
from django_ding.services import lift_block, retry, send
from django_ding.testing import sandbox
from tests.helpers import Statements

pytestmark = pytest.mark.django_db

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "blocking"}}


@pytest.fixture(autouse=True)
def evaluated_each_time(clock):
    """The last code of an hour must have been entered. Each send is evaluated."""
    with (
        override_settings(CACHES=LOCAL),
        sandbox(MIN_CONVERSION="100%/1/h/prefix", CONVERSION_BLOCK_SECONDS=600) as outbox,
    ):
        yield outbox
        caches["default"].clear()


@pytest.fixture
def block(clock, user, phone):
    """A code was sent and not entered, so the next one was refused."""
    send(phone, ip="192.0.2.1")
    clock.shift(150)
    with pytest.raises(RateLimited):
        send(phone)
    return Block.objects.get()


def test_send_where_it_is_blocked_leaves_no_trace(block, evaluated_each_time, phone):
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            send(phone)
    assert (caught.value.scope, caught.value.retry_after) == ("conversion", 600)
    assert str(caught.value) == "Wait 10 minutes before requesting another code."
    assert Authentication.objects.count() == 1
    assert len(evaluated_each_time) == 1


def test_blocked_retry_leaves_no_trace(block, evaluated_each_time, clock):
    authentication = Authentication.objects.get()
    with pytest.raises(RateLimited) as caught:
        retry(authentication)
    assert caught.value.scope == "conversion"
    assert Authentication.objects.get().retry_count == 0
    assert len(evaluated_each_time) == 1


def test_retry_can_lead_to_a_block(evaluated_each_time, clock, user, phone):
    authentication = send(phone, user=user).authentication
    clock.shift(150)
    with pytest.raises(RateLimited):
        retry(authentication)
    assert (Block.objects.active().count(), len(evaluated_each_time)) == (1, 1)


def test_active_blocks_are_neither_expired_nor_lifted(clock):
    rows = [a_block(subject) for subject in ("FR", "GB", "US", "DE")]
    Block.objects.filter(pk=rows[1].pk).update(lifted_at=timezone.now())
    Block.objects.filter(pk=rows[2].pk).update(expires_at=timezone.now())
    assert list(Block.objects.active().order_by("-pk")) == [rows[3], rows[0]]
    assert list(Block.objects.order_by("-pk")) == rows[::-1]


def a_block(subject):
    expires_at = timezone.now() + timedelta(minutes=10)
    return Block.objects.create(
        scope="country", subject=subject, requester_type="login", sends=100, validated=3, expires_at=expires_at
    )


def test_lifted_block_allows_codes(block, evaluated_each_time, phone):
    assert lift_block(block) is True
    assert block.lifted_at == Block.objects.get().lifted_at == timezone.now()
    assert not Block.objects.active().exists()
    send(phone)
    assert len(evaluated_each_time) == 2


def test_lift_again_changes_nothing(block, clock):
    stale = Block.objects.get()
    lift_block(block)
    clock.shift(5)
    assert lift_block(block) is lift_block(stale) is False
    assert Block.objects.get().lifted_at == block.lifted_at


def test_lift_of_an_old_block_leaves_a_new_one(block, clock, user, phone):
    clock.shift(601)
    send(phone)
    clock.shift(150)
    with pytest.raises(RateLimited):
        send("+33612345679")
    assert lift_block(block) is False
    with pytest.raises(RateLimited):
        send(phone)
    assert Block.objects.active().count() == 1


def test_lift_without_counters_changes_nothing(block):
    away = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    with override_settings(CACHES=away), pytest.raises(BackendUnavailable) as caught:
        lift_block(block)
    assert caught.value.code == "counters_unavailable"
    assert Block.objects.active().get() == block
    assert block.lifted_at is None


def test_lift_takes_one_statement(block):
    with Statements() as statements:
        lift_block(block)
    assert len(statements) == 1


def test_lift_may_run_inside_a_transaction(block):
    with transaction.atomic():
        assert lift_block(block)


# Statements


def cost_of(number):
    """Return how many statements a send takes."""
    with Statements() as statements:
        send(number)
    return len(statements)


def test_ordinary_send_takes_no_more_statements(clock):
    with sandbox(MIN_CONVERSION="20%/20/d/prefix,10%/100/h/country"):
        assert [cost_of(f"+1202555015{n}") for n in range(4)] == [3] * 4


def test_evaluated_send_takes_one_more_for_each_scope(clock):
    with sandbox(MIN_CONVERSION="20%/20/d/prefix,10%/20/h/country"):
        assert [cost_of(f"+1202555015{n}") for n in range(5)] == [3, 3, 3, 3, 5]


def test_refused_send_looks_for_a_live_one_and_is_recorded(block, phone):
    with Statements() as statements, pytest.raises(RateLimited):
        send(phone)
    assert [line.split()[0] for line in statements.sql] == ["SELECT", "UPDATE"]


def test_evaluation_reads_four_samples_at_most(clock, phone):
    now = timezone.now() - timedelta(minutes=3)
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=phone,
            prefix="+3361234",
            status="failed",
            requester_type="visitor",
            created_at=now,
            expires_at=now,
        )
        for _ in range(50)
    )
    with sandbox(MIN_CONVERSION="50%/4/h/prefix"), Statements() as statements:
        send(phone)
    (sample,) = [line for line in statements.sql if line.endswith("LIMIT 16")]
    assert "prefix" in sample
