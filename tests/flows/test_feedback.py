from datetime import timedelta
from typing import ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone

from django_ding.backends.types import FeedbackResponse
from django_ding.exceptions import BackendUnavailable
from django_ding.models import PhoneNumber
from django_ding.services import FeedbackReport, check, feedback, report_onboarded, send
from django_ding.testing import sandbox, script
from tests.stubs import Newfangled

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture
def prove(clock):
    """Return a function that lets a new user prove a number."""
    users = iter(range(100))

    def prove(number):
        user = get_user_model().objects.create_user(f"user {next(users)}")
        with sandbox() as outbox:
            check(send(number, user=user).authentication, outbox[-1].code)
        return user

    return prove


class Attentive(Newfangled):
    """Takes feedback, and remembers it."""

    given: ClassVar[list[tuple[str, str]]] = []

    def feedback(self, phone_number, status):
        assert status == "onboarded"
        self.given.append((self.alias, phone_number))
        return FeedbackResponse()


class Talkative(Newfangled):
    """Has a bug that says too much."""

    def feedback(self, phone_number, status):
        raise RuntimeError(phone_number)


@pytest.fixture
def given():
    """The feedback that a backend of the test's own was given, as (alias, number)."""
    Attentive.given.clear()
    backend = {"BACKEND": f"{__name__}.Attentive"}
    backends = {"default": backend, "other": backend}
    with override_settings(DING={"BACKENDS": backends, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}):
        yield Attentive.given


def verified(count, **fields):
    users = get_user_model().objects.bulk_create(get_user_model()(username=f"u{n}") for n in range(count))
    rows = [PhoneNumber(user=user, phone_number=f"+1202555{n + 100:04}", **fields) for n, user in enumerate(users)]
    return PhoneNumber.objects.bulk_create(rows)


def test_report_sends_feedback_for_each_number_once(prove, given):
    prove("+12025550100")
    prove("+12025550101")
    assert report_onboarded(since=DAY) == FeedbackReport(sent=2)
    assert given == [("default", "+12025550100"), ("default", "+12025550101")]


def test_report_sends_feedback_for_numbers_verified_recently(prove, clock, given):
    user = prove("+12025550100")
    clock.shift(8 * DAY)
    prove("+12025550101")
    assert report_onboarded(since=7 * DAY, dry_run=True) == FeedbackReport(skipped=1)
    assert len(given) == 0
    assert report_onboarded(since=7 * DAY).sent == 1
    PhoneNumber.objects.filter(user=user).update(verified_at=timezone.now())  # As a login by phone does.
    assert report_onboarded(since=7 * DAY).sent == 2


def test_report_leaves_out_users_who_are_not_active(prove, given):
    user = prove("+12025550100")
    user.is_active = False
    user.save()
    assert report_onboarded(since=DAY, dry_run=True).total == 0
    assert report_onboarded(since=DAY) == FeedbackReport()


def test_report_leaves_out_test_numbers(user):
    with sandbox(TEST_NUMBERS={"+12025550100": "424242"}):
        check(send("+12025550100", user=user).authentication, "424242")
        assert report_onboarded(since=DAY) == FeedbackReport()


def test_report_goes_to_the_backend_that_sent(prove, given, user, phone):
    row = send(phone, user=user, backend="other").authentication
    check(row, "123456")
    verified(1)
    report_onboarded(since=DAY)
    assert given == [("other", phone), ("default", "+12025550100")]


def test_report_of_feedback_that_was_sent_before(phone, user, outbox):
    check(send(phone, user=user).authentication, outbox[-1].code)
    feedback(phone, "onboarded")
    assert report_onboarded(since=DAY) == FeedbackReport(already_sent=1)


def test_report_goes_on_after_a_refusal(phone, user, outbox):
    verified(2)  # The provider has no authentication of them.
    check(send(phone, user=user).authentication, outbox[-1].code)
    assert report_onboarded(since=DAY) == FeedbackReport(sent=1, rejected=2)


