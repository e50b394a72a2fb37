"""Credentials that can't be used: the same answer for each kind, on endpoints that need none, too."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.test import Client
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from rest_framework.authentication import BasicAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from django_ding.services import send
from tests.api.helpers import URL

pytestmark = pytest.mark.django_db


class KnoxHeaderAuthentication(KnoxAuthentication):
    def authenticate_header(self, request):
        return "Knox"

    def authenticate(self, request):
        if not request.headers.get("Authorization", "").startswith("Knox"):
            return None
        request._request.META["HTTP_AUTHORIZATION"] = request.headers["Authorization"].replace("Knox", "Token")
        return super().authenticate(request)


KINDS = [TokenAuthentication, JWTAuthentication, BasicAuthentication, SessionAuthentication, KnoxHeaderAuthentication]


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    monkeypatch.setattr(APIView, "authentication_classes", KINDS)


@pytest.fixture
def inactive(user):
    user.is_active = False
    user.save()
    return user


@pytest.fixture
def code(phone, clock):
    """The URL of an anonymous verification."""
    return f"{URL}{send(phone, purpose='signup').authentication.public_id}/"


def basic(text):
    return f"Basic {b64encode(text.encode()).decode()}"


def expired_jwt(user):
    token = AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(days=1))
    return f"Bearer {token}"


BAD = {
    "unknown token": lambda user: "Token 1234567890",
    "token with a space": lambda user: "Token a b",
    "token that is no ASCII": lambda user: "Token caf\xe9",
    "token of an inactive user": lambda user: f"Token {Token.objects.create(user=user)}",
    "garbage for a JWT": lambda user: "Bearer garbage",
    "JWT with a space": lambda user: "Bearer a b",
    "expired JWT": expired_jwt,
    "JWT of an inactive user": lambda user: f"Bearer {AccessToken.for_user(user)}",
    "garbage for a password": lambda user: "Basic garbage",
    "wrong password": lambda user: basic("alice:guess"),
    "unknown token of knox": lambda user: "Knox 1234567890",
    "token of knox of an inactive user": lambda user: f"Knox {AuthToken.objects.create(user=user)[1]}",
}


@pytest.mark.parametrize("kind", BAD)
def test_credentials_that_cannot_be_used(client, inactive, code, phone, kind, settings):
    settings.AUTHENTICATION_BACKENDS = ["django_ding.login.backends.PhoneBackend"]
    client.defaults["HTTP_AUTHORIZATION"] = BAD[kind](inactive)
    for answer in (
        client.post(URL, {"phone_number": "+33612345679"}),
        client.get(code),
        client.post(f"{code}check/", {"code": "000000"}),
        client.post(f"{code}retry/"),
        client.get("/api/phone/phone-numbers/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
        assert list(answer.json()) == ["code", "detail"]
        assert answer["WWW-Authenticate"] == "Token"
    assert client.post("/api/phone/login/", {"phone_number": "+33612345680"}).status_code == 201


@pytest.mark.parametrize("kind", BAD)
def test_status_is_that_of_the_first_class(monkeypatch, client, inactive, code, kind):
    monkeypatch.setattr(APIView, "authentication_classes", [SessionAuthentication, *KINDS])
    answer = client.get(code, headers={"Authorization": BAD[kind](inactive)})
    assert (answer.status_code, answer.json()["code"]) == (403, "authentication_failed")


@pytest.mark.parametrize("header", ["", "Digest a", "garbage"])
def test_header_that_nobody_reads_is_none(client, code, header):
    assert client.get(code, headers={"Authorization": header}).status_code == 200
    answer = client.get("/api/phone/phone-numbers/", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("token", ["", "0" * 32])
@pytest.mark.parametrize("state", ["flushed", "inactive", "garbage"])
def test_stale_session_is_none(user, code, state, token):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    if state == "flushed":
        browser.session.delete()
    elif state == "inactive":
        user.is_active = False
        user.save()
    else:
        browser.cookies["sessionid"] = "garbage"
    browser.cookies["csrftoken"] = "0" * 32
    headers = {"X-CSRFToken": token} if token else {}
    answer = browser.post(f"{code}check/", {"code": "000000"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    answer = browser.get("/api/phone/phone-numbers/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_session_needs_a_csrf_token(user, code):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    answer = browser.post(URL, {"phone_number": "+33612345679"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
