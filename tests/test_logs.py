"""What is logged: each event as documented, and nothing confidential."""

import asyncio
import json
import logging
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError, connection
from django.test import RequestFactory, override_settings
from django.utils import timezone

from django_ding import log
from django_ding.backends import get_backend
from django_ding.database import report_outage
from django_ding.exceptions import DingError
from django_ding.models import Authentication, DailyStatistics, Refusal
from django_ding.services import (
    check,
    create_recovery_code,
    feedback,
    lookup,
    make_webhook_url,
    reconcile,
    redeem_login,
    redeem_recovery_code,
    refresh,
    retry,
    send,
    watch,
)
from django_ding.steps import run_steps
from django_ding.testing import outbox, sandbox, script
from tests.helpers import await_the_rest, create_authentication
from tests.stubs import Broken, using

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_counters")]

PAGE = Path(__file__).parent.parent / "docs" / "logging.md"
NOWHERE = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}

EVENTS = {event.name: event for event in log.EVENTS}
#: What every record of Python's logging has. Numbers among them may look like anything.
PLAIN = set(vars(logging.makeLogRecord({}))) - {"msg", "args", "exc_info", "exc_text", "stack_info"}


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def emit(self, record):
        self.format(record)  # Makes its message, and the text of its traceback.
        self.kept.append(record)

    def fields(self):
        """Return the fields of all records, and forget these."""
        found = [
            {name.removeprefix("ding_"): value for name, value in vars(record).items() if name.startswith("ding_")}
            for record in self.kept
        ]
        self.kept.clear()
        return found

    def lines(self):
        """Return the level and the message of all records, and forget these."""
        found = [(record.levelname, record.getMessage()) for record in self.kept]
        self.kept.clear()
        return found


@pytest.fixture
def records():
    logger, handler = logging.getLogger("django_ding"), Records()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.setLevel(before)
    logger.removeHandler(handler)


def attempt(call, *args, **kwargs):
    with suppress(DingError, ZeroDivisionError):
        return call(*args, **kwargs)


# What becomes of an authentication.


def test_life_of_an_authentication(records, clock, user, phone):
    authentication = send(phone, user=user).authentication
    clock.shift(30)
    retry(authentication)
    code = outbox[-1].code
    wrong = "111111" if code == "000000" else "000000"
    for entered in (wrong, code, code):
        check(authentication, entered)
    assert records.lines() == [
        ("INFO", "Code to +33*******78: pending."),
        ("INFO", "Another code to +33*******78: approved."),
        ("INFO", "Code entered for +33*******78: invalid."),
        ("INFO", "Code entered for +33*******78: valid."),
        ("WARNING", "Code entered for +33*******78: already_validated."),
    ]


def test_record_says_which_authentication_it_is_about(records, user, phone):
    authentication = send(phone, user=user, purpose="second_factor").authentication
    (fields,) = records.fields()
    assert fields.pop("milliseconds") >= 0
    assert fields == {
        "event": "send",
        "correlation_id": str(authentication.public_id),
        "authentication_uuid": authentication.authentication_uuid,
        "user_id": str(user.pk),
        "masked_number": "+33*******78",
        "purpose": "second_factor",
        "backend": "default",
        "status": "pending",
    }


def test_milliseconds_are_those_of_the_provider(records, phone):
    authentication = send(phone).authentication
    Authentication.objects.update(check_count=5)
    check(authentication, "000000")
    retry(authentication)
    sent, checked, retried = records.fields()
    assert sent["milliseconds"] >= 0
    assert (checked["status"], checked["milliseconds"]) == ("rate_limited", None)
    assert (retried["status"], retried["milliseconds"]) == ("rate_limited", None)


@pytest.mark.parametrize(
    ("status", "level"), [("pending", "INFO"), ("rate_limited", "WARNING"), ("spam_detected", "WARNING")]
)
def test_send_that_the_provider_refuses_is_a_warning(records, phone, status, level):
    script("send", "normal" if status == "pending" else status)
    attempt(send, phone)
    assert records.lines() == [(level, f"Code to +33*******78: {status}.")]


def test_live_authentication_within_the_cooldown_is_not_logged(records, user, phone):
    send(phone, user=user)
    records.kept.clear()
    send(phone, user=user)
    assert not records.kept


# Refusals.


def test_refusal_is_logged_once(records, clock, user, phone):
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}):
        attempt(send, phone, user=user)
    (fields,) = records.fields()
    assert (fields["event"], fields["reason"], fields["retry_after"]) == ("refusal", "phone", 3600)
    assert (fields["user_id"], fields["purpose"], fields["authentication_uuid"]) == (str(user.pk), "link", None)


def test_refused_retry_is_logged_with_its_authentication(records, clock, user, phone):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        authentication = send(phone, user=user).authentication
        clock.shift(30)
        records.kept.clear()
        attempt(send, phone, user=user)
    (fields,) = records.fields()
    assert (fields["event"], fields["reason"]) == ("refusal", "phone")
    assert fields["correlation_id"] == str(authentication.public_id)


