"""Pages, admin, REST and commands, as far as they depend on what a user's key is: see ``scenarios.py``."""

import json
import re
from html import unescape
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.core.management import call_command
from rest_framework.test import APIClient

from django_ding import services
from django_ding.exceptions import DingError
from django_ding.models import Authentication, PhoneNumber, RememberedDevice
from django_ding.services import check, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

User = get_user_model()
OTHER = "+12025550101"
ADMIN = "/admin/django_ding/"
PAGES = "/phone/"


@pytest.fixture
def user(db):
    return User.objects.create_user("alice", "secret")


@pytest.fixture
def other_user(db):
    return User.objects.create_user("bob", "secret")


@pytest.fixture
def member(user, phone, outbox):
    """A user with a verified number."""
    assert check(send(phone, user=user).authentication, outbox[-1].code).phone_number
    return User.objects.get(username="alice")


def key_of(client):
    """Return the key of the user who is signed in, as the ORM loads it."""
    return User._meta.pk.to_python(client.session[SESSION_KEY])


def enter(client, url, outbox, **data):
    answer = client.post(url, {"code": outbox[-1].code, **data})
    assert answer.status_code == 302, answer.text
    return answer.url


def test_login_by_phone(client, member, phone, outbox):
    code_page = client.post(f"{PAGES}login/", {"phone_number": phone}).url
    assert enter(client, code_page, outbox) == "/"
    assert key_of(client) == member.pk


def test_login_creates_the_user(client, phone):
    factory = {"USER_FACTORY": f"{__name__}.sign_up"} if User.keys else {}
    with sandbox(LOGIN_CREATES_USER=True, **factory) as outbox:
        code_page = client.post(f"{PAGES}login/", {"phone_number": phone}).url
        assert enter(client, code_page, outbox) == "/"
    assert key_of(client) == PhoneNumber.objects.get().user_id == User.objects.get().pk


def sign_up(authentication):
    return User.objects.create_user("newcomer")


def test_second_factor_and_devices(client, member, outbox):
    credentials = {"username": "alice", "password": "secret"}
    code_page = client.post("/accounts/login/", credentials).url
    assert SESSION_KEY not in client.session
    assert enter(client, code_page, outbox, remember="on") == "/"
    assert key_of(client) == member.pk
    del client.cookies["sessionid"]
    assert client.post("/accounts/login/", credentials).url == "/"  # The device is remembered.
    device = RememberedDevice.objects.get()
    assert str(device.public_id) in client.get(f"{PAGES}devices/").text
    assert client.post(f"{PAGES}devices/{device.public_id}/forget/").status_code == 302
    assert not RememberedDevice.objects.exists()


def test_second_factor_of_who_was_deleted(client, member, outbox):
    code_page = client.post("/accounts/login/", {"username": "alice", "password": "secret"}).url
    User.objects.get().delete()
    enter(client, code_page, outbox)
    assert SESSION_KEY not in client.session


def test_numbers_pages(client, member, other_user, phone, outbox):
    client.force_login(member)
    code_page = client.post(f"{PAGES}numbers/add/", {"phone_number": OTHER}).url
    assert client.get(code_page).status_code == 200
    assert enter(client, code_page, outbox) == f"{PAGES}numbers/"
    assert "+1\xa0202-555-0101" in client.get(f"{PAGES}numbers/").text
    second = member.ding_phone_numbers.get(phone_number=OTHER)
    assert client.post(f"{PAGES}numbers/{second.public_id}/make-primary/").status_code == 302
    assert services.primary_number(member) == second
    client.force_login(other_user)
    assert client.post(f"{PAGES}numbers/{second.public_id}/remove/").status_code == 404
    client.force_login(member)
    assert client.post(f"{PAGES}numbers/{second.public_id}/remove/").status_code == 302
    assert client.get("/members/").text == "for members"


def test_step_up_pages(client, clock, member, outbox):
    client.force_login(member)
    clock.shift(3600)
    step_up = client.get(f"{PAGES}numbers/add/").url
    assert urlsplit(step_up).path == f"{PAGES}step-up/"
    number = member.ding_phone_numbers.get()
    code_page = client.post(step_up, {"number": str(number.public_id), "send": "1"}).url
    assert enter(client, code_page, outbox) == f"{PAGES}numbers/add/"
    assert client.get(f"{PAGES}numbers/add/").status_code == 200


