"""Which Host headers the server answers to.

A page on the web could make its own name point at 127.0.0.1 (DNS rebinding) and read the codes; its Host
header gives it away.
"""

import ipaddress
from collections.abc import Container


def is_allowed(header: str | None, names: Container[str]) -> bool:
    """Tell whether a Host header names this machine, an IP address, or one of ``names``."""
    if not header:
        return False
    host = _without_port(header.strip().lower())
    return host == "localhost" or host.endswith(".localhost") or host in names or _is_address(host)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on ``host``."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def in_url(host: str) -> str:
    """Return an address as URLs write it, IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
