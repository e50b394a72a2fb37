"""Numbers that have moved to another network or SIM, with which thieves take over logins (SIM swap)."""

from dataclasses import replace
from datetime import timedelta

from django_ding import clock
from django_ding.backends.types import LookupResponse
from django_ding.conf import ding_settings
from django_ding.models import Authentication

_PROTECTED = (Authentication.Purpose.LOGIN, Authentication.Purpose.SECOND_FACTOR)


def not_recently_ported(lookup: LookupResponse, purpose: str) -> bool:
    """Return whether a code may be sent: not for a login by a number that was ported in the last ``RECENT_PORT_DAYS``.

    NIST SP 800-63B-4 asks verifiers to consider SIM changes and number porting before they send a code over the
    telephone network. A number whose date isn't known is not refused: in some countries every third one was ported at
    some time. Other purposes than ``login`` and ``second_factor`` begin with the number, and lose nothing to a thief.

    :param lookup: what the provider knows about the number, with the ``ported_at`` that :func:`date_port` has found.
    """
    if purpose not in _PROTECTED or lookup.ported_at is None:
        return True
    return lookup.ported_at <= clock.now() - timedelta(days=ding_settings.RECENT_PORT_DAYS)


def date_port(lookup: LookupResponse, before: LookupResponse | None) -> LookupResponse:
    """Return a lookup with ``ported_at``, as far as the one before it shows that.

    Ding and Prelude report that a number was ported, not when. If it wasn't at the lookup before, or was to another
    network, it was ported since.
    """
    if lookup.ported_at or before is None:
        return lookup
    return replace(lookup, ported_at=clock.now() if _has_moved(before, lookup) else before.ported_at)


def _has_moved(before: LookupResponse, after: LookupResponse) -> bool:
    if before.number_ported is None or after.number_ported is None:
        return False
    if before.number_ported != after.number_ported:
        return True  # Also back to its first network.
    networks = [(before.mcc, before.mnc), (after.mcc, after.mnc)]
    # Without porting, a network only has another name: after a merger, for example.
    return after.number_ported and networks[0] != networks[1] and all(map(all, networks))
