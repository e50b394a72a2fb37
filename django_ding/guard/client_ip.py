"""The client's IP address, and what it is rate limited by."""

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
def rate_limit_key(ip: str, *, ipv6_prefix: int = 64) -> str:
    """Return what an address is counted as: IPv4 whole, IPv6 by its /64, which one subscriber has (RFC 6177)."""
    address = ip_address(ip)
    if address.version == 4:
        return str(address)
    # A socket that listens on IPv6 shows IPv4 clients as ::ffff:192.0.2.1. By their /64 they would all be one.
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Network((int(address), ipv6_prefix), strict=False))


@lru_cache(128)
def _parse(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(address).partition("%")[0]  # Without the zone of a link-local address, which databases refuse.