def test_refused_lookup_and_refusal_share_an_id(records, phone):
    with sandbox(LOOKUP_BEFORE_SEND=True):
        script("lookup", "invalid_phone_number")
        attempt(send, phone)
    failed, refused = records.fields()
    assert (failed["event"], failed["operation"]) == ("provider_error", "lookup")
    assert (refused["event"], refused["reason"], refused["retry_after"]) == ("refusal", "invalid_phone_number", None)
    assert failed["correlation_id"] == refused["correlation_id"]


# Failures.

OPERATIONS = {
    "send": lambda authentication: send("+12025550100").authentication,
    "check": lambda authentication: check(authentication, "000000"),
    "retry": lambda authentication: retry(authentication),
    "status": lambda authentication: refresh(authentication),
    "lookup": lambda authentication: lookup("+12025550100"),
    "feedback": lambda authentication: feedback("+12025550100", "onboarded"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("outcome", "level", "error_code", "explanation"),
    [
        ("server_error", "ERROR", "http_500", "The request may have been executed."),
        ("too_many_requests", "ERROR", "too_many_requests", "The request was not executed."),
        ("invalid_phone_number", "WARNING", "invalid_phone_number", "The provider rejected the user's input."),
        ("negative_balance", "ERROR", "negative_balance", "top it up in the provider's dashboard"),
    ],
)
def test_failure_of_the_provider_is_logged_once(
    records, clock, phone, operation, outcome, level, error_code, explanation
):
    authentication = send(phone).authentication
    clock.shift(30)
    records.kept.clear()
    script(operation, outcome)
    attempt(OPERATIONS[operation], authentication)
    (record,) = records.kept
    assert record.levelname == level
    assert explanation in record.getMessage()
    (fields,) = records.fields()
    assert (fields["event"], fields["operation"], fields["error_code"]) == ("provider_error", operation, error_code)
    assert fields["milliseconds"] >= 0
    assert fields["masked_number"] in ("+33*******78", "+1********00")


def test_bug_of_a_backend_is_logged_with_its_place(records, phone):
    with using(Broken):
        attempt(send, phone)
    (fields,) = records.fields()
    assert fields["error_code"] == "unexpected_error"
    assert re.fullmatch(r"ZeroDivisionError in stubs\.py, line \d+\.", fields["explanation"])


def test_answer_that_a_crash_lost_is_logged(records, clock, phone):
    send(phone)
    Authentication.objects.update(status="created")
    clock.shift(61)
    records.kept.clear()
    reconcile()
    (fields,) = records.fields()
    assert (fields["event"], fields["error_code"], fields["milliseconds"]) == ("provider_error", "answer_lost", None)


# All events, in one long story. The codes have eight digits, which nothing else has by chance.


@pytest.fixture
def story(records, clock, client, user, phone):
    """Make each event happen, and return the records and the codes."""
    codes = [_good_times(clock, client, user, phone), _bad_times(clock, client, phone)]
    _faults(phone)
    asyncio.run(_cancel_in_vain())
    await_the_rest()
    return records.kept, [code for some in codes for code in some]


def _good_times(clock, client, user, phone):
    with sandbox(WEBHOOK_BASE_URL="http://testserver", SANDBOX={"code_length": 8}) as messages:
        authentication = send(phone, user=user, ip="192.0.2.7").authentication
        clock.shift(30)
        retry(authentication)
        url = make_webhook_url(get_backend("default"), authentication.public_id)
        for body in ({"type": "delivery_status", "status": "delivered", "phone_number": phone}, {"type": phone}, []):
            client.post(url, json.dumps(body), content_type="application/json")
        client.post(f"{url[:-2]}/", "{}", content_type="application/json")
        check(authentication, "00000000")
        check(authentication, messages[-1].code)
        recovery = create_recovery_code(user, created_by=get_user_model().objects.create_user(phone), reason=phone)
        redeem_recovery_code(recovery.code, user=user)
        return [recovery.code, *(message.code for message in messages)]


def _bad_times(clock, client, phone):
    with sandbox(
        RATE_LIMITS={"send": "9/h/phone", "check": "1/phone"},
        MIN_CONVERSION="100%/1/h/prefix",
        SANDBOX={"code_length": 8},
    ) as messages:
        authentication, codes = send(phone, purpose="login").authentication, [messages[-1].code]
        script("check", "server_error")
        attempt(check, authentication, *codes)
        check(send("+33698765432").authentication, "00000000")  # Locked out.
        clock.shift(700)
        attempt(send, phone, purpose="login", request=RequestFactory().get("/", REMOTE_ADDR=""))  # Blocked.
        with connection.execute_wrapper(_no_refusals):
            attempt(send, phone, purpose="login")
        _suspect_an_outage()
        report_outage(OperationalError(f"disk full: {phone}\nDETAIL: {phone[3:]}"))
        report_outage(IntegrityError(f"Key (phone_number)=({phone}) already exists."))
        with override_settings(CACHES=NOWHERE), sandbox(LOOKUP_BEFORE_SEND=True, RATE_LIMITS={"send": "9/h/phone"}):
            attempt(send, phone, purpose="login")
    return codes


def _suspect_an_outage():
    """No code of the last hour was entered, though all were yesterday."""
    yesterday, moment = timezone.now().date() - timedelta(days=1), timezone.now() - timedelta(minutes=30)
    DailyStatistics.objects.create(day=yesterday, sends=20, validated=20, rolled_up_at=moment)
    for _ in range(20):
        create_authentication(created_at=moment, status="expired")
    assert watch().drops


def _faults(phone):
    factory = f"{__name__}._create_nobody"
    with sandbox(LOGIN_CREATES_USER=True, USER_FACTORY=factory, RATE_LIMITS={}) as messages:
        authentication = send("+447400123456", purpose="login").authentication
        check(authentication, messages[-1].code)
        attempt(redeem_login, authentication)
        attempt(send, phone, user=get_user_model()(pk=10**6))  # Whose row is nowhere.


def _create_nobody(authentication):
    raise ValueError(f"no name for {authentication.phone_number}")


async def _cancel_in_vain():
    called, may_fail = Event(), Event()

    def failing():
        yield lambda: called.set() or may_fail.wait(10)
        raise OperationalError("disk full: +33612345678")

    task = asyncio.create_task(run_steps(failing))
    await asyncio.to_thread(called.wait, 10)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    may_fail.set()


def _no_refusals(execute, sql, params, *rest):
    if Refusal._meta.db_table in sql:
        raise OperationalError(f"disk full: {params}")
    return execute(sql, params, *rest)


@pytest.mark.django_db(transaction=True)
def test_story_has_every_event_as_it_is_declared(story):
    # The sandbox has a logger of its own, which warns of webhooks that a busy machine doesn't deliver in time.
    records = [record for record in story[0] if record.name == "django_ding"]
    assert {record.ding_event for record in records} == set(EVENTS)
    for record in records:
        event = EVENTS[record.ding_event]
        assert record.levelno in event.levels
        assert record.msg == event.message
        assert fields_of(record) == {"event", *event.fields}


@pytest.mark.django_db(transaction=True)
def test_story_has_no_secrets(story, phone):
    records, codes = story
    assert len(codes) == 4
    for record in records:
        text = repr({name: value for name, value in vars(record).items() if name not in PLAIN}) + record.getMessage()
        assert not [secret for secret in (*codes, phone[1:], phone[3:]) if secret in text]


@pytest.mark.django_db(transaction=True)
def test_story_is_plain_json(story):
    records, _ = story
    for record in records:
        json.dumps({name: value for name, value in vars(record).items() if name.startswith("ding_")})


def fields_of(record):
    return {name.removeprefix("ding_") for name in vars(record) if name.startswith("ding_")}


# The documentation.

ROWS = re.findall(r"^\| `(\w+)` \| ([A-Z, ]+) \| (.*?) ?\|", PAGE.read_text(), re.MULTILINE)
SAMPLES = [json.loads(line) for line in re.findall(r"^\{\"level.*\}$", PAGE.read_text(), re.MULTILINE)]


def test_documented_records_are_those_of_the_code():
    documented = {name: (set(levels.split(", ")), named(fields)) for name, levels, fields in ROWS}
    assert documented == {
        name: ({logging.getLevelName(level) for level in event.levels}, set(event.fields))
        for name, event in EVENTS.items()
    }


def named(fields):
    return {*re.findall(r"`(\w+)`", fields), *(log._AUTHENTICATION if "*authentication*" in fields else ())}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["ding_event"])
