import re
import sys
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY, get_user, get_user_model, user_logged_in
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.test.utils import modify_settings, override_settings
from django.utils.module_loading import import_string
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.tokens import AccessToken

from django_ding.login.backends import PhoneBackend
from django_ding.models import Authentication, PhoneNumber
from django_ding.testing import sandbox
from tests.helpers import ROOT

pytestmark = pytest.mark.django_db

URL = "/api/phone/login/"
ISSUERS = "django_ding.api.tokens"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
PHONE_BACKEND = "django_ding.login.backends.PhoneBackend"


class NamedToken(TokenObtainPairSerializer):
    """What a project does that wants a claim of its own."""

    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["name"] = user.get_username()
        return token


@pytest.fixture
def log_in(user, phone, outbox):
    """Let Alice log in with a kind of token."""
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)

    def logged_in(issuer, client=None, **headers):
        client = client or APIClient()
        with sandbox(TOKEN_ISSUER=f"{ISSUERS}.{issuer}") as messages:
            public_id = client.post(URL, {"phone_number": phone}, **headers).json()["id"]
            return client.post(f"{URL}{public_id}/check/", {"code": messages[-1].code}, **headers)

    return logged_in


@pytest.fixture
def logins():
    """The users of each ``user_logged_in`` signal."""
    users = []

    def receiver(sender, request, user, **kwargs):
        assert request.META["REQUEST_METHOD"] == "POST"
        users.append(user)

    user_logged_in.connect(receiver)
    yield users
    user_logged_in.disconnect(receiver)


@pytest.mark.parametrize("issuer", ["session", "authtoken", "simplejwt", "knox"])
def test_login_is_signalled_once(log_in, user, logins, issuer):
    assert log_in(issuer).status_code == 200
    assert logins == [user]
    user.refresh_from_db()
    assert user.last_login


def test_authtoken_answers_the_token(log_in, user):
    assert log_in("authtoken").json() == {"token": Token.objects.get(user=user).key}


def test_simplejwt_answers_a_pair(log_in, user):
    answer = log_in("simplejwt").json()
    assert set(answer) == {"access", "refresh"}
    assert AccessToken(answer["access"])["user_id"] == str(user.pk)


def test_simplejwt_keeps_the_projects_claims(log_in):
    with override_settings(SIMPLE_JWT={"TOKEN_OBTAIN_SERIALIZER": f"{__name__}.NamedToken"}):
        assert AccessToken(log_in("simplejwt").json()["access"])["name"] == "alice"


def test_knox_answers_a_token_and_its_end(clock, log_in, user):
    answer = log_in("knox").json()
    assert set(answer) == {"token", "expiry"}
    assert answer["token"].startswith(user.auth_token_set.get().token_key)
    assert answer["expiry"] == "2026-06-01T22:00:00Z"


def test_knox_keeps_its_limit(log_in, user, logins):
    with override_settings(REST_KNOX={"TOKEN_LIMIT_PER_USER": 1}):
        assert log_in("knox").status_code == 200
        Authentication.objects.update(dedup_key=None)
        response = log_in("knox")
        assert (response.status_code, response.json()["code"]) == (403, "too_many_tokens")
    assert len(logins) == user.auth_token_set.count() == 1


def test_knox_does_not_count_expired_tokens(log_in, user):
    with override_settings(REST_KNOX={"TOKEN_LIMIT_PER_USER": 1, "TOKEN_TTL": timedelta(0)}):
        log_in("knox")
        Authentication.objects.update(dedup_key=None)
        assert log_in("knox").status_code == 200