def test_rest_devices_and_step_up(member, other_user, phone, outbox):
    services.remember_device(member)
    owner, stranger = APIClient(), APIClient()
    owner.force_authenticate(member)
    stranger.force_authenticate(other_user)
    [device] = owner.get("/api/phone/devices/").json()
    assert stranger.get("/api/phone/devices/").json() == []
    assert stranger.delete(f"/api/phone/devices/{device['id']}/").status_code == 404
    sent = owner.post("/api/phone/step-up/", {}, format="json").json()
    url = f"/api/phone/authentications/{sent['id']}/check/"
    assert stranger.post(url, {"code": outbox[-1].code}, format="json").status_code == 404
    by_code = owner.post(url, {"code": outbox[-1].code}, format="json").json()["proof"]
    by_password = owner.post("/api/phone/step-up/", {"password": "secret"}, format="json").json()["proof"]
    for proof, number in ((by_code, OTHER), (by_password, "+12025550102")):
        headers, body = {"Step-Up-Proof": proof}, {"phone_number": number}
        assert owner.post("/api/phone/authentications/", body, headers=headers).status_code == 201
        answer = stranger.post("/api/phone/authentications/", body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert owner.delete(f"/api/phone/devices/{device['id']}/").status_code == 204


def shown(page):
    assert page.status_code == 200, page
    return [row.pk for row in page.context["cl"].result_list]


def test_admin_finds_the_user(client, member, other_user, phone, outbox):
    row = Authentication.objects.get()
    services.remember_device(member)
    with sandbox(RATE_LIMITS={"send": "0/d/phone"}), pytest.raises(DingError):
        send(OTHER, user=member)
    send(OTHER, user=other_user, purpose="second_factor")
    client.force_login(User.objects.get(username="bob"))
    for model in ("authentication", "phonenumber", "remembereddevice", "refusal"):
        url = client.post(f"{ADMIN}{model}/search/", {"q": "alice"}).url
        assert len(shown(client.get(url))) == 1, (model, url)
        assert client.get(url).text.count("alice") > 1
    page = client.get(f"{ADMIN}authentication/{row.pk}/change/")
    [link] = [url for url in {page.context["user_authentications_url"]} if url]
    assert shown(client.get(link)) == [row.pk]
    [user_page] = re.findall(r'href="(/admin/hosts/[^"]+/change/)"', page.text)
    assert client.get(unescape(user_page)).status_code == 200
    refusal = member.ding_refusals.get()
    page = client.get(f"{ADMIN}refusal/{refusal.pk}/change/")
    assert all(client.get(url).status_code == 200 for url, _ in page.context["links"])
    exported = client.get(f"{ADMIN}authentication/export/?{urlsplit(link).query}").getvalue().decode()
    assert exported.count("\r\n") == 2
    assert "alice" in exported


def test_admin_revokes(client, member, other_user):
    number = member.ding_phone_numbers.get()
    client.force_login(other_user)
    url = f"{ADMIN}phonenumber/revoke/?pk={number.pk}"
    assert client.get(url).status_code == 200
    assert client.post(url, {"pk": number.pk}).status_code == 302
    lost = member.ding_lost_phone_number
    assert "alice" in client.get(f"{ADMIN}lostphonenumber/{lost.pk}/change/").text
    assert services.has_lost_number(member)


def test_commands(user, phone, outbox):
    def run(*arguments):
        out = StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()

    sent = json.loads(run("ding_send", phone, "--user", "alice", "--json"))["authentication"]
    row = Authentication.objects.get()
    assert row.user == user
    assert str(sent["user"]) == str(row.user_id)
    assert json.loads(run("ding_status", sent["id"], "--json"))
    assert str(row.user_id) in run("ding_status", sent["id"])
    assert run("ding_check", sent["id"], outbox[-1].code)
    assert services.primary_number(user).phone_number == phone
    assert json.loads(json.dumps(services.export_data(user=user)))["phone_numbers"]
