"""A stranger's backend, used by a mobile app over REST: send, webhook, retry by phone call, check."""

import json

import pytest
from django.test import Client

from django_ding.models import Authentication, PhoneNumber

API = "/api/phone/authentications/"
NUMBER = "+12025550100"


@pytest.fixture
def client(acme_project, user):
    client = Client()
    client.force_login(user)
    return client


def post(client, path, **fields):
    response = client.post(path, json.dumps(fields), content_type="application/json")
    return response.status_code, response.json()


def test_send_webhook_retry_and_check(acme_project, client, user):
    status, sent = post(client, API, phone_number=NUMBER)
    assert (status, sent["status"], sent["channel"]) == (201, "pending", "sms")

    body, headers = acme_project.webhook(NUMBER, state="lost")
    assert Client().post("/ding/webhooks/default/", body, "application/json", headers=headers).status_code == 200
    assert Authentication.objects.get().delivery_status == "undeliverable"

    status, retried = post(client, f"{API}{sent['id']}/retry/", channel="voice")
    assert (status, retried["status"]) == (200, "approved")
    assert acme_project.verifications[NUMBER].messages == ["sms", "voice"]
    assert client.get(f"{API}{sent['id']}/").json()["channel"] == "voice"

    code = acme_project.verifications[NUMBER].code
    wrong = f"{(int(code) + 1) % 100_000:05}"
    status, answer = post(client, f"{API}{sent['id']}/check/", code=wrong)
    assert (status, answer["code"], answer["remaining_checks"]) == (400, "invalid", 4)
    status, answer = post(client, f"{API}{sent['id']}/check/", code=code)
    assert (status, answer["status"]) == (200, "valid")
    assert PhoneNumber.objects.get(user=user).phone_number == NUMBER


def test_send_by_a_channel(acme_project, client):
    status, sent = post(client, API, phone_number=NUMBER, channel="voice")
    assert (status, sent["channel"]) == (201, "voice")
    assert acme_project.verifications[NUMBER].messages == ["voice"]


def test_channel_that_acme_does_not_have(acme_project, client):
    status, answer = post(client, API, phone_number=NUMBER, channel="rcs")
    assert status == 400
    assert not acme_project.verifications
    assert not Authentication.objects.exists()
    assert answer["code"] in ("unsupported_channel", "invalid_input")


def test_number_that_acme_rejects(acme_project, client):
    status, answer = post(client, API, phone_number="+12025550199")
    assert (status, answer["code"]) == (400, "invalid_phone_number")


def test_nothing_of_the_code_is_kept(acme_project, client):
    _, sent = post(client, API, phone_number=NUMBER)
    code = acme_project.verifications[NUMBER].code
    post(client, f"{API}{sent['id']}/check/", code=code)
    rows = [*Authentication.objects.values(), *Authentication.objects.get().events.values()]
    assert not any(f'"{code}"' in json.dumps(row, default=str) for row in rows)
