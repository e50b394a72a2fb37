"""Webhooks at one URL for the whole account, signed by the provider."""

import json
import logging
from urllib.parse import urlsplit

import pytest
from django.test import Client

from django_ding.backends import get_backend
from django_ding.models import Authentication, Event
from django_ding.services import make_webhook_url, send

URL = "/ding/webhooks/default/"


@pytest.fixture
def authentication(acme_project, phone, db):
    return send(phone).authentication


def post(body, headers):
    return Client(enforce_csrf_checks=True).post(URL, body, content_type="application/json", headers=headers)


def test_delivery_is_recorded_once(acme_project, authentication):
    body, headers = acme_project.webhook(authentication.phone_number)
    assert [post(body, headers).status_code for _ in range(3)] == [200, 200, 200]
    authentication.refresh_from_db()
    assert authentication.delivery_status == "delivered"
    assert authentication.events.filter(type="delivery_status").count() == 1


def test_webhook_needs_its_signature(acme_project, authentication, caplog, django_assert_num_queries):
    body, headers = acme_project.webhook(authentication.phone_number)
    forgeries = [(body, {}), (body + b" ", headers), (body, {"Acme-Signature": "é"})]
    with django_assert_num_queries(0), caplog.at_level(logging.WARNING, "django_ding"):
        assert [post(*forgery).status_code for forgery in forgeries] == [403, 403, 403]
    records = [record for record in caplog.records if record.name == "django_ding"]
    assert [(record.ding_reason, record.ding_backend) for record in records] == [("bad_signature", "default")] * 3


def test_webhook_about_an_unknown_authentication_is_200(acme_project, authentication):
    body, headers = acme_project.webhook(authentication.phone_number)
    Authentication.objects.all().delete()
    assert post(body, headers).status_code == 200
    assert not Event.objects.exists()


def test_webhook_before_the_provider_id_is_known_is_recorded(acme_project, authentication):
    Authentication.objects.update(authentication_uuid="")
    assert post(*acme_project.webhook(authentication.phone_number)).status_code == 200
    authentication.refresh_from_db()
    assert authentication.authentication_uuid == acme_project.verifications[authentication.phone_number].ticket
    assert authentication.delivery_status == "delivered"


def test_webhook_of_another_backend_is_not_recorded(acme_project, authentication):
    Authentication.objects.update(backend="another")
    post(*acme_project.webhook(authentication.phone_number))
    assert not authentication.events.filter(type="delivery_status").exists()


def test_body_that_is_too_long_is_413(acme_project, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert post(b" " * 65_537, {}).status_code == 413


def test_requests_carry_no_url(acme_project, settings):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com"}
    assert make_webhook_url(get_backend(), "00000000-0000-4000-8000-000000000000") is None


def test_backend_sees_the_url_that_the_provider_called(acme_project, authentication, settings, monkeypatch):
    seen = []
    monkeypatch.setattr(type(get_backend()), "parse_webhook", lambda self, request: seen.append(request) or [])
    post(b"{}", {"X-Signature": "s"})
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com/shop"}
    Client().post(f"{URL}?key=1", b"{}", content_type="application/json")
    assert [request.url for request in seen] == [f"http://testserver{URL}", f"https://example.com/shop{URL}?key=1"]
    assert urlsplit(seen[0].url).path == URL
    assert (seen[0].headers["x-signature"], json.loads(seen[0].body), seen[0].public_id) == ("s", {}, None)
