"""The client's IP address, and the networks that it is counted by."""

import re
from functools import cache, lru_cache
from ipaddress import IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.http import HttpRequest

from django_ding import log
from django_ding.conf import ding_settings

if TYPE_CHECKING:  # REST framework is optional: the login pages and the services work without it.
    from rest_framework.request import Request

#: Replaces an address that can't be read: all such clients are counted as one. It is IPv6's "absence of
#: an address" (RFC 4291, 2.5.2), which no client has and databases take for an address.
UNKNOWN_IP = "::"

# As proxies write it that append the port, too: Azure's, HAProxy's, IIS's.
_WITH_PORT = re.compile(r"\[([^]]*)](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII)


def client_ip(request: "HttpRequest | Request") -> str | None:
    """Return the address of the client that made a request, ``None`` if it can't be read.

    It is ``REMOTE_ADDR`` unless ``DING["TRUSTED_PROXY_COUNT"]`` is set. Each trusted proxy appends the address that it
    was called from to ``X-Forwarded-For``, so the client is the n-th entry from the end. Entries before that one can
    be forged by the client and are ignored. A port beside the address is left out, and ``::ffff:192.0.2.1``, as sockets
    of IPv6 show it, is ``192.0.2.1``.

    An address that can't be read, such as that of a server on a Unix socket, is logged once per process.

    :param request: Django's or REST framework's.
    """
    proxies = ding_settings.TRUSTED_PROXY_COUNT
    hops = request.META.get("HTTP_X_FORWARDED_FOR" if proxies else "REMOTE_ADDR", "").split(",")
    try:
        ip = parse_ip(hops[-max(proxies, 1)])
    except (IndexError, ValueError):
        ip = UNKNOWN_IP
    if ip == UNKNOWN_IP:
        _warn("X-Forwarded-For" if proxies else "REMOTE_ADDR")
        return None
    return ip


@lru_cache(128)
def parse_ip(text: str) -> str:
    """Return the address in a text such as ``203.0.113.7:40001``, ``[2001:db8::1]:443`` or ``fe80::1%eth0``.

    :raises ValueError: when there is none.
    """
    match = _WITH_PORT.fullmatch(text.strip())
    address = ip_address((match[1] or match[2]) if match else text.strip())
    # By their /64 all clients of IPv4 would be one.
    mapped = address.ipv4_mapped if address.version == 6 else None
    return str(mapped or address).partition("%")[0]  # Without the zone of a link-local address, which databases refuse.


@lru_cache(128)
def networks(ip: str) -> tuple[str, ...]:
    """Return what an address is counted as, from the narrowest to the widest.

    IPv4 is counted whole. Of IPv6, a subscriber has a /64 at least and may have a /56 or a /48 (RFC 6177, RIPE-690), so
    all three are.

    :raises ValueError: for what is no address.
    """
    address = ip_address(parse_ip(ip))
    if address.version == 4:
        return (str(address),)
    return tuple(str(IPv6Network((int(address), length), strict=False)) for length in (64, 56, 48))


@cache  # The settings decide which of the two sources it is, so it is logged once.
def _warn(source: str) -> None:
    log.write(log.CLIENT_IP_UNKNOWN, source=source)
