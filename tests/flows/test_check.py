import pytest
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.views.debug import ExceptionReporter

from django_ding.backends.sandbox import SandboxBackend
from django_ding.backends.types import CheckResponse
from django_ding.exceptions import BackendRejected, BackendUnavailable, InvalidCode
from django_ding.flows.check import normalize_code
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import CheckStatus, check, send
from django_ding.testing import sandbox, script
from tests.helpers import received
from tests.stubs import Broken, Plain, Unreachable, using

pytestmark = pytest.mark.django_db

WRONG = "000000"


@pytest.fixture
def authentication(user, phone):
    return send(phone, user=user).authentication


@pytest.fixture
def code(authentication, outbox):
    return outbox[-1].code


def test_check_right_code_validates(clock, authentication, code):
    result = check(authentication, code)
    assert result.status is CheckStatus.VALID
    assert result.authentication is authentication
    row = Authentication.objects.get()
    assert (row.status, row.validated_at) == ("validated", timezone.now())
    assert (authentication.status, authentication.validated_at) == (row.status, row.validated_at)
    assert list(row.events.order_by("pk").values_list("type", "status"))[1:] == [("check", "valid")]


def test_check_right_code_links_the_number(clock, authentication, code, user, phone):
    result = check(authentication, code)
    number = PhoneNumber.objects.get()
    assert result.phone_number == number
    assert (number.user, number.phone_number, number.verified_at) == (user, phone, timezone.now())
    assert number.is_primary


@pytest.mark.parametrize("purpose", ["login", "signup", "second_factor", "payment"])
def test_check_other_purposes_link_nothing(outbox, user, phone, purpose):
    result = check(send(phone, user=user, purpose=purpose).authentication, outbox[-1].code)
    assert result.status is CheckStatus.VALID
    assert result.phone_number is None
    assert not PhoneNumber.objects.exists()


def test_check_of_an_anonymous_visitor_links_nothing(outbox, phone):
    assert check(send(phone).authentication, outbox[-1].code).phone_number is None


def test_check_second_number_is_not_primary(outbox, user, phone):
    for number in (phone, "+12025550100"):
        check(send(number, user=user).authentication, outbox.to(number)[-1].code)
    assert list(PhoneNumber.objects.values_list("phone_number", "is_primary")) == [
        (phone, True),
        ("+12025550100", False),
    ]


def test_check_own_number_again_renews_it(clock, outbox, user, phone):
    first = check(send(phone, user=user).authentication, outbox[-1].code).phone_number
    clock.shift(3600)
    again = check(send(phone, user=user).authentication, outbox[-1].code).phone_number
    assert again == first
    first.refresh_from_db()
    assert first.verified_at == timezone.now()


@pytest.mark.parametrize("purpose", ["second_factor", "payment"])
def test_check_own_number_for_something_else_renews_it_alone(clock, outbox, user, other_user, phone, purpose):
    for owner, number in ((user, phone), (user, "+12025550100"), (other_user, "+12025550101")):
        PhoneNumber.objects.create(user=owner, phone_number=number, verified_at=timezone.now())
    before = timezone.now()
    clock.shift(3600)
    check(send(phone, user=user, purpose=purpose).authentication, outbox[-1].code)
    renewed = PhoneNumber.objects.filter(verified_at=timezone.now())
    assert [row.phone_number for row in renewed] == [phone]
    assert PhoneNumber.objects.filter(verified_at=before).count() == 2


def test_check_number_of_another_account_is_number_taken(outbox, authentication, code, other_user, phone):
    owner = PhoneNumber.objects.create(user=other_user, phone_number=phone, is_primary=True)
    result = check(authentication, code)
    assert result.status is CheckStatus.NUMBER_TAKEN
    assert result.phone_number is None
    assert list(PhoneNumber.objects.all()) == [owner]


def test_check_wrong_code_counts(authentication):
    result = check(authentication, WRONG)
    assert result.status is CheckStatus.INVALID
    assert result.remaining_checks == 4
    authentication.refresh_from_db()
    assert authentication.check_count == 1
    assert authentication.status == "pending"


@pytest.mark.parametrize(
    ("purpose", "is_login"), [("login", True), ("second_factor", True), ("link", False), ("signup", False)]
)
def test_check_wrong_code_of_a_login_is_a_failed_login(rf, outbox, user, phone, purpose, is_login):
    authentication, request = send(phone, purpose=purpose, user=user).authentication, rf.get("/")
    with received(user_login_failed) as failures:
        check(authentication, WRONG, request=request)
        check(authentication, outbox[-1].code, request=request)
        check(authentication, outbox[-1].code, request=request)
    credentials = {"authentication": authentication, "username": "alice"}
    failure = {"signal": user_login_failed, "sender": "django_ding", "credentials": credentials, "request": request}
    assert failures == ([failure] if is_login else [])


def test_check_after_too_many_does_not_ask_the_provider(authentication, code, simulator):
    for _ in range(5):
        check(authentication, WRONG)
    result = check(authentication, code)
    assert result.status is CheckStatus.RATE_LIMITED
    assert result.remaining_checks == 0
    assert simulator.calls["check"] == 5


def test_check_limit_is_a_setting(user, phone):
    with sandbox(MAX_CHECKS=2) as outbox:
        authentication = send(phone, user=user).authentication
        statuses = [check(authentication, code).status for code in (WRONG, WRONG, outbox[-1].code)]
    assert statuses == [CheckStatus.INVALID, CheckStatus.INVALID, CheckStatus.RATE_LIMITED]


