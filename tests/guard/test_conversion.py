"""Low conversion ends in a block."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.db.models.signals import pre_save
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ding.exceptions import RateLimited
from django_ding.models import Authentication, Block
from django_ding.phone import destination, prefix
from django_ding.services import check, lift_block, send
from django_ding.signals import pumping_suspected
from django_ding.testing import sandbox
from tests.guard.consume import consume

pytestmark = pytest.mark.django_db

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "conversion"}}

NUMBER, NEIGHBOUR, COMPATRIOT, FAR = "+12025550100", "+12025550199", "+13125550100", "+33612345678"

NOW = 150  # Seconds: long enough ago that the codes could be entered.


@pytest.fixture(autouse=True)
def evaluated_each_time(clock):
    """At least half of the last four codes of an hour must be entered. Each send is evaluated."""
    with override_settings(CACHES=LOCAL), sandbox(MIN_CONVERSION="50%/4/h/prefix", CONVERSION_BLOCK_SECONDS=600):
        yield
        caches["default"].clear()


@pytest.fixture
def suspected():
    """The blocks of each ``pumping_suspected``."""
    blocks = []

    def receiver(sender, block, **kwargs):
        assert sender is Block
        blocks.append(block)

    pumping_suspected.connect(receiver)
    yield blocks
    pumping_suspected.disconnect(receiver)


def codes_sent(*statuses, number=NUMBER, ago=NOW, step=1):
    """Write codes down that were sent some seconds ago, the first of them last."""
    now = timezone.now()
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=number,
            prefix=prefix(number),
            country=destination(number),
            status=status,
            created_at=now - timedelta(seconds=ago + n * step),
            validated_at=now if status == "validated" else None,
            expires_at=now,
            requester_type="visitor",
        )
        for n, status in enumerate(statuses)
    )


def refusal(number=NUMBER):
    """Return the scope and the wait of a refused code."""
    try:
        consume(number, user_id=None, ip=None)
    except RateLimited as error:
        return error.scope, error.retry_after
    return None


BLOCKED = ("conversion", 600)


def test_too_few_entered_is_a_block(suspected, caplog):
    codes_sent("validated", "pending", "expired", "unknown")
    assert refusal() == BLOCKED
    block = Block.objects.get()
    assert (block.scope, block.subject, block.sends, block.validated) == ("prefix", "+1202555", 4, 1)
    assert (block.created_at, block.expires_at) == (timezone.now(), timezone.now() + timedelta(minutes=10))
    assert block.lifted_at is None
    assert suspected == [block]
    assert "prefix +1202555 blocked for requesters of type visitor until 2026-06-01T12:10:00+00:00" in caplog.text
    assert "(1 of the last 4 entered a code)" in caplog.text
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert NUMBER not in caplog.text


def test_block_is_for_the_prefix_and_for_a_while(clock, suspected):
    codes_sent(*["expired"] * 4)
    assert refusal() == BLOCKED
    clock.shift(200)
    assert refusal(NEIGHBOUR) == ("conversion", pytest.approx(400, abs=1))
    assert refusal(COMPATRIOT) is None
    clock.shift(401)
    assert refusal() is None
    assert len(suspected) == 1


def test_country_is_evaluated_across_its_prefixes():
    codes_sent("expired", "expired", number=NUMBER)
    codes_sent("expired", "expired", number=COMPATRIOT)
    with sandbox(MIN_CONVERSION="50%/4/h/prefix,50%/4/h/country", CONVERSION_BLOCK_SECONDS=600):
        assert refusal("+14155550100") == BLOCKED
        assert refusal(FAR) is None
    assert str(Block.objects.get()) == "country US (visitor)"


@pytest.mark.parametrize(
    "statuses",
    [
        ["validated", "validated", "expired", "expired"],  # Exactly the share.
        ["expired", "expired", "expired"],  # Too small a sample.
        ["validated", "validated", "expired", "expired", "expired", "expired"],  # Older ones don't count,
        ["failed", "failed", "validated", "created", "validated", "expired", "expired"],  # nor those never sent.
        ["failed"] * 4 + ["expired", "validated"] * 2,  # The first few messages don't decide.
        ["created", "failed", "rate_limited", "spam_detected"],
        ["expired", "expired", "expired", "created", "failed", "rate_limited", "spam_detected"],
        ["failed"] * 16 + ["expired"] * 4,  # Beyond four times the sample nothing is looked at.
    ],
)
def test_enough_entered_or_too_small_a_sample_is_no_block(statuses):
    codes_sent(*statuses)
    assert refusal() is None


@pytest.mark.parametrize(("statuses", "limits"), [(["expired", "validated"] * 20, [12]), (["expired"] * 40, [12, 160])])
def test_where_codes_are_entered_few_are_read(statuses, limits):
    codes_sent(*statuses)
    with sandbox(MIN_CONVERSION="10%/40/h/prefix"), CaptureQueriesContext(connection) as captured:
        for _ in range(10):
            refusal()
    texts = [query["sql"] for query in captured if "status" in query["sql"] and "LIMIT" in query["sql"]]
    assert [int(text.rpartition("LIMIT ")[2]) for text in texts] == limits


@pytest.mark.parametrize(
    "statuses",
    [
        ["expired", "expired", "expired", "validated", "validated", "validated"],
        ["failed"] * 4 + ["expired"] * 4,
        ["expired"] * 9,
    ],
)
def test_newest_codes_decide(statuses):
    codes_sent(*statuses)
    assert refusal() == BLOCKED


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(119, None), (120, BLOCKED), (3599, BLOCKED), (3600, None)],
)
def test_only_those_of_the_window_that_could_be_entered_count(ago, expected):
    codes_sent(*["expired"] * 4, ago=ago, step=0)
    assert refusal() == expected


def test_expired_block_is_a_fresh_start(clock):
    codes_sent(*["expired"] * 4)
    refusal()
    clock.shift(601)
    assert refusal() is None
    codes_sent(*["expired"] * 4, ago=120, step=0)
    assert refusal() is None  # These were sent before it ended.
    clock.shift(130)
    codes_sent(*["expired"] * 4, ago=121, step=0)
    assert refusal() == BLOCKED
    assert Block.objects.count() == 2


def test_last_of_several_blocks_is_the_fresh_start(clock):
    for ended_at in (timezone.now() - timedelta(hours=2), timezone.now()):
        Block.objects.create(
            scope="prefix",
            subject="+1202555",
            requester_type="visitor",
            sends=4,
            validated=0,
            created_at=ended_at - timedelta(minutes=10),
            expires_at=ended_at,
        )
    codes_sent(*["expired"] * 4)
    assert refusal() is None


def test_lifted_block_is_a_fresh_start(clock, suspected):
    codes_sent(*["expired"] * 4)
    refusal()
    clock.shift(10)
    assert lift_block(suspected[0])
    assert [refusal() for _ in range(3)] == [None] * 3
    clock.shift(300)
    codes_sent(*["expired"] * 4)
    assert refusal() == BLOCKED
    assert len(suspected) == 2


def test_block_counter_is_restored_when_the_cache_lost_it(clock, suspected, django_assert_num_queries):
    codes_sent(*["expired"] * 4)
    refusal()
    clock.shift(200)
    caches["default"].clear()
    assert refusal() == ("conversion", 400)
    with django_assert_num_queries(0):
        assert refusal() == ("conversion", pytest.approx(400, abs=1))
    assert len(suspected) == Block.objects.count() == 1


def test_refused_message_is_not_counted():
    codes_sent(*["expired"] * 4)
    with sandbox(MIN_CONVERSION="50%/4/h/prefix", RATE_LIMITS={"send": "1/h/all"}):
        assert refusal()[0] == refusal()[0] == "conversion"
        assert refusal(FAR) is None
        assert refusal(FAR)[0] == "all"


def test_evaluation_is_due_each_quarter_of_a_sample():
    codes_sent(*["expired"] * 12)
    with sandbox(MIN_CONVERSION="50%/12/h/prefix"):
        assert [refusal() is None for _ in range(4)] == [True, True, False, False]


def test_two_rules_for_one_scope_share_a_block(suspected):
    codes_sent(*["expired"] * 4)
    with sandbox(MIN_CONVERSION="10%/4/h/prefix,50%/4/h/prefix,50%/9/d/prefix"):
        assert refusal() is not None
    assert len(suspected) == 1


def test_no_rule_allows_everything():
    codes_sent(*["expired"] * 4)
    refusal()
    with sandbox(MIN_CONVERSION=""):
        assert refusal() is None


def test_failed_insert_leaves_no_block_behind():
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    codes_sent(*["expired"] * 4)
    pre_save.connect(fail, sender=Block)
    with pytest.raises(ZeroDivisionError):
        consume(NUMBER, user_id=None, ip=None)
    pre_save.disconnect(fail, sender=Block)
    assert refusal() == BLOCKED
    assert Block.objects.exists()


def send_codes(clock, *, entered):
    """Send a code every ten seconds, and enter one in so many. Return how many were sent."""
    plain = {"default": {"BACKEND": "tests.stubs.Plain"}}
    with sandbox(BACKENDS=plain, MIN_CONVERSION="20%/20/d/prefix"):
        for n in range(60):
            try:
                row = send(f"+120255501{n:02}").authentication
            except RateLimited:
                return n
            if n % entered == 0:
                check(row, "123456")
            clock.shift(10)
    return 60


def test_codes_that_are_not_entered_end_in_a_block(clock):
    # The first twenty are evaluated after the grace period, at the next quarter of a sample.
    assert send_codes(clock, entered=61) == 34


def test_codes_that_people_enter_send_codes(clock):
    assert send_codes(clock, entered=5) == 60
