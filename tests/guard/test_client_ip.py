import pytest
from django.test import RequestFactory
from rest_framework.views import APIView

from django_ding.guard.client_ip import client_ip, networks
from django_ding.testing import sandbox


def request(**meta):
    return RequestFactory().get("/", **meta)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.1:40001", "192.0.2.1"),
        ("[2001:db8::1]:40001", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
        ("192.0.2.1:", None),
        ("[2001:db8::1", None),
        ("[]", None),
        ("2001:db8::1:40001:", None),
        ("::", None),
        ("", None),
        ("unix:", None),
    ],
)
def test_client_ip_is_the_peer_address(address, expected):
    assert client_ip(request(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="203.0.113.9")) == expected


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7:40001", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", None),
        (1, "", None),
        (1, "nonsense", None),
    ],
)
def test_client_ip_behind_proxies_is_what_they_appended(trusted, forwarded, expected):
    with sandbox(TRUSTED_PROXY_COUNT=trusted):
        assert client_ip(request(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)) == expected


def test_client_ip_of_a_rest_framework_request():
    assert client_ip(APIView().initialize_request(request(REMOTE_ADDR="192.0.2.1"))) == "192.0.2.1"


def test_client_ip_without_a_forwarded_header():
    with sandbox(TRUSTED_PROXY_COUNT=1):
        assert client_ip(request(REMOTE_ADDR="127.0.0.1")) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1",)),
        ("::ffff:192.0.2.1", ("192.0.2.1",)),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/56", "2001:db8:1::/48")),
        ("[2001:db8:1:2::1]:443", ("2001:db8:1:2::/64", "2001:db8:1::/56", "2001:db8:1::/48")),
        ("192.0.2.1:443", ("192.0.2.1",)),
    ],
)
def test_networks_of_a_subscriber(address, expected):
    assert networks(address) == expected