def test_check_twice_asks_once(authentication, code, simulator):
    check(authentication, code)
    assert check(authentication, code).status is CheckStatus.ALREADY_VALIDATED
    assert simulator.calls["check"] == 1


def test_check_expired_does_not_ask_the_provider(clock, authentication, code, simulator):
    clock.shift(600)
    assert check(authentication, code).status is CheckStatus.EXPIRED_AUTH
    assert not simulator.calls["check"]


@pytest.mark.parametrize("status", ["created", "rate_limited", "spam_detected", "failed"])
def test_check_where_nothing_was_sent_does_not_ask_the_provider(authentication, code, simulator, status):
    Authentication.objects.update(status=status, dedup_key=None)
    assert check(authentication, code).status is CheckStatus.WITHOUT_ATTEMPT
    assert not simulator.calls["check"]


def test_check_that_expired_at_the_provider_expires(authentication, code):
    script("check", "expired_auth")
    assert check(authentication, code).status is CheckStatus.EXPIRED_AUTH
    assert check(authentication, code).status is CheckStatus.EXPIRED_AUTH
    assert Authentication.objects.get().status == "expired"


@pytest.mark.parametrize("status", ["without_attempt", "unknown"])
def test_check_returns_what_the_provider_said(authentication, code, status):
    script("check", status)
    assert check(authentication, code).status == status
    assert Authentication.objects.get().status == "pending"
    assert authentication.events.filter(type="check", status=status).exists()


def test_check_number_taken_is_not_for_a_backend_to_say(authentication, code, monkeypatch):
    monkeypatch.setattr(SandboxBackend, "check", lambda *args: CheckResponse(status=CheckStatus.NUMBER_TAKEN))
    assert check(authentication, code).status is CheckStatus.UNKNOWN
    assert Authentication.objects.get().status == "pending"


def test_check_used_at_the_provider_expires(authentication, code):
    """Such as after a check that validated, whose answer was lost."""
    script("check", "already_validated")
    assert check(authentication, code).status is CheckStatus.ALREADY_VALIDATED
    assert Authentication.objects.get().status == "expired"


def test_check_limited_by_the_provider_has_none_left(authentication, code):
    script("check", "rate_limited")
    result = check(authentication, code)
    assert (result.status, result.remaining_checks) == (CheckStatus.RATE_LIMITED, 0)
    assert Authentication.objects.get().remaining_checks == 0


def test_check_impossible_code_is_a_wrong_one(authentication):
    assert check(authentication, "1234").status is CheckStatus.INVALID


def test_check_outage_counts_and_is_recorded(authentication, code):
    script("check", "server_error")
    with pytest.raises(BackendUnavailable):
        check(authentication, code)
    authentication.refresh_from_db()
    assert authentication.check_count == 1
    assert authentication.events.filter(type="error", status="http_500", data={"operation": "check"}).exists()


def test_check_that_never_reached_the_provider_is_rolled_back(phone):
    with using(Unreachable):
        authentication = send(phone).authentication
        with pytest.raises(BackendUnavailable):
            check(authentication, WRONG)
    assert authentication.check_count == 0
    assert Authentication.objects.get().check_count == 0


def test_check_without_its_backend_counts_nothing(authentication, code):
    authentication.backend = "gone"
    with pytest.raises(ImproperlyConfigured):
        check(authentication, code)
    assert Authentication.objects.get().check_count == 0


def test_check_of_a_backend_that_answers_in_plain_text(phone):
    with using(Plain):
        authentication = send(phone).authentication
        assert check(authentication, "123456").status is CheckStatus.VALID
    assert authentication.status == "validated"


def test_check_code_stays_out_of_error_reports(phone):
    with using(Broken):
        authentication = send_expecting_a_bug(phone)
        Authentication.objects.update(status="pending")
        authentication.refresh_from_db()
        with pytest.raises(ZeroDivisionError) as caught:
            check(authentication, "314159")
    report = ExceptionReporter(None, caught.type, caught.value, caught.tb.tb_next).get_traceback_html()
    assert "record_errors" in report
    assert "314159" not in report


def send_expecting_a_bug(phone):
    with pytest.raises(ZeroDivisionError):
        send(phone)
    return Authentication.objects.get()


def test_check_account_error_is_recorded(authentication, code):
    script("check", "negative_balance")
    with pytest.raises(BackendRejected):
        check(authentication, code)
    assert authentication.events.filter(type="error", status="negative_balance").exists()


def test_check_stale_instance_cannot_win_again(authentication, code):
    stale = Authentication.objects.get()
    check(authentication, code)
    assert check(stale, code).status is CheckStatus.ALREADY_VALIDATED
    assert stale.status == "validated"


@pytest.mark.parametrize("typed", ["", "123", "123456789", "12345a", "½½½½", "12 34 5x", "1" * 100, "\x00123456"])
def test_check_malformed_code_counts_nothing(authentication, simulator, typed):
    with pytest.raises(InvalidCode):
        check(authentication, typed)
    assert Authentication.objects.get().check_count == 0
    assert not simulator.calls["check"]


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("012345", "012345"),
        (" 123 456\n", "123456"),
        ("123-456", "123456"),
        ("123–456", "123456"),
        ("123.456", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("۱۲۳۴۵۶", "123456"),
        ("１２３４５６", "123456"),
        ("\u200e123456\u202c", "123456"),
    ],
)
def test_normalize_code_reads_what_people_type(typed, digits):
    assert normalize_code(typed, range(4, 9)) == digits
