from django_ding.loopback import is_loopback


def test_loopback_addresses():
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "example.com")))  # noqa: S104