def test_documented_samples_are_as_said(sample):
    event = EVENTS[sample["ding_event"]]
    fields = {name.removeprefix("ding_"): value for name, value in sample.items() if name.startswith("ding_")}
    assert list(fields) == ["event", *event.fields]
    assert sample["message"] == event.message % fields


def test_fields_collide_with_no_attribute_of_a_record():
    taken = {*vars(logging.makeLogRecord({})), "message", "asctime"}
    assert not any(name.startswith(log.PREFIX) for name in taken)


# What it costs.


def test_record_of_a_level_that_is_off_is_not_built():
    unreadable = object()
    log.log_result(log.SEND, unreadable, "pending")
    with pytest.raises(AttributeError):
        log.log_result(log.SEND, unreadable, "spam_detected")


def test_an_error_of_the_account_is_logged_at_error_once_a_minute(records, clock):
    def levels(code):
        script("send", code)
        with suppress(DingError):
            send("+33612345678")
        return [level for level, _ in records.lines()]

    assert levels("negative_balance") == ["ERROR"]
    assert levels("negative_balance") == ["WARNING"]
    assert levels("suspended_account") == ["ERROR"]
    clock.shift(61)
    assert levels("negative_balance") == ["ERROR"]


def test_what_was_reported_is_bounded():
    for number in range(500):
        log.repeated_level(("default", f"code_{number}"))
    assert len(log.reported_errors) <= 100