def test_report_goes_on_after_a_number_on_the_block_list():
    verified(3)
    script("feedback", "blocked_number")
    assert report_onboarded(since=DAY) == FeedbackReport(rejected=3)


def test_report_goes_on_after_an_outage():
    verified(6)
    script("feedback", *["server_error", "normal"] * 3)  # Three outages, but not in a row.
    assert report_onboarded(since=DAY) == FeedbackReport(rejected=3, skipped=3)


def test_report_leaves_a_backend_alone_after_three_outages_in_a_row(simulator):
    verified(9)
    script("feedback", "normal", *["server_error"] * 3)
    assert report_onboarded(since=DAY) == FeedbackReport(rejected=1, skipped=8)
    assert simulator.calls["feedback"] == 4


def test_report_leaves_a_backend_alone_that_refuses_our_account(simulator):
    verified(5)
    script("feedback", "negative_balance")
    assert report_onboarded(since=DAY) == FeedbackReport(skipped=5)
    assert simulator.calls["feedback"] == 1


def test_report_without_feedback_or_backend(user, phone, caplog):
    verified(2)
    with override_settings(DING={"BACKENDS": {"default": {"BACKEND": "tests.stubs.Plain"}}}):
        assert report_onboarded(since=DAY) == FeedbackReport(skipped=2)
    with override_settings(DING={}):
        assert report_onboarded(since=DAY) == FeedbackReport(skipped=2)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage().startswith(
        "The feedback request to the backend 'default' failed (unexpected_error). UnknownKey in "
    )


@pytest.mark.parametrize(
    ("answer", "level"), [("server_error", "ERROR"), ("negative_balance", "ERROR"), ("not_found", "WARNING")]
)
def test_each_failure_is_logged(caplog, answer, level):
    verified(1)
    script("feedback", "normal" if answer == "not_found" else answer)
    report_onboarded(since=DAY)
    (record,) = caplog.records
    assert (record.name, record.levelname, record.ding_operation) == ("django_ding", level, "feedback")
    assert record.ding_masked_number == "+1********00"


def test_feedback_that_was_sent_before_is_not_logged_as_a_failure(phone, user, outbox, caplog):
    check(send(phone, user=user).authentication, outbox[-1].code)
    feedback(phone, "onboarded")
    report_onboarded(since=DAY)
    assert not [record for record in caplog.records if record.levelname != "INFO"]


def test_log_of_a_bug_has_no_number(caplog):
    (number,) = verified(1)
    with override_settings(DING={"BACKENDS": {"default": {"BACKEND": f"{__name__}.Talkative"}}}):
        assert report_onboarded(since=DAY) == FeedbackReport(skipped=1)
    assert "RuntimeError" in caplog.text
    assert number.phone_number not in caplog.text


def test_report_reads_in_batches_up_to_the_limit(given):
    verified(7)
    seen = []
    assert report_onboarded(since=DAY, batch=2, limit=5, on_progress=seen.append).sent == 5
    assert [sums.sent for sums in seen] == [1, 2, 3, 4, 5]
    assert report_onboarded(since=DAY, batch=1, limit=5, dry_run=True).total == 5


def test_exception_in_on_progress_ends_the_run_between_two_numbers(given):
    verified(3)

    def stop(done):
        raise BackendUnavailable

    with pytest.raises(BackendUnavailable):
        report_onboarded(since=DAY, on_progress=stop)
    assert len(given) == 1


@pytest.mark.parametrize(
    "invalid", [{"since": -1}, {"since": 1e12}, {"since": 1, "batch": 0}, {"since": 1, "limit": -1}]
)
def test_invalid_arguments(invalid):
    with pytest.raises(ValueError, match="since must be between 0 and 100 years, limit 0 or more"):
        report_onboarded(**invalid)


def test_a_time_of_ten_years_is_no_matter(given):
    verified(1, verified_at=timezone.now() - timedelta(days=3000))
    assert report_onboarded(since=3650 * DAY).sent == 1
