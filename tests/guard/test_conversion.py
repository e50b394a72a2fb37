"""Codes that nobody enters end in a block."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import override_settings
from django.utils import timezone

from django_ding.exceptions import RateLimited
from django_ding.guard import admit
from django_ding.models import Authentication, Block
from django_ding.phone import country, prefix
from django_ding.services import check, lift, send
from django_ding.signals import pumping_suspected
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "conversion"}}

NUMBER, NEIGHBOUR, COMPATRIOT, FAR = "+12025550100", "+12025550199", "+13125550100", "+33612345678"

NOW = 150  # Seconds: long enough ago that the codes could be entered.


@pytest.fixture(autouse=True)
def judged_each_time(clock):
    """At least half of the last four codes of an hour must be entered. Each send is judged."""
    with override_settings(CACHES=LOCAL), sandbox(CONVERSION="50%/4/h/prefix", CONVERSION_PAUSE=600):
        yield
        caches["default"].clear()


@pytest.fixture
def suspected():
    """The blocks that were told."""
    told = []

    def receiver(sender, block, **kwargs):
        assert sender is Block
        told.append(block)

    pumping_suspected.connect(receiver)
    yield told
    pumping_suspected.disconnect(receiver)


def sent(*statuses, number=NUMBER, ago=NOW, step=1):
    """Write codes down that were sent some seconds ago, the first of them last."""
    now = timezone.now()
    Authentication.objects.bulk_create(
        Authentication(
            phone_number=number,
            prefix=prefix(number),
            country=country(number),
            status=status,
            created_at=now - timedelta(seconds=ago + n * step),
            validated_at=now if status == "validated" else None,
            expires_at=now,
        )
        for n, status in enumerate(statuses)
    )


def refusal(number=NUMBER):
    """Return what refuses a code now."""
    try:
        admit(number, user_id=None, ip=None)
    except RateLimited as error:
        return error.scope, error.retry_after
    return None


BLOCKED = ("conversion", 600)


def test_too_few_entered_is_a_block(suspected, caplog):
    sent("validated", "pending", "expired", "unknown")
    assert refusal() == BLOCKED
    block = Block.objects.get()
    assert (block.scope, block.subject, block.sends, block.validated) == ("prefix", "+1202555", 4, 1)
    assert (block.created_at, block.expires_at) == (timezone.now(), timezone.now() + timedelta(minutes=10))
    assert block.lifted_at is None
    assert suspected == [block]
    assert "no code goes to prefix +1202555 until 2026-06-01T12:10:00+00:00. Entered: 1 of the last 4." in caplog.text
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert NUMBER not in caplog.text


def test_block_is_for_the_prefix_and_for_a_while(clock, suspected):
    sent(*["expired"] * 4)
    assert refusal() == BLOCKED
    clock.shift(200)
    assert refusal(NEIGHBOUR) == ("conversion", pytest.approx(400, abs=1))
    assert refusal(COMPATRIOT) is None
    clock.shift(401)
    assert refusal() is None
    assert len(suspected) == 1


def test_country_is_judged_by_all_its_prefixes():
    sent("expired", "expired", number=NUMBER)
    sent("expired", "expired", number=COMPATRIOT)
    with sandbox(CONVERSION="50%/4/h/prefix,50%/4/h/country", CONVERSION_PAUSE=600):
        assert refusal("+14155550100") == BLOCKED
        assert refusal(FAR) is None
    assert str(Block.objects.get()) == "country US"


def test_number_of_no_country_has_no_country_to_judge():
    with sandbox(CONVERSION="50%/1/h/country"):
        sent("expired", number="+80012345678")
        admit("+881612345678", user_id=None, ip=None)
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    "statuses",
    [
        ["validated", "validated", "expired", "expired"],  # Exactly the share.
        ["expired", "expired", "expired"],  # Too few to tell.
        ["validated", "validated", "expired", "expired", "expired", "expired"],  # Older ones don't count,
        ["failed", "failed", "validated", "created", "validated", "expired", "expired"],  # nor those never sent.
        ["created", "failed", "rate_limited", "spam_detected"],
        ["expired", "expired", "expired", "created", "failed", "rate_limited", "spam_detected"],
        ["failed"] * 8 + ["expired"] * 4,  # Beyond twice the sample nothing is looked at.
    ],
)
def test_enough_or_too_little_to_tell_is_no_block(statuses):
    sent(*statuses)
    assert refusal() is None


@pytest.mark.parametrize(
    "statuses",
    [
        ["expired", "expired", "expired", "validated", "validated", "validated"],
        ["failed"] * 4 + ["expired"] * 4,
        ["expired"] * 9,
    ],
)
def test_newest_decide(statuses):
    sent(*statuses)
    assert refusal() == BLOCKED


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(119, None), (120, BLOCKED), (3599, BLOCKED), (3600, None)],
)
def test_only_those_of_the_window_that_could_be_entered_count(ago, expected):
    sent(*["expired"] * 4, ago=ago, step=0)
    assert refusal() == expected


def test_block_that_is_over_gives_a_fresh_start(clock):
    sent(*["expired"] * 4)
    refusal()
    clock.shift(601)
    assert refusal() is None
    sent(*["expired"] * 4, ago=120, step=0)
    assert refusal() is None  # They were under way when it began.
    clock.shift(130)
    sent(*["expired"] * 4, ago=121, step=0)
    assert refusal() == BLOCKED
    assert Block.objects.count() == 2


def test_lifted_block_gives_a_fresh_start(clock, suspected):
    sent(*["expired"] * 4)
    refusal()
    clock.shift(10)
    assert lift(suspected[0])
    assert [refusal() for _ in range(3)] == [None] * 3
    clock.shift(300)
    sent(*["expired"] * 4)
    assert refusal() == BLOCKED
    assert len(suspected) == 2


def test_block_is_put_back_when_the_counters_lost_it(clock, suspected, django_assert_num_queries):
    sent(*["expired"] * 4)
    refusal()
    clock.shift(200)
    caches["default"].clear()
    assert refusal() == ("conversion", 400)
    with django_assert_num_queries(0):
        assert refusal() == ("conversion", pytest.approx(400, abs=1))
    assert len(suspected) == Block.objects.count() == 1


def test_refused_message_is_not_counted():
    sent(*["expired"] * 4)
    with sandbox(CONVERSION="50%/4/h/prefix", RATES={"send": "1/h/all"}):
        assert refusal()[0] == refusal()[0] == "conversion"
        assert refusal(FAR) is None
        assert refusal(FAR)[0] == "all"


def test_judgement_comes_each_quarter_of_a_sample():
    sent(*["expired"] * 12)
    with sandbox(CONVERSION="50%/12/h/prefix"):
        assert [refusal() is None for _ in range(4)] == [True, True, False, False]


def test_two_rules_for_one_scope_share_a_block(suspected):
    sent(*["expired"] * 4)
    with sandbox(CONVERSION="10%/4/h/prefix,50%/4/h/prefix,50%/9/d/prefix"):
        assert refusal() is not None
    assert len(suspected) == 1


def test_switched_off_lets_everything_through():
    sent(*["expired"] * 4)
    refusal()
    with sandbox(CONVERSION=""):
        assert refusal() is None


def test_failing_record_leaves_no_block_behind(monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    sent(*["expired"] * 4)
    with monkeypatch.context() as patch:
        patch.setattr("django_ding.guard.conversion._record", fail)
        with pytest.raises(ZeroDivisionError):
            admit(NUMBER, user_id=None, ip=None)
    assert refusal() == BLOCKED
    assert Block.objects.exists()


def go_on(clock, *, entered):
    """Let somebody send a code every ten seconds, and enter one in so many. Return how many were sent."""
    plain = {"default": {"BACKEND": "tests.stubs.Plain"}}
    with sandbox(BACKENDS=plain, CONVERSION="20%/20/d/prefix"):
        for n in range(60):
            try:
                row = send(f"+120255501{n:02}")
            except RateLimited:
                return n
            if n % entered == 0:
                check(row, "123456")
            clock.shift(10)
    return 60


def test_codes_that_nobody_enters_end_in_a_block(clock):
    # The first twenty are judged when their time is over, at the next quarter of a sample.
    assert go_on(clock, entered=61) == 34


def test_codes_that_people_enter_go_on(clock):
    assert go_on(clock, entered=5) == 60
