"""Every code of a failure or refusal, once: whose fault it is, what the user reads, and what support reads.

A code is the provider's error code or status (of Ding v1, which other backends map theirs to), the scope of a rate
limit, or this app's own. A code that isn't listed here is taken for a fault of the configuration: closed by default.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from django_ding.codes.base import DEVELOPERS, Code, Fault, account
from django_ding.codes.tables import ACCOUNTS, BLOCKED, INPUT, LIMITS, LOCKED_OUT, OUTAGES, STATES, UNAVAILABLE

__all__ = [
    "BLOCKED",
    "CODES",
    "LOCKED_OUT",
    "UNAVAILABLE",
    "Code",
    "Fault",
    "describe_code",
    "get_code",
    "is_user_fault",
    "user_message",
]

CODES: Mapping[str, Code] = MappingProxyType(INPUT | LIMITS | STATES | ACCOUNTS | OUTAGES)

_UNKNOWN = account(_("unknown reason"), DEVELOPERS)
_HTTP = re.compile(r"http_[0-9]{3}", re.ASCII)


def get_code(code: str) -> Code | None:
    """Return what a code means, ``None`` for one that isn't listed. ``http_502`` and its kind are ``http``."""
    return CODES.get("http" if _HTTP.fullmatch(code) else code)


def describe_code(code: str) -> Code:
    """Return what a code means; for one that isn't listed, that the reason is unknown."""
    return get_code(code) or _UNKNOWN


def user_message(code: str) -> str:
    """Return the sentence that a user may read, the general one where a code has none of its own."""
    known = get_code(code)
    return str((known and known.user_message) or UNAVAILABLE)


def is_user_fault(code: str) -> bool:
    """Return whether the user can correct what the provider rejected, by its error code."""
    return code in INPUT
