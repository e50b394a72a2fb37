import pytest

from django_ding.guard.address import client_ip, place
from django_ding.testing import sandbox


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unix:", None),
    ],
)
def test_client_ip_is_the_other_end(address, expected):
    assert client_ip({"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}) == expected


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", None),
        (1, "", None),
        (1, "nonsense", None),
    ],
)
def test_client_ip_behind_proxies_is_the_hop_they_saw(trusted, forwarded, expected):
    with sandbox(TRUSTED_PROXIES=trusted):
        assert client_ip({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}) == expected


def test_client_ip_without_a_forwarded_header():
    with sandbox(TRUSTED_PROXIES=1):
        assert client_ip({"REMOTE_ADDR": "127.0.0.1"}) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ],
)
def test_place_takes_a_subscriber_for_one(address, expected):
    assert place(address) == expected
