"""Check which numbers get codes at all, by the settings and by the provider's lookup.

A lookup costs money, so its answer is cached.
"""

import time
from dataclasses import asdict, replace
from functools import partial
from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from django_ding import log, phone
from django_ding.backends import get_backend
from django_ding.backends.fiction import is_out_of_place
from django_ding.backends.types import LookupResponse
from django_ding.conf import ding_settings
from django_ding.countries import localized_name
from django_ding.exceptions import InputError
from django_ding.guard.porting import date_port
from django_ding.humanize import isolated
from django_ding.line_types import LineType
from django_ding.provider_calls import provider_call
from django_ding.steps import Steps

_SALT = "django_ding.guard.destinations"
_PERSONAL = ("phone_number", "caller_name")  # Not cached: the key is a hash of the number, and the name isn't used.


def check_destination(phone_number: str, *, can_call: bool = False) -> None:
    """Check the destination and line type of an E.164 number against the settings, by its digits alone.

    :param can_call: whether the code may go by phone call, which reaches a landline.
    :raises InputError: ``unsupported_region`` or ``invalid_line``, the codes that the provider uses as well, or
        ``outdated_phone_number`` for one verified before its country's numbering plan changed, or in a sandbox.
    """
    if not phone.is_valid(phone_number) or is_out_of_place(phone_number):
        raise InputError.from_code("outdated_phone_number")
    destination = phone.destination(phone_number)
    allowed, blocked = ding_settings.ALLOWED_COUNTRIES, ding_settings.BLOCKED_COUNTRIES
    if allowed is None and blocked is None:
        blocked = phone.NON_GEOGRAPHIC_CODES
    if destination in (blocked or ()) or (allowed is not None and destination not in allowed):
        raise InputError(_region_message(destination), code="unsupported_region")
    if _is_blocked(phone.line_type(phone_number), can_call=can_call):
        raise _line_error(phone_number)


def is_looked_up(purpose: str) -> bool:
    """Return whether a number is looked up before the first message for this purpose."""
    return ding_settings.LOOKUP_BEFORE_SEND or purpose in ding_settings.LOOKUP_PURPOSES


def check_lookup(answer: LookupResponse, *, purpose: str, can_call: bool = False) -> None:
    """Check the answer of a lookup. Temporary and VoIP numbers are always refused: fraud buys them in bulk.

    :param can_call: as for :func:`check_destination`.
    :raises InputError: ``invalid_line``, or ``untrusted_number`` where ``DING["LOOKUP_POLICY"]`` refuses it.
    """
    is_disposable = answer.temporary_phone_number or answer.line_type == LineType.VOIP
    if is_disposable or _is_blocked(answer.line_type, can_call=can_call):
        raise InputError.from_code("invalid_line")
    policy = ding_settings.LOOKUP_POLICY
    if policy and not import_string(policy)(answer, purpose):
        raise InputError.from_code("untrusted_number")


def _region_message(destination: str) -> str:
    # By name: who thinks that Jersey is in the United Kingdom, or Puerto Rico a country of its own, learns otherwise.
    if phone.is_region(destination):
        return _("We can't send codes to %(country)s.") % {"country": localized_name(destination)}
    return _("We can't send codes to numbers that start with %(code)s.") % {"code": isolated(destination)}


def _line_error(phone_number: str) -> InputError:
    error = InputError.from_code("invalid_line")
    calling_code, digits = phone.mobile_digits(phone_number)
    if not digits:
        return error
    message = _("We can't send codes to landlines. If this is a mobile number, add %(digits)s after %(calling_code)s.")
    return InputError(message % {"digits": digits, "calling_code": isolated(calling_code)}, code=error.code)


def _is_blocked(line_type: LineType, *, can_call: bool) -> bool:
    is_reached = can_call and line_type == LineType.FIXED_LINE
    return line_type in ding_settings.BLOCKED_LINE_TYPES and not is_reached


def cached_lookup(phone_number: str) -> LookupResponse | None:
    """Return the answer to the last lookup of an E.164 number, ``None`` if it is older than ``LOOKUP_CACHE_SECONDS``.

    A cache that is down counts as empty.
    """
    return _read(phone_number, max_age=ding_settings.LOOKUP_CACHE_SECONDS)


def lookup(phone_number: str, *, backend: str | None = None, public_id: UUID | None = None) -> Steps[LookupResponse]:
    """Return what the provider knows about an E.164 number, and cache it.

    :param backend: the alias of the backend to ask. Default: ``DING["DEFAULT_BACKEND"]``.
    :param public_id: of the authentication that the number is looked up for, for the log.
    :raises UnsupportedOperation: when the backend has no lookup.
    :raises InputError: when the provider rejects the number; ``Blocked`` for one on the account's block list.
    :raises BackendRejected: when the provider rejects our account or configuration.
    :raises BackendUnavailable: in an outage.
    """
    provider = get_backend(backend)
    correlation_id = str(public_id) if public_id else None
    with provider_call("lookup", phone_number=phone_number, backend=provider.alias, correlation_id=correlation_id):
        response: LookupResponse = yield partial(provider.lookup, phone_number)
        answer = replace(response, phone_number=phone_number)
    seconds = ding_settings.LOOKUP_CACHE_SECONDS
    if ding_settings.LOOKUP_POLICY:  # Only a policy wants to know of ports.
        seconds = max(seconds, ding_settings.RECENT_PORT_DAYS * 86_400)
        answer = date_port(answer, _read(phone_number, max_age=seconds))
    facts = {name: value for name, value in asdict(answer).items() if name not in _PERSONAL}
    entry = {"at": time.time(), "facts": facts | {"line_type": answer.line_type.value}}
    try:
        _cache().set(_cache_key(phone_number), entry, seconds)
    except Exception:  # noqa: BLE001 - as below. The lookup was paid for, so its answer is used anyway.
        log.write(log.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
    return answer


def _read(phone_number: str, *, max_age: float) -> LookupResponse | None:
    try:
        entry = _cache().get(_cache_key(phone_number))
    except Exception:  # noqa: BLE001 - each cache backend raises its own errors
        log.write(log.LOOKUP_CACHE_UNAVAILABLE, exc_info=True)
        return None
    if entry is None or entry["at"] <= time.time() - max_age:
        return None
    facts = entry["facts"]
    return LookupResponse(**facts | {"phone_number": phone_number, "line_type": LineType(facts["line_type"])})


def _cache() -> BaseCache:
    return caches[ding_settings.RATE_LIMIT_CACHE or "default"]


def _cache_key(phone_number: str) -> str:
    # Keyed with SECRET_KEY: a plain hash of a phone number is reversed by trying all of them.
    return f"ding:lookup:{salted_hmac(_SALT, phone_number, algorithm='sha256').hexdigest()}"
