"""A right code for an account that the project's authentication backends let nobody into, by REST and on the pages."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import UserManager
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client
from knox.models import AuthToken
from rest_framework.authtoken.models import Token

from django_ding.login.backends import PhoneBackend
from django_ding.models import Authentication
from django_ding.testing import sandbox
from tests.helpers import received, wrong_code
from tests.login.helpers import ALICE, LOGIN, LOGIN_CODE, PASSWORD, SECOND_FACTOR, signed_in

pytestmark = pytest.mark.django_db

API = "/api/phone/login/"
ISSUERS = ["session", "authtoken", "simplejwt", "knox"]
PHONE_BACKEND = "django_ding.login.backends.PhoneBackend"


class CustomerBackend(PhoneBackend):
    """A project's own, by the hook."""

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and not user.is_staff


class LateCustomerBackend(PhoneBackend):
    """A project's own, by hand."""

    def authenticate(self, request, authentication=None):
        user = super().authenticate(request, authentication)
        return None if user and user.is_staff else user


class LockingBackend(BaseBackend):
    """Refuses an address after three failed logins, as django-axes does."""

    failures: list[str] = []

    def authenticate(self, request, username=None, password=None, **credentials):
        if self.failures.count(request.META["REMOTE_ADDR"]) >= 3:
            raise PermissionDenied


class NotDeleted(UserManager):
    """A project's default manager, which hides what was deleted softly."""

    def get_queryset(self):
        return super().get_queryset().exclude(last_name="deleted")


@pytest.fixture(autouse=True)
def owner(settings, user, phone):
    """Alice, a superuser with a password and a number."""
    settings.LOGIN_REDIRECT_URL = "/"
    settings.LOGIN_URL = PASSWORD
    user.is_staff = user.is_superuser = True
    user.set_password("secret")
    user.save()
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return user


@pytest.fixture
def pages(settings):
    settings.ROOT_URLCONF = "tests.login.site"


@pytest.fixture
def failures():
    """What ``user_login_failed`` is sent with."""
    with received(user_login_failed) as heard:
        yield heard


def log_in_by_rest(phone, issuer="authtoken", **ding):
    """Return the answer to the right code, and that to the same code posted again."""
    client = Client()
    with sandbox(TOKEN_ISSUER=f"django_ding.api.tokens.{issuer}", **ding) as outbox:
        public_id = client.post(API, {"phone_number": phone}).json()["id"]
        return [client.post(f"{API}{public_id}/check/", {"code": outbox[-1].code}) for _ in range(2)]


def is_kept_out(answers):
    codes = [(answer.status_code, answer.json()["code"]) for answer in answers]
    sessions = [answer.cookies for answer in answers if answer.cookies]
    tokens = [Token.objects.exists(), AuthToken.objects.exists()]
    return codes == [(403, "no_account"), (409, "already_validated")] and not sessions and not any(tokens)


@pytest.mark.parametrize("backend", ["CustomerBackend", "LateCustomerBackend"])
@pytest.mark.parametrize("issuer", ISSUERS)
def test_staff_get_no_token_where_the_backend_refuses_them(settings, phone, issuer, backend):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.{backend}"]
    assert is_kept_out(log_in_by_rest(phone, issuer))


@pytest.mark.parametrize("issuer", ISSUERS)
def test_others_get_one_where_it_does_not(settings, owner, phone, issuer):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.CustomerBackend"]
    get_user_model().objects.update(is_staff=False)
    assert [answer.status_code for answer in log_in_by_rest(phone, issuer)] == [200, 409]


def test_refused_code_is_left_to_the_next_backend(settings, phone):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.CustomerBackend", PHONE_BACKEND]
    assert [answer.status_code for answer in log_in_by_rest(phone)] == [200, 409]


def test_refused_user_logs_in_with_another_code_once_let_in(settings, owner, phone):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.LateCustomerBackend"]
    assert is_kept_out(log_in_by_rest(phone, RATE_LIMITS={}))
    get_user_model().objects.update(is_staff=False)
    assert log_in_by_rest(phone, RATE_LIMITS={})[0].status_code == 200


