"""A stranger whose address can't be read: is not counted by it, and gets the code that somebody else requested."""

import logging

import pytest
from django.test import Client

from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.models import Authentication
from django_ding.services import retry, send
from django_ding.testing import sandbox

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
NUMBER = "+12025550100"

#: The number of trusted proxies, and what a request shows that has no address: gunicorn on a Unix socket, and proxies
#: that write none.
HIDDEN = [
    (0, {"REMOTE_ADDR": ""}),
    (1, {}),
    (1, {"HTTP_X_FORWARDED_FOR": ""}),
    (1, {"HTTP_X_FORWARDED_FOR": "unknown"}),
    (1, {"HTTP_X_FORWARDED_FOR": "203.0.113.7, _hidden"}),
    (1, {"HTTP_X_FORWARDED_FOR": "::"}),
    (2, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}),
]


def post(number: str = NUMBER, **meta: str):
    return Client().post(URL, {"phone_number": number}, **meta)


@pytest.mark.parametrize(("proxies", "meta"), HIDDEN)
def test_addresses_that_cannot_be_read_are_counted_as_one(proxies, meta, clock):
    with sandbox(TRUSTED_PROXY_COUNT=proxies, RATE_LIMITS={"send": "2/h/ip"}):
        assert [post(f"+1202555010{digit}", **meta).status_code for digit in range(3)] == [201, 201, 429]


def test_unreadable_addresses_of_all_kinds_are_one(clock):
    with sandbox(TRUSTED_PROXY_COUNT=1, RATE_LIMITS={"send": "2/h/ip"}):
        metas = [meta for proxies, meta in HIDDEN if proxies == 1][:3]
        assert [post(f"+1202555010{digit}", **meta).status_code for digit, meta in enumerate(metas)] == [201, 201, 429]


def test_retry_of_the_unreadable_is_counted(clock, client):
    with sandbox(RATE_LIMITS={"send": "2/h/ip"}):
        authentication = post(REMOTE_ADDR="").json()
        clock.shift(30)
        retried = client.post(f"{URL}{authentication['id']}/retry/", REMOTE_ADDR="")
        assert (retried.status_code, post("+12025550101", REMOTE_ADDR="").status_code) == (200, 429)


@pytest.mark.parametrize("form", ["203.0.113.7:{port}", "[2001:db8::7]:{port}", "[2001:db8::7]", "::ffff:203.0.113.7"])
def test_port_does_not_hide_an_address(form, clock):
    with sandbox(TRUSTED_PROXY_COUNT=1, RATE_LIMITS={"send": "2/h/ip"}):
        seen = [form.format(port=40_000 + digit) for digit in range(3)]
        statuses = [post(f"+1202555010{n}", HTTP_X_FORWARDED_FOR=ip).status_code for n, ip in enumerate(seen)]
        assert statuses == [201, 201, 429]
        assert post("+12025550104", HTTP_X_FORWARDED_FOR="198.51.100.7").status_code == 201


@pytest.mark.parametrize(("proxies", "meta"), HIDDEN)
def test_stranger_without_an_address_does_not_get_the_code_of_another(proxies, meta, clock, outbox):
    with sandbox(TRUSTED_PROXY_COUNT=proxies):
        victim = post(**meta)
        clock.shift(31)
        stranger = post(**meta)
    assert victim.status_code == stranger.status_code == 201
    assert victim.json()["id"] != stranger.json()["id"]


def test_caller_without_request_and_address_shares_nothing_and_is_not_counted(clock):
    with sandbox(RATE_LIMITS={"send": "1/h/ip"}):
        first = send(NUMBER).authentication
        clock.shift(31)
        second = send(NUMBER).authentication
        clock.shift(31)
        assert retry(second).status == "approved"
    assert first != second
    assert set(Authentication.objects.values_list("ip", flat=True)) == {None}


def test_it_is_reported_once(clock, caplog):
    with sandbox(TRUSTED_PROXY_COUNT=1), caplog.at_level(logging.WARNING, "django_ding"):
        for number in ("+12025550100", "+12025550101"):
            post(number, HTTP_X_FORWARDED_FOR="somebody@example.com")
    (record,) = [record for record in caplog.records if record.ding_event == "client_ip_unknown"]
    assert record.levelname == "WARNING"
    assert 'DING["TRUSTED_PROXY_COUNT"]' in record.getMessage()
    assert "somebody" not in caplog.text


def test_provider_is_not_told_an_address_that_is_none(clock, simulator):
    post(REMOTE_ADDR="")
    row = Authentication.objects.get()
    assert row.ip == UNKNOWN_IP
    assert "ip" not in simulator.inspect(row.authentication_uuid).request.signals
