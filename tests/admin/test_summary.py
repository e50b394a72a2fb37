"""What the page of a verification says first: what became of it, and what to do now."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from django_ding.admin.actions import REPORT_ONBOARDED
from django_ding.admin.related import get_related_rows
from django_ding.admin.summary import get_summary
from django_ding.codes import describe_code
from django_ding.guard.availability import limit_states
from django_ding.guard.lockouts import lockout_keys
from django_ding.models import Event, Lockout
from django_ding.services import send
from django_ding.testing import sandbox
from tests.admin.helpers import LIST, delivered

NEW_CODE = "Ask the user to request a new code."
WRONG = {"type": "check", "status": "invalid"}


def summary_of(row):
    events = list(Event.objects.filter(authentication=row).order_by("occurred_at", "pk"))
    return get_summary(row, events, get_related_rows(row), limit_states(row))


def advice_of(row):
    return str(summary_of(row).advice)


@pytest.mark.parametrize(
    ("timeline", "fields", "sentence"),
    [
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "sms", "status": "expired"},
            "The code was delivered by SMS after 12 s. It was never entered.",
        ),
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "sms"},
            "The code was delivered by SMS after 12 s. It can still be entered.",
        ),
        (
            [(12, delivered()), (20, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. An incorrect code was entered.",
        ),
        (
            [(12, delivered()), (20, WRONG), (21, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. Incorrect codes were entered 2 times.",
        ),
        (
            [],
            {"delivery_status": "delivered", "channel": "sms"},
            "The code was delivered by SMS. It can still be entered.",
        ),
        ([], {"delivery_status": "delivered"}, "The code was delivered. It can still be entered."),
        (
            [],
            {"delivery_status": "undeliverable"},
            "The code was not delivered: the carrier couldn't deliver the message.",
        ),
        (
            [],
            {"delivery_status": "in_transit"},
            "The carrier has the code but hasn't confirmed delivery.",
        ),
        ([], {}, "The code was sent. Its delivery status is unknown."),
        (
            [],
            {"status": "rate_limited"},
            "The provider declined to send a code: too many codes were requested or entered.",
        ),
        (
            [],
            {"status": "failed", "error_code": "invalid_line"},
            "No code was sent: this type of number can't receive a code.",
        ),
        (
            [],
            {"status": "failed", "error_code": "timeout"},
            "It's unknown whether a code was sent: the provider took too long to respond.",
        ),
        (
            [],
            {"status": "failed", "error_code": "http_500"},
            "It's unknown whether a code was sent: the provider responded with an error.",
        ),
        ([], {"status": "created"}, "It's unknown whether a code was sent: the provider's response is missing."),
    ],
)
def test_summary_answers_in_one_sentence(make, timeline, fields, sentence):
    assert summary_of(make(*timeline, **fields)).sentence == sentence


def test_summary_while_the_provider_is_asked(make, clock):
    row = make(status="created")
    clock.shift(-30)
    assert summary_of(row).sentence == "Waiting for the provider to send a code."


def test_advice_on_spam_names_the_button():
    assert f"“{REPORT_ONBOARDED.description}”" in str(describe_code("spam_detected").advice)


@pytest.mark.parametrize(
    ("seconds", "later"),
    [(200, "Verified 3 min 20 s later."), (-30, "Verified 30 s later."), (86_400 * 3, "Verified 3 d later.")],
)
def test_later_success_is_told_first(make, clock, phone, seconds, later):
    row = make(status="failed", error_code="negative_balance")
    created_at = row.created_at + timedelta(seconds=seconds - 60)
    newer = make(
        created_at=created_at, status="validated", validated_at=row.created_at + timedelta(seconds=abs(seconds))
    )
    summary = summary_of(row)
    assert (summary.sentence, summary.tone, summary.newer) == (later, "good", newer)
    assert summary.background == "No code was sent: the provider account had insufficient balance."
    assert not summary.advice


def test_success_before_it_is_no_later_one(make):
    row = make()
    make(
        created_at=row.created_at - timedelta(days=1),
        status="validated",
        validated_at=row.created_at - timedelta(hours=9),
    )
    make(phone_number="+12025550199", status="validated", validated_at=row.created_at + timedelta(seconds=9))
    assert summary_of(row).newer is None


def test_later_success_of_another_user_is_not_this_ones(make, user, other_user):
    row = make(user=user, status="expired")
    make(user=other_user, status="validated", validated_at=row.created_at + timedelta(minutes=5))
    assert (summary_of(row).sentence, summary_of(row).tone) == (
        "Another user verified this number 5 min later.",
        "waiting",
    )


def test_later_request_is_the_one_to_look_at(make, clock):
    newest = make(status="expired")
    row = make(status="failed", error_code="timeout", created_at=newest.created_at - timedelta(hours=1))
    summary = summary_of(row)
    assert (summary.sentence, summary.newer) == ("Another code was requested for this number later.", newest)
    assert summary.background.startswith("It's unknown whether a code was sent")


@pytest.mark.parametrize(
    ("code", "age", "advice"),
    [
        ("negative_balance", {"minutes": 20}, "The user can't fix this. Tell the account owner: "),
        (
            "negative_balance",
            {"days": 27},
            f"{NEW_CODE} If it fails again, tell your developers.",
        ),
        ("invalid_sender_id", {"minutes": 20}, "The user can't fix this. Send this error code to your developers."),
        (
            "invalid_sender_id",
            {"days": 1},
            f"{NEW_CODE} If it fails again, tell your developers.",
        ),
        ("invalid_line", {"days": 27}, "Ask the user for a mobile number."),
        ("undeliverable", {"days": 27}, "Check the number with the user, "),
        ("timeout", {"minutes": 20}, NEW_CODE),
        ("connection_failed", {"minutes": 3}, "Ask the user to request a new code in 2 minutes, at 12:02:00\u00a0UTC."),
        ("connection_failed", {"minutes": 5}, NEW_CODE),
        ("rate_limited", {"minutes": 20}, "Ask the user to request a new code in 40 minutes, at 12:40:00\u00a0UTC."),
        ("rate_limited", {"days": 27}, NEW_CODE),
        (
            "never_heard_of",
            {"days": 27},
            f"{NEW_CODE} If it fails again, tell your developers.",
        ),
    ],
)
def test_advice_fits_the_age(make, clock, code, age, advice):
    row = make(status="failed", error_code=code)
    row.created_at -= timedelta(**age) - timedelta(minutes=1)
    assert advice_of(row).startswith(advice)
    assert advice_of(row).endswith(advice) or not advice.endswith(".")


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_delivered_code_of_a_failed_verification_cannot_be_entered(make, clock, status):
    row = make((12, delivered()), status="failed", error_code="timeout", delivery_status="delivered", channel="sms")
    assert summary_of(row).sentence == (
        "The code was delivered by SMS after 12 s. It can't be entered any more, because sending it failed: "
        "the provider took too long to respond."
    )
    assert advice_of(row) == NEW_CODE


@pytest.mark.parametrize(
    ("delivery", "sentence"),
    [
        ("submitted", "The carrier never confirmed delivery, and the code can't be entered any more."),
        ("", "The code was sent and never entered. Its delivery status is unknown."),
        ("undeliverable", "The code was not delivered: the carrier couldn't deliver the message."),
    ],
)
def test_code_that_has_expired(make, clock, delivery, sentence):
    row = make(delivery_status=delivery)
    clock.shift(3600)
    assert summary_of(row).sentence == sentence


def test_used_up_attempts(make, clock, settings):
    settings.DING = {**settings.DING, "MAX_CHECKS": 2}
    used_up = {"delivery_status": "delivered", "check_count": 2, "dedup_key": uuid4()}
    row = make((12, delivered()), (20, WRONG), (25, WRONG), **used_up)
    row.remaining_retry = 2
    assert summary_of(row).sentence.endswith("Incorrect codes were entered 2 times. No attempts are left.")
    assert advice_of(row) == "Ask the user to request a new code in 9 minutes, at 12:09:00\u00a0UTC."


@pytest.mark.parametrize(
    ("event", "sentence", "advice"),
    [
        (
            {"type": "error", "status": "timeout", "data": {"operation": "check"}},
            "Check failed: the provider took too long to respond.",
            "Ask the user to try again in a few minutes.",
        ),
        (
            {"type": "attempt", "status": "denied"},
            "Message not sent: the provider declined to resend.",
            "Ask the user to request a new code in 60 minutes, at 12:59:30\u00a0UTC.",
        ),
        ({"type": "error", "status": "timeout", "data": {"operation": "status"}}, "It can still be entered.", "Ask"),
    ],
)
def test_last_step_that_failed(make, clock, event, sentence, advice):
    row = make((12, delivered()), (30, event), delivery_status="delivered")
    assert summary_of(row).sentence.endswith(sentence)
    assert advice_of(row).startswith(advice)


def test_later_refusal_decides_the_advice(make, refuse, clock):
    row = make(status="failed", error_code="timeout")
    refuse(reason="unsupported_region")
    assert summary_of(row).sentence == (
        "It's unknown whether a code was sent: the provider took too long to respond. "
        "A later request was blocked (codes aren't sent to this country)."
    )
    assert advice_of(row) == "Ask the user for a number of another country."


def test_later_refusal_of_another_code_while_one_can_be_entered(make, refuse, clock):
    row = make((12, delivered()), delivery_status="delivered")
    refuse(reason="conversion")
    assert summary_of(row).sentence.endswith("A later request was blocked (low conversion, possible SMS pumping).")
    assert advice_of(row) == "Ask the user to find the latest message from the site and enter its code."


def test_refusal_that_came_before_or_does_not_matter(make, refuse):
    row = make()
    refuse(30)
    assert "blocked" not in summary_of(row).sentence
    refuse(0, reason="user")
    assert "blocked" not in summary_of(make(status="validated", validated_at=timezone.now())).sentence


def test_advice_names_the_wait_that_is_left(clock, own_counters, outbox, user, phone):
    with sandbox(RATE_LIMITS={"send": "1/h/phone"}):
        row = send(phone, user=user).authentication
        clock.shift(1200)
        assert advice_of(row) == "Ask the user to request a new code in 40 minutes, at 13:00:00\u00a0UTC."
        clock.shift(2401)
        assert advice_of(row) == NEW_CODE


def test_lockout_comes_before_everything_else(make, user, clock):
    row = make(user=user, purpose="second_factor", status="expired")
    key = next(iter(lockout_keys(row).values()))
    Lockout.objects.create(scope="user", user=user, phone_number=row.phone_number, wrong_codes=50, active_key=key)
    assert advice_of(row) == "Verify the user's identity, then have the lockout lifted."


def test_lockout_refuses_a_code_that_could_be_entered(make, user, clock):
    row = make((12, delivered()), user=user, purpose="second_factor", delivery_status="delivered")
    key = next(iter(lockout_keys(row).values()))
    Lockout.objects.create(scope="user", user=user, phone_number=row.phone_number, wrong_codes=50, active_key=key)
    assert "can still be entered" not in summary_of(row).sentence
    assert advice_of(row) == "Verify the user's identity, then have the lockout lifted."


def test_spam_without_feedback_is_the_providers_to_review(make):
    row = make(status="spam_detected", error_code="spam_detected", backend="gone")
    assert advice_of(row) == "If the user is genuine, ask the provider to review the number."
    assert "“Report as genuine”" in advice_of(make(status="spam_detected"))


def test_page_links_to_the_later_success(desk, make):
    row = make(status="failed", error_code="negative_balance")
    newer = make(status="validated", validated_at=row.created_at + timedelta(minutes=3), created_at=row.created_at)
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert f'Verified 3 min later. <a href="{LIST}{newer.pk}/change/">View that verification</a>' in page
    assert "Requested 1 minute ago, on " in page