@pytest.mark.parametrize("creates_user", [True, False])
@pytest.mark.parametrize("issuer", ISSUERS)
def test_hidden_users_stay_hidden(monkeypatch, owner, phone, issuer, creates_user):
    manager = NotDeleted()
    manager.model = get_user_model()
    monkeypatch.setattr(get_user_model()._meta, "default_manager", manager)
    get_user_model().objects.update(last_name="deleted")
    assert is_kept_out(log_in_by_rest(phone, issuer, LOGIN_CREATES_USER=creates_user))
    assert get_user_model().objects.count() == 1


def test_pages_keep_them_out_as_well(settings, pages, owner, phone, outbox):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.CustomerBackend"]
    browser = Client()
    browser.post(LOGIN, {"phone_number": phone})
    assert browser.post(LOGIN_CODE, {"code": outbox[-1].code}).url == LOGIN
    assert signed_in(browser) == ""


def test_locked_address_is_not_let_in_by_a_right_code(settings, owner, phone, monkeypatch):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.LockingBackend", PHONE_BACKEND]
    monkeypatch.setattr(LockingBackend, "failures", ["127.0.0.1"] * 3)
    assert is_kept_out(log_in_by_rest(phone, LOGIN_CREATES_USER=True))
    LockingBackend.failures.clear()
    assert log_in_by_rest(phone, RATE_LIMITS={})[0].status_code == 200


@pytest.mark.parametrize("number", ["+33612345678", "+33698765432"])
def test_wrong_codes_lock_the_address(settings, number, monkeypatch):
    """Whether or not the number has an account."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.LockingBackend", PHONE_BACKEND]
    monkeypatch.setattr(LockingBackend, "failures", [])

    def count(request, **arguments):
        LockingBackend.failures.append(request.META["REMOTE_ADDR"])

    user_login_failed.connect(count)
    client = Client()
    with sandbox(TOKEN_ISSUER="django_ding.api.tokens.authtoken") as outbox:
        public_id = client.post(API, {"phone_number": number}).json()["id"]
        for _ in range(3):
            client.post(f"{API}{public_id}/check/", {"code": wrong_code(outbox[-1].code)})
        answer = client.post(f"{API}{public_id}/check/", {"code": outbox[-1].code})
    user_login_failed.disconnect(count)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_account")


# What user_login_failed is sent with


def assert_failure(failure, number, *codes, **credentials):
    row = Authentication.objects.get()
    assert failure["credentials"] == {"authentication": row, **credentials}
    assert isinstance(failure["request"], HttpRequest)
    assert not any(secret in repr(failure["credentials"]) for secret in [number, number[1:], *codes])


@pytest.mark.parametrize("number", ["+33612345678", "+33698765432"])
def test_wrong_code_of_a_login_is_a_failed_login(pages, outbox, failures, number):
    browser = Client()
    browser.post(LOGIN, {"phone_number": number})
    code = wrong_code(outbox[-1].code)
    browser.post(LOGIN_CODE, {"code": code})
    assert_failure(*failures, number, code)


def test_right_code_without_an_account_is_a_failed_login(pages, outbox, failures):
    browser = Client()
    browser.post(LOGIN, {"phone_number": "+33698765432"})
    browser.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert_failure(*failures, "+33698765432", outbox[-1].code)


@pytest.mark.parametrize("number", ["+33612345678", "+33698765432"])
def test_wrong_code_by_rest_is_a_failed_login(outbox, failures, number):
    client = Client()
    public_id = client.post(API, {"phone_number": number}, content_type="application/json").json()["id"]
    code = wrong_code(outbox[-1].code)
    client.post(f"{API}{public_id}/check/", {"code": code}, content_type="application/json")
    assert_failure(*failures, number, code)


def test_wrong_second_factor_is_a_failed_login_of_its_user(pages, phone, outbox, failures):
    browser = Client()
    browser.post(PASSWORD, ALICE)
    code = wrong_code(outbox[-1].code)
    browser.post(SECOND_FACTOR, {"code": code})
    assert_failure(*failures, phone, code, username="alice")


def test_receiver_that_denies_ends_the_request(pages, phone, outbox):
    def deny():
        raise PermissionDenied

    browser = Client()
    browser.post(LOGIN, {"phone_number": phone})
    with received(user_login_failed, each=deny):
        assert browser.post(LOGIN_CODE, {"code": wrong_code(outbox[-1].code)}).status_code == 403
    assert Authentication.objects.get().check_count == 1
