"""The pages under arguments of the URL and inside other namespaces: every link and redirect stays there."""

import re

import pytest
from django.test import Client

from tests.login.helpers import ALICE, wrong

SHOP = "/acme/7"
PAGES = f"{SHOP}/phone"


@pytest.fixture
def client(clock, site, settings):
    settings.ROOT_URLCONF = "tests.login.tenant_site"
    settings.LOGIN_URL = "django_ding_login:login"
    settings.LOGIN_REDIRECT_URL = f"{SHOP}/"
    return Client()


@pytest.fixture
def member(client, account):
    client.force_login(account)
    return client


def links(answer):
    return set(re.findall(r'(?:href|action)="(/acme[^"?]*)', answer.text))


def test_login_by_phone(client, account, phone, outbox):
    assert client.post(f"{PAGES}/login/", {"phone_number": phone}).url == f"{PAGES}/login/code/"
    assert f"{PAGES}/login/code/resend/" in links(client.get(f"{PAGES}/login/code/"))
    code = outbox[-1].code
    assert client.post(f"{PAGES}/login/code/", {"code": wrong(code)}).url == f"{PAGES}/login/code/"
    assert "Incorrect code" in client.get(f"{PAGES}/login/code/").text
    assert client.get(f"{PAGES}/login/code/resend/").url == f"{PAGES}/login/code/"
    assert f"{PAGES}/login/code/" in links(client.post(f"{PAGES}/login/code/resend/"))
    assert client.post(f"{PAGES}/login/code/", {"code": code}).url == f"{SHOP}/"


def test_page_after_the_login_may_be_the_tenants(client, settings, account, phone, outbox):
    settings.LOGIN_REDIRECT_URL = "shop:home"
    client.post(f"{PAGES}/login/", {"phone_number": phone})
    assert client.post(f"{PAGES}/login/code/", {"code": outbox[-1].code}).url == f"{SHOP}/"
    assert client.get(f"{PAGES}/login/").url == f"{SHOP}/"


def test_page_without_a_flow_leads_to_the_start(client, db):
    assert client.get(f"{PAGES}/login/code/").url == f"{PAGES}/login/"


def test_guest_is_sent_to_the_login_of_the_tenant(client, db):
    assert client.get(f"{PAGES}/numbers/").url == f"{PAGES}/login/?next={PAGES}/numbers/"


def test_second_factor(client, account, outbox):
    answer = client.post(f"{SHOP}/password/", ALICE)
    assert answer.url == f"{PAGES}/second-factor/"
    assert f"{PAGES}/second-factor/resend/" in links(client.get(answer.url))
    assert client.post(answer.url, {"code": outbox[-1].code}).url == f"{SHOP}/"


def test_numbers(member, account, outbox):
    other = account.ding_phone_numbers.create(phone_number="+33612345680")
    listed = links(member.get(f"{PAGES}/numbers/"))
    assert {f"{PAGES}/numbers/add/", f"{PAGES}/devices/"} <= listed
    for page in ("change", "make-primary", "remove"):
        assert f"{PAGES}/numbers/{other.public_id}/{page}/" in listed
    assert member.post(f"{PAGES}/numbers/{other.public_id}/make-primary/").url == f"{PAGES}/numbers/"
    assert links(member.get(f"{PAGES}/numbers/{other.public_id}/remove/")) == {f"{PAGES}/numbers/"}
    assert member.post(f"{PAGES}/numbers/{other.public_id}/remove/").url == f"{PAGES}/numbers/"
    assert member.post(f"{PAGES}/numbers/add/", {"phone_number": "+33612345681"}).url == f"{PAGES}/numbers/code/"
    assert member.post(f"{PAGES}/numbers/code/", {"code": outbox[-1].code}).url == f"{PAGES}/numbers/"
    assert account.ding_phone_numbers.count() == 2


def test_argument_named_pk_is_no_number(member, account):
    """``pk`` of the URL before the pages would be taken for the key of what the page is about."""
    key = account.ding_phone_numbers.get().pk
    path = f"/acme/{key}/phone/numbers/5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11/remove/"
    assert member.post(path).status_code == 404
    assert account.ding_phone_numbers.count() == 1


def test_devices(member, account):
    assert f"{PAGES}/numbers/" in links(member.get(f"{PAGES}/devices/"))
    for method in (member.get, member.post):
        assert method(f"{PAGES}/devices/forget/").url == f"{PAGES}/devices/"


def test_step_up(clock, member, account, outbox):
    number = account.ding_phone_numbers.get()
    clock.shift(901)
    path = f"{PAGES}/numbers/{number.public_id}/remove/"
    assert member.get(path).url == f"{PAGES}/step-up/?next={path}"
    assert member.post(f"{PAGES}/step-up/", {"number": number.public_id}).url == f"{PAGES}/step-up/code/"
    assert f"{PAGES}/step-up/code/resend/" in links(member.get(f"{PAGES}/step-up/code/"))
    assert member.post(f"{PAGES}/step-up/code/", {"code": outbox[-1].code}).url == f"{PAGES}/numbers/"
    assert member.get(path).status_code == 200


@pytest.mark.parametrize("path", [f"{SHOP}/orders/3/", f"{SHOP}/class/3/"])
def test_gate_leads_to_the_pages_of_the_tenant(client, user, path):
    assert client.get(path).url == f"{PAGES}/login/?next={path}"
    client.force_login(user)
    assert client.get(path).url == f"{PAGES}/numbers/add/?next={path}"
