"""The client's address, and what of it counts as one place."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Network, ip_address
from typing import Any

from django_ding.conf import ding_settings


def client_ip(meta: Mapping[str, Any]) -> str | None:
    """Return the client's address from a request's ``META``, ``None`` when it can't be told.

    ``REMOTE_ADDR``, unless ``DING["TRUSTED_PROXIES"]`` says behind how many proxies of its own the project stands.
    Each of them adds to ``X-Forwarded-For`` whom it spoke to, so the n-th from the end is the client; what stands
    before it anyone may have written.
    """
    trusted = ding_settings.TRUSTED_PROXIES
    if not trusted:
        return _address(meta.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return _address(hops[-trusted]) if len(hops) >= trusted else None


@lru_cache(128)
def place(ip: str) -> str:
    """Return what a rate counts an address by: IPv6 by its /64, which one subscriber has (RFC 6177)."""
    address = ip_address(ip)
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Network((int(address), 64), strict=False))


@lru_cache(128)
def _address(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return str(address).partition("%")[0]
