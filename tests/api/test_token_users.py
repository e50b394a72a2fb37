"""Callers who are no row of the user model: made of a token, rows of another model, or users who are gone."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import models
from rest_framework.test import APIClient

from django_ding import services
from django_ding.models import Authentication

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"


@dataclass
class TokenUser:
    """As an authentication class makes it of a token: ``pk`` is what the token says."""

    pk: Any
    is_authenticated = is_active = True


class KeyGroup(Group):
    """Stands for an API key: a row of another model, with a key of its own."""

    is_authenticated = True

    class Meta:
        proxy = True
        app_label = "auth"


def client_of(caller):
    client = APIClient()
    client.force_authenticate(caller)
    return client


def link(client, phone, outbox):
    sent = client.post(URL, {"phone_number": phone}, format="json")
    assert sent.status_code == 201, sent.json()
    url = f"{URL}{sent.json()['id']}/"
    return client.post(f"{url}check/", {"code": outbox[-1].code}, format="json")


def test_text_of_the_key_is_the_key(user, phone, outbox):
    client = client_of(TokenUser(str(user.pk)))
    assert link(client, phone, outbox).status_code == 200
    assert user.ding_phone_numbers.get().phone_number == phone
    [number] = client.get("/api/phone/phone-numbers/").json()
    assert client_of(user).get(f"{URL}{Authentication.objects.get().public_id}/").status_code == 200
    assert services.has_verified_number(TokenUser(str(user.pk)))
    assert client.delete(f"/api/phone/phone-numbers/{number['id']}/").status_code == 403  # It needs a step-up.
    sent = client.post("/api/phone/step-up/", {}, format="json").json()
    proof = client.post(f"{URL}{sent['id']}/check/", {"code": outbox[-1].code}, format="json").json()["proof"]
    answer = client.delete(f"/api/phone/phone-numbers/{number['id']}/", headers={"Step-Up-Proof": proof})
    assert answer.status_code == 204


@pytest.mark.parametrize("key", ["abc", "", None, "9" * 40, object()])
def test_what_is_no_key_is_nobody(user, phone, key):
    client = client_of(TokenUser(key))
    for name in ("phone-numbers", "devices"):
        assert client.get(f"/api/phone/{name}/").json() == []
    assert not services.has_verified_number(TokenUser(key))


def test_user_who_is_gone_is_refused(user, phone, outbox):
    client = client_of(TokenUser(str(user.pk)))
    user.delete()
    answer = client.post(URL, {"phone_number": phone}, format="json")
    assert answer.status_code in (401, 403)
    assert answer.json()["code"] == "authentication_failed"
    assert not outbox


def test_user_whom_the_default_manager_hides_is_refused(user, phone, monkeypatch):
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    url = f"/api/phone/phone-numbers/{user.ding_phone_numbers.get().public_id}/"
    monkeypatch.setattr(User._meta, "default_manager", Present())
    User._meta.default_manager.model = User
    assert client_of(TokenUser(str(user.pk))).delete(url).json()["code"] == "authentication_failed"
    assert user.ding_phone_numbers.exists()


class Present(models.Manager):
    def get_queryset(self):
        return super().get_queryset().none()


def test_row_of_another_model_is_not_the_user_with_its_key(user, phone, outbox):
    services.check(services.send(phone, user=user).authentication, outbox[-1].code)
    services.remember_device(user)
    key = KeyGroup.objects.create(pk=user.pk, name="backend of the app")
    client = client_of(key)
    assert client.get("/api/phone/phone-numbers/").json() == []
    assert client.get("/api/phone/devices/").json() == []
    assert client.get(f"{URL}{Authentication.objects.get().public_id}/").status_code == 404
    assert not services.has_verified_number(key)
    assert services.forget_devices(key) == 0


def test_row_of_another_model_is_a_visitor(phone, outbox):
    client = client_of(KeyGroup.objects.create(name="backend of the app"))
    answer = link(client, phone, outbox)
    assert services.verify_proof(answer.json()["proof"]).user is None
    refused = client.post(URL, {"phone_number": phone, "purpose": "link"}, format="json")
    assert refused.json()["code"] == "not_authenticated"


def test_claim_for_a_token(user, phone, outbox):
    authentication = services.send(phone).authentication
    services.check(authentication, outbox[-1].code)
    assert services.claim(authentication, user=TokenUser(str(user.pk))).user == user
    with pytest.raises(ValueError, match="saved user"):
        services.claim(authentication, user=TokenUser("nobody"))
