"""The client's IP address, and the networks that it is counted by."""

from functools import lru_cache
from ipaddress import IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.http import HttpRequest

from django_ding.conf import ding_settings

if TYPE_CHECKING:  # REST framework is optional: the login pages and the services work without it.
    from rest_framework.request import Request


def client_ip(request: "HttpRequest | Request") -> str | None:
    """Return the address of the client that made a request, ``None`` if it is unknown.

    It is ``REMOTE_ADDR`` unless ``DING["TRUSTED_PROXY_COUNT"]`` is set. Each trusted proxy appends the address that it
    was called from to ``X-Forwarded-For``, so the client is the n-th entry from the end. Entries before that one can
    be forged by the client and are ignored.

    :param request: Django's or REST framework's.
    """
    proxies = ding_settings.TRUSTED_PROXY_COUNT
    if not proxies:
        return _parse(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return _parse(hops[-proxies]) if len(hops) >= proxies else None


@lru_cache(128)
def networks(ip: str) -> tuple[str, ...]:
    """Return what an address is counted as, from the narrowest to the widest.

    IPv4 is counted whole. Of IPv6, a subscriber has a /64 at least and may have a /56 or a /48 (RFC 6177, RIPE-690), so
    all three are.

    :raises ValueError: for what is no address.
    """
    address = ip_address(ip)
    if address.version == 4:
        return (str(address),)
    # A socket that listens on IPv6 shows IPv4 clients as ::ffff:192.0.2.1. By their /64 they would all be one.
    if address.ipv4_mapped:
        return (str(address.ipv4_mapped),)
    return tuple(str(IPv6Network((int(address), length), strict=False)) for length in (64, 56, 48))


@lru_cache(128)
def _parse(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(address).partition("%")[0]  # Without the zone of a link-local address, which databases refuse.
