"""Whether a host is this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host name or an IP address is this machine. Other names are not resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
