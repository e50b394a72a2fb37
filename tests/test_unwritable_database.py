"""A database that can be read and not written: 503 with a reason in the log, and nothing paid for."""

import logging
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.test import Client

from django_ding.backends import get_backend
from django_ding.models import Authentication
from django_ding.services import check, make_webhook_url, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db(transaction=True)

REASONS = {
    "sqlite": "OperationalError: attempt to write a readonly database",
    "postgresql": "InternalError: cannot execute UPDATE in a read-only transaction",
    "mysql": "OperationalError: (1792, 'Cannot execute statement in a READ ONLY transaction')",
}
SWITCHES = {
    "sqlite": "PRAGMA query_only = {}",
    "postgresql": "SET default_transaction_read_only = {}",
    "mysql": "SET SESSION TRANSACTION READ {}",
}
WORDS = {"mysql": ("ONLY", "WRITE")}


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def read_only():
    on, off = WORDS.get(connection.vendor, ("ON", "OFF"))
    execute(SWITCHES[connection.vendor].format(on))
    try:
        yield
    finally:
        execute(SWITCHES[connection.vendor].format(off))


@pytest.fixture
def site(settings):
    settings.ROOT_URLCONF = "tests.login.site"
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"


@pytest.fixture
def member(phone):
    user = get_user_model().objects.create_user("alice", password="secret")
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return user


@pytest.fixture
def errors(caplog):
    """What this app has logged at ERROR."""

    def errors():
        return [r.getMessage() for r in caplog.records if r.name == "django_ding" and r.levelno >= logging.ERROR]

    return errors


def reason(verb="UPDATE"):
    return f"The database can't be used: {REASONS[connection.vendor].replace('UPDATE', verb)}"


@pytest.mark.parametrize("cache", ["default", None])
def test_send_over_rest(client, phone, simulator, errors, cache):
    with sandbox(RATE_LIMITS={"send": "9/h/phone"}, RATE_LIMIT_CACHE=cache), read_only():
        for _ in range(2):
            response = client.post("/api/phone/authentications/", {"phone_number": phone})
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            assert response["Retry-After"] == "30"
    assert errors() == [reason("INSERT")]
    assert not simulator.calls
    assert client.post("/api/phone/authentications/", {"phone_number": phone}).status_code == 201


def test_refusal_that_is_lost(client, phone, errors):
    with sandbox(RATE_LIMITS={"send": "0/h/phone"}), read_only():
        for _ in range(2):
            assert client.post("/api/phone/authentications/", {"phone_number": phone}).status_code == 429
    assert errors() == [
        f"A blocked code to +33*******78 could not be recorded: {REASONS[connection.vendor].split(':')[0]}."
    ]


def test_check_over_rest(client, phone, outbox, simulator, errors):
    sent = client.post("/api/phone/authentications/", {"phone_number": phone}).json()
    with read_only():
        response = client.post(f"/api/phone/authentications/{sent['id']}/check/", {"code": outbox[-1].code})
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert errors() == [reason()]
    assert not simulator.calls["check"]


def test_pages(site, member, phone, outbox, simulator, errors):
    browser = Client()
    assert browser.post("/phone/login/", {"phone_number": phone}).status_code == 302
    with read_only():
        pages = [
            browser.get("/phone/login/code/"),
            browser.post("/phone/login/code/", {"code": outbox[-1].code}),
            browser.post("/phone/login/", {"phone_number": "+12025550100"}),
            Client().post("/password/", {"username": "alice", "password": "secret"}),
        ]
    assert [page.status_code for page in pages] == [200, 503, 503, 503]
    assert "Verification is temporarily unavailable." in pages[1].text
    assert len(errors()) == 1
    assert not simulator.calls["check"]
    assert browser.post("/phone/login/code/", {"code": outbox[-1].code}).status_code == 302


def test_webhook(client, phone, settings, errors):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com"}
    row = send(phone).authentication
    url = urlsplit(make_webhook_url(get_backend(), row.public_id)).path
    event = {"id": "1", "type": "delivery_status", "status": "delivered", "correlation_id": str(row.public_id)}
    with read_only():
        assert client.post(url, event, content_type="application/json").status_code == 503
    assert len(errors()) == 1
    assert client.post(url, event, content_type="application/json").status_code == 200


def test_services_raise_what_the_database_says(phone, simulator):
    row = send(phone).authentication
    with read_only():
        for call in (lambda: send("+12025550100"), lambda: check(row, "123456")):
            with pytest.raises(DatabaseError, match=r"(?i)read.?only"):
                call()
    assert simulator.calls == {"send": 1}
    assert Authentication.objects.get().check_count == 0
