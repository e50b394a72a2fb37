"""The REST API of the example, with HTTP to the app and to the provider."""

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from django_ding.models import Authentication
from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.server import SandboxServer
from django_ding.testing import outbox
from tests.e2e.helpers import provider
from tests.e2e.site import Visitor
from tests.helpers import wrong_code


def test_flow_happy_path(visitor, phone):
    sent = visitor.send("06 12 34 56 78")
    assert (sent.status_code, sent.json()["phone_number"], sent.json()["status"]) == (201, phone, "pending")
    [code] = visitor.codes(phone)
    refused = visitor.check(sent, wrong_code(code))
    assert (refused.status_code, refused.json()["code"], refused.json()["remaining_checks"]) == (400, "invalid", 4)
    assert visitor.numbers() == []
    won = visitor.check(sent, code)
    assert (won.status_code, won.json()["status"]) == (200, "valid")
    again = visitor.check(sent, code)
    assert (again.status_code, again.json()["code"]) == (409, "already_validated")
    assert visitor.numbers() == [phone]


def test_send_repeated_returns_live_one(visitor, phone):
    first, second = visitor.send(phone), visitor.send(phone)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(visitor.codes(phone)) == 1


def test_check_exhausted(visitor, phone):
    sent = visitor.send(phone)
    [code] = visitor.codes(phone)
    statuses = [visitor.check(sent, wrong_code(code)).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    assert visitor.check(sent, code).status_code == 429
    assert visitor.numbers() == []


def test_retry_too_early(visitor, phone):
    refused = visitor.retry(visitor.send(phone))
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert len(visitor.codes(phone)) == 1


def test_retry_after_cooldown(visitor, clock, phone):
    sent = visitor.send(phone)
    clock.shift(31)
    retried = visitor.retry(sent)
    assert (retried.status_code, retried.json()["status"], retried.json()["remaining_retry"]) == (200, "approved", 2)
    newest, first = visitor.codes(phone)
    assert newest != first
    assert visitor.check(sent, newest).status_code == 200
    assert visitor.numbers() == [phone]


def test_check_expired(visitor, clock, phone):
    sent = visitor.send(phone)
    [code] = visitor.codes(phone)
    clock.shift(601)
    late = visitor.check(sent, code)
    assert (late.status_code, late.json()["code"]) == (410, "expired_auth")
    assert visitor.retry(sent).status_code == 410
    assert visitor.numbers() == []


def test_authentication_of_another_user(visitor, example, phone, other_user):
    other_user.set_password("bob")
    other_user.save()
    bob = Visitor(example, ("bob", "bob"))
    sent = visitor.send(phone)
    assert bob.check(sent, visitor.codes(phone)[0]).status_code == 404
    bob.close()


def test_signup_anonymous(example, phone, transactional_db):
    stranger = Visitor(example)
    sent = stranger.send(phone)
    proven = stranger.check(sent, stranger.codes(phone)[0])
    assert (proven.status_code, bool(proven.json()["proof"])) == (200, True)
    assert stranger.get("/api/phone/phone-numbers/").status_code in (401, 403)
    stranger.close()


def test_login_of_an_app(example, phone, transactional_db):
    app = Visitor(example)
    sent = app.post("/api/phone/login/", phone_number=phone)
    [code] = app.codes(phone)
    token = app.post(f"/api/phone/login/{sent.json()['id']}/check/", code=code).json()["token"]
    app.close()
    assert Token.objects.get(key=token).user.ding_phone_numbers.get().phone_number == phone


def test_login_of_a_browser(guest, phone):
    sent = guest.post("/api/phone/login/", {"phone_number": phone}).json()
    check = f"/api/phone/login/{sent['id']}/check/"
    refused = guest.post(check, {"code": outbox[-1].code}, headers={"X-CSRFToken": "forged"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert guest.get("/api/phone/phone-numbers/").status_code == 403


@pytest.fixture
def guest(example, transactional_db) -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def separate(visitor, settings):
    """A provider of its own, which can be stopped."""
    with SandboxServer(Simulator(Options())) as server:
        settings.DING = provider(settings, base_url=server.url)
        yield server


def test_send_provider_down(visitor, separate, phone):
    separate.stop()
    refused = visitor.send(phone)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == ("failed", "connection_failed")
    assert list(row.events.values_list("type", "status")) == [("error", "connection_failed")]


def test_check_provider_down(visitor, separate, phone):
    sent = visitor.send(phone)
    code = separate.simulator.messages(phone)[0].code
    separate.stop()
    refused = visitor.check(sent, code)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    row = Authentication.objects.get()
    assert (row.status, row.check_count) == ("pending", 0)
    assert visitor.numbers() == []