@pytest.mark.parametrize(("issuer", "scheme"), [("authtoken", "Token"), ("simplejwt", "Bearer"), ("knox", "Token")])
def test_documented_settings_open_the_endpoints(log_in, phone, monkeypatch, issuer, scheme):
    page = (ROOT / "docs" / "rest.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    block = next(block for block in blocks if f'["TOKEN_ISSUER"] = "{ISSUERS}.{issuer}"' in block)
    names = {"DING": {}, "INSTALLED_APPS": []}
    exec(block, names)  # noqa: S102
    classes = map(import_string, names["REST_FRAMEWORK"]["DEFAULT_AUTHENTICATION_CLASSES"])
    monkeypatch.setattr(APIView, "authentication_classes", list(classes))
    answer = log_in(names["DING"]["TOKEN_ISSUER"].rpartition(".")[2]).json()
    header = f"{scheme} {answer.get('token') or answer['access']}"
    numbers = APIClient().get("/api/phone/phone-numbers/", HTTP_AUTHORIZATION=header)
    assert [number["phone_number"] for number in numbers.json()] == [phone]
    assert APIClient().get("/api/phone/phone-numbers/", HTTP_AUTHORIZATION=header[:-1]).status_code == 401


@pytest.mark.parametrize(
    ("issuer", "module", "package"),
    [("simplejwt", "rest_framework_simplejwt", "djangorestframework-simplejwt"), ("knox", "knox", "django-rest-knox")],
)
def test_missing_package_is_named(log_in, monkeypatch, issuer, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImproperlyConfigured, match=f"needs {package}: install it"):
        log_in(issuer)


@pytest.mark.parametrize(("issuer", "app"), [("authtoken", "rest_framework.authtoken"), ("knox", "knox")])
def test_missing_app_is_named(log_in, issuer, app):
    with modify_settings(INSTALLED_APPS={"remove": [app]}), pytest.raises(ImproperlyConfigured, match=app):
        log_in(issuer)


# Session


class OwnBackend(PhoneBackend):
    """A project's own."""


@pytest.mark.parametrize("backend", [PHONE_BACKEND, "tests.api.test_tokens.OwnBackend"])
@pytest.mark.parametrize("others", [[], [MODEL_BACKEND]])
def test_session_logs_in_with_the_phone_backend(log_in, user, settings, others, backend):
    settings.AUTHENTICATION_BACKENDS = [*others, backend]
    browser = Client()
    assert log_in("session", browser).json() == {"status": "valid"}
    assert browser.session["_auth_user_backend"] == backend
    assert get_user(browser) == user


def test_session_has_a_new_key(log_in):
    browser = Client()
    session = browser.session
    session["basket"] = "full"
    session.save()
    log_in("session", browser)
    assert browser.session.session_key != session.session_key
    assert browser.session["basket"] == "full"


def test_session_of_another_user_ends(log_in, user, other_user):
    browser = Client()
    browser.force_login(other_user)
    session = browser.session
    session["basket"] = "full"
    session.save()
    log_in("session", browser)
    assert get_user(browser) == user
    assert "basket" not in browser.session


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_session_of_a_forged_form_is_refused(user, phone, outbox, content_type):
    """A code of an attacker's own must not put a visitor of theirs into their account, nor be spent."""
    PhoneNumber.objects.create(user=user, phone_number=phone)
    browser = Client(enforce_csrf_checks=True)
    public_id = browser.post(URL, {"phone_number": phone}).json()["id"]
    body = {"application/json": '{"code": "%s"}'}.get(content_type, "code=%s") % outbox[-1].code
    response = browser.post(f"{URL}{public_id}/check/", body, content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert SESSION_KEY not in browser.session
    assert Authentication.objects.get().check_count == 0


@pytest.mark.parametrize("in_form", [True, False])
def test_session_with_a_csrf_token(user, phone, outbox, in_form):
    PhoneNumber.objects.create(user=user, phone_number=phone)
    browser = Client(enforce_csrf_checks=True)
    token = "x" * 32
    browser.cookies["csrftoken"] = token
    public_id = browser.post(URL, {"phone_number": phone}).json()["id"]
    form = {"csrfmiddlewaretoken": token} if in_form else {}
    headers = {} if in_form else {"X-CSRFToken": token}
    response = browser.post(f"{URL}{public_id}/check/", {"code": outbox[-1].code, **form}, headers=headers)
    assert response.status_code == 200
    assert get_user(browser) == user
    assert browser.cookies["csrftoken"].value != token


def issue_and_greet(request, user):
    from django_ding.api.tokens import session

    return {**session(request, user), "hello": user.get_username()}


def test_session_refuses_a_forged_form_inside_another_issuer(user, phone, settings, outbox):
    settings.DING |= {"TOKEN_ISSUER": f"{__name__}.issue_and_greet"}
    PhoneNumber.objects.create(user=user, phone_number=phone)
    browser = Client(enforce_csrf_checks=True)
    public_id = browser.post(URL, {"phone_number": phone}).json()["id"]
    response = browser.post(f"{URL}{public_id}/check/", {"code": outbox[-1].code})
    assert response.status_code == 403
    assert SESSION_KEY not in browser.session


def test_token_needs_no_csrf_token(log_in):
    assert log_in("authtoken", Client(enforce_csrf_checks=True)).status_code == 200
    assert get_user_model().objects.get().auth_token
