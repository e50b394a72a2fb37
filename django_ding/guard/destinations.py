"""What the provider knows of a number, asked before a code goes there. A lookup costs money, so its answer is kept."""

from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils.crypto import salted_hmac

from django_ding import logs
from django_ding.backends import get_backend
from django_ding.conf import ding_settings
from django_ding.exceptions import InputError
from django_ding.logs import kinds
from django_ding.phone import LineType

_SALT = "django_ding.guard.lookups"
_TEMPORARY = "temporary"  # Beside the words of LineType.


def kept_kind(phone_number: str) -> str | None:
    """Return the kind of line of an E.164 number as the last lookup told it, ``None`` when no answer is kept.

    A cache out of reach keeps no answers.
    """
    try:
        kind: str | None = _cache().get(_key(phone_number))
    except Exception:  # noqa: BLE001 - what a cache may raise, none can tell
        logs.log(kinds.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
        return None
    return kind


def look_up(phone_number: str, *, backend: str, public_id: UUID | None = None) -> str:
    """Ask the provider for the kind of line of an E.164 number, and keep the answer.

    :param backend: the alias of the backend that is asked.
    :param public_id: that of the authentication it is asked for, for the log.
    :raises UnsupportedOperation: when it has no lookup.
    :raises InputError: when the provider refuses the number.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage.
    """
    provider = get_backend(backend)
    correlation_id = str(public_id) if public_id else None
    with logs.asking("lookup", phone_number=phone_number, backend=backend, correlation_id=correlation_id):
        answer = provider.lookup(phone_number)
    kind = _TEMPORARY if answer.temporary_phone_number else answer.line_type.value
    try:
        _cache().set(_key(phone_number), kind, ding_settings.LOOKUP_MAX_AGE)
    except Exception:  # noqa: BLE001 - what a cache may raise, none can tell
        logs.log(kinds.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
    return kind


def refuse_kind(kind: str | None) -> None:
    """Refuse what no code goes to: temporary numbers, VoIP, and ``DING["BLOCKED_LINE_TYPES"]``.

    :raises InputError: ``invalid_line``, as the provider would.
    """
    if kind in (_TEMPORARY, LineType.VOIP, *ding_settings.BLOCKED_LINE_TYPES):
        raise InputError.from_code("invalid_line")


def _cache() -> BaseCache:
    where = ding_settings.COUNTERS
    return caches["default" if where == "database" else where]


def _key(phone_number: str) -> str:
    return f"ding:lookup:{salted_hmac(_SALT, phone_number, algorithm='sha256').hexdigest()}"
