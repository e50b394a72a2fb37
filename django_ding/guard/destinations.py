"""Which numbers get codes at all: by the settings, and by the provider's lookup of the line type.

A lookup costs money, so its answer is cached.
"""

from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils.crypto import salted_hmac

from django_ding import log, phone
from django_ding.backends import get_backend
from django_ding.conf import ding_settings
from django_ding.exceptions import InputError
from django_ding.phone import LineType

_SALT = "django_ding.guard.destinations"
_TEMPORARY = "temporary"  # Cached in place of a LineType. The provider reports it in a field of its own.


def check_destination(phone_number: str, *, can_call: bool = False) -> None:
    """Check the destination and line type of an E.164 number against the settings, by its digits alone.

    :param can_call: whether the code may go by phone call, which reaches a landline.
    :raises InputError: ``unsupported_region`` or ``invalid_line``, the codes that the provider uses as well.
    """
    destination = phone.destination(phone_number)
    allowed, blocked = ding_settings.ALLOWED_COUNTRIES, ding_settings.BLOCKED_COUNTRIES
    if allowed is None and blocked is None:
        blocked = phone.NON_GEOGRAPHIC_CODES
    if destination in (blocked or ()) or (allowed is not None and destination not in allowed):
        raise InputError.from_code("unsupported_region")
    if _is_blocked(phone.line_type(phone_number), can_call=can_call):
        raise InputError.from_code("invalid_line")


def check_line_type(line_type: str | None, *, can_call: bool = False) -> None:
    """Check the answer of a lookup. Temporary and VoIP numbers are always refused: fraud buys them in bulk.

    :param can_call: as for :func:`check_destination`.
    :raises InputError: ``invalid_line``.
    """
    if line_type in (_TEMPORARY, LineType.VOIP) or _is_blocked(line_type, can_call=can_call):
        raise InputError.from_code("invalid_line")


def _is_blocked(line_type: str | None, *, can_call: bool) -> bool:
    is_reached = can_call and line_type == LineType.FIXED_LINE
    return line_type in ding_settings.BLOCKED_LINE_TYPES and not is_reached


def cached_line_type(phone_number: str) -> str | None:
    """Return the line type that the last lookup of an E.164 number found, ``None`` if none is cached.

    A cache that is down counts as empty.
    """
    try:
        line_type: str | None = _cache().get(_cache_key(phone_number))
    except Exception:  # noqa: BLE001 - each cache backend raises its own errors
        log.write(log.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
        return None
    return line_type


def lookup(phone_number: str, *, backend: str | None = None, public_id: UUID | None = None) -> str:
    """Return the line type of an E.164 number from the provider, and cache it.

    :param backend: the alias of the backend to ask. Default: ``DING["DEFAULT_BACKEND"]``.
    :param public_id: of the authentication that the number is looked up for, for the log.
    :raises UnsupportedOperation: when the backend has no lookup.
    :raises InputError: when the provider rejects the number; ``Blocked`` for one on the account's block list.
    :raises BackendRejected: when the provider rejects our account or configuration.
    :raises BackendUnavailable: in an outage.
    """
    provider = get_backend(backend)
    correlation_id = str(public_id) if public_id else None
    with log.provider_call("lookup", phone_number=phone_number, backend=provider.alias, correlation_id=correlation_id):
        answer = provider.lookup(phone_number)
    line_type = _TEMPORARY if answer.temporary_phone_number else answer.line_type.value
    try:
        _cache().set(_cache_key(phone_number), line_type, ding_settings.LOOKUP_CACHE_SECONDS)
    except Exception:  # noqa: BLE001 - as above. The lookup was paid for, so its answer is used anyway.
        log.write(log.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
    return line_type


def _cache() -> BaseCache:
    return caches[ding_settings.RATE_LIMIT_CACHE or "default"]


def _cache_key(phone_number: str) -> str:
    # Keyed with SECRET_KEY: a plain hash of a phone number is reversed by trying all of them.
    return f"ding:lookup:{salted_hmac(_SALT, phone_number, algorithm='sha256').hexdigest()}"
