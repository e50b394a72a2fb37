from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import override_settings
from django.utils import timezone

from django_ding.backends.base import FeedbackResult
from django_ding.exceptions import BackendUnavailable
from django_ding.models import PhoneNumber
from django_ding.services import ReportResult, check, count_onboarded, feedback, report_onboarded, send
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
            check(send(number, user=user), outbox[-1].code)
        return user

    return prove


@pytest.fixture
def given(monkeypatch):
    """The feedback that a backend of the test's own was given, as (alias, number)."""
    told = []

    class Attentive(Newfangled):
        def feedback(self, phone_number, status):
            assert status == "onboarded"
            told.append((self.alias, phone_number))
            return FeedbackResult()

    monkeypatch.setattr("tests.stubs.Attentive", Attentive, raising=False)
    backend = {"BACKEND": "tests.stubs.Attentive"}
    backends = {"default": backend, "other": backend}
    with override_settings(DING={"BACKENDS": backends, "RATES": {}, "CONVERSION": ""}):
        yield told


def verified(count, **fields):
    users = get_user_model().objects.bulk_create(get_user_model()(username=f"u{n}") for n in range(count))
    rows = [PhoneNumber(user=user, phone_number=f"+1202555{n + 100:04}", **fields) for n, user in enumerate(users)]
    return PhoneNumber.objects.bulk_create(rows)


def test_report_tells_of_each_number_once(prove, given):
    prove("+12025550100")
    prove("+12025550101")
    assert report_onboarded(since=DAY) == ReportResult(told=2)
    assert given == [("default", "+12025550100"), ("default", "+12025550101")]


def test_report_tells_of_numbers_proven_lately(prove, clock, given):
    user = prove("+12025550100")
    clock.shift(8 * DAY)
    prove("+12025550101")
    assert count_onboarded(since=7 * DAY) == 1
    assert report_onboarded(since=7 * DAY).told == 1
    PhoneNumber.objects.filter(user=user).update(verified_at=timezone.now())  # As a login by phone does.
    assert report_onboarded(since=7 * DAY).told == 2


def test_report_leaves_out_users_who_are_not_active(prove, given):
    user = prove("+12025550100")
    user.is_active = False
    user.save()
    assert count_onboarded(since=DAY) == 0
    assert report_onboarded(since=DAY) == ReportResult()


def test_report_leaves_out_test_numbers(user):
    with sandbox(TEST_NUMBERS={"+12025550100": "424242"}):
        check(send("+12025550100", user=user), "424242")
        assert report_onboarded(since=DAY) == ReportResult()


def test_report_goes_to_the_backend_that_sent(prove, given, user, phone):
    row = send(phone, user=user, backend="other")
    check(row, "123456")
    verified(1)
    report_onboarded(since=DAY)
    assert given == [("other", phone), ("default", "+12025550100")]


def test_report_of_what_was_told_before(phone, user, outbox):
    check(send(phone, user=user), outbox[-1].code)
    feedback(phone, "onboarded")
    assert report_onboarded(since=DAY) == ReportResult(known=1)


def test_report_goes_on_after_a_refusal(phone, user, outbox):
    verified(2)  # The provider has no authentication of them.
    check(send(phone, user=user), outbox[-1].code)
    assert report_onboarded(since=DAY) == ReportResult(told=1, refused=2)


def test_report_goes_on_after_an_outage():
    verified(4)
    script("feedback", "server_error", "normal", "server_error", "normal")
    assert report_onboarded(since=DAY) == ReportResult(refused=2, unasked=2)


def test_report_leaves_a_backend_alone_after_three_outages_in_a_row(simulator):
    verified(9)
    script("feedback", "normal", *["server_error"] * 3)
    assert report_onboarded(since=DAY) == ReportResult(refused=1, unasked=8)
    assert simulator.calls["feedback"] == 4


def test_report_leaves_a_backend_alone_that_refuses_our_account(simulator):
    verified(5)
    script("feedback", "negative_balance")
    assert report_onboarded(since=DAY) == ReportResult(unasked=5)
    assert simulator.calls["feedback"] == 1


def test_report_without_feedback_or_backend(user, phone, caplog):
    verified(2)
    with override_settings(DING={"BACKENDS": {"default": {"BACKEND": "tests.stubs.Plain"}}}):
        assert report_onboarded(since=DAY) == ReportResult(unasked=2)
    with override_settings(DING={}):
        assert report_onboarded(since=DAY) == ReportResult(unasked=2)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage().startswith("The backend 'default' failed at feedback (unexpected_error). UnknownKey in ")


@pytest.mark.parametrize(
    ("answer", "level"), [("server_error", "ERROR"), ("negative_balance", "ERROR"), ("not_found", "WARNING")]
)
def test_log_is_told_of_each_failure(caplog, answer, level):
    verified(1)
    script("feedback", "normal" if answer == "not_found" else answer)
    report_onboarded(since=DAY)
    (record,) = caplog.records
    assert (record.name, record.levelname, record.ding_operation) == ("django_ding", level, "feedback")
    assert record.ding_masked_number == "+1********00"


def test_log_is_not_told_of_what_was_told_before(phone, user, outbox, caplog):
    check(send(phone, user=user), outbox[-1].code)
    feedback(phone, "onboarded")
    report_onboarded(since=DAY)
    assert not [record for record in caplog.records if record.levelname != "INFO"]


def test_log_of_a_bug_has_no_number(monkeypatch, caplog):
    class Talkative(Newfangled):
        def feedback(self, phone_number, status):
            raise RuntimeError(phone_number)

    monkeypatch.setattr("tests.stubs.Talkative", Talkative, raising=False)
    (number,) = verified(1)
    with override_settings(DING={"BACKENDS": {"default": {"BACKEND": "tests.stubs.Talkative"}}}):
        assert report_onboarded(since=DAY) == ReportResult(unasked=1)
    assert "RuntimeError" in caplog.text
    assert number.phone_number not in caplog.text


def test_report_reads_in_batches_up_to_the_limit(given):
    verified(7)
    told = []
    assert report_onboarded(since=DAY, batch=2, limit=5, on_reported=told.append).told == 5
    assert [sums.told for sums in told] == [1, 2, 3, 4, 5]
    assert count_onboarded(since=DAY, limit=5) == 5


def test_what_is_told_ends_the_run_between_two_numbers(given):
    verified(3)

    def stop(done):
        raise BackendUnavailable

    with pytest.raises(BackendUnavailable):
        report_onboarded(since=DAY, on_reported=stop)
    assert len(given) == 1


@pytest.mark.parametrize(
    "senseless", [{"since": -1}, {"since": 1e12}, {"since": 1, "batch": 0}, {"since": 1, "limit": -1}]
)
def test_senseless_arguments(senseless):
    with pytest.raises(ValueError, match="since is between zero and 100 years, limit is zero or more"):
        report_onboarded(**senseless)


def test_a_time_of_ten_years_is_no_matter(given):
    verified(1, verified_at=timezone.now() - timedelta(days=3000))
    assert report_onboarded(since=3650 * DAY).told == 1
