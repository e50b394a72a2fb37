"""What a message is counted by: the counters of each rate, in the budget of who requests it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.db.models import QuerySet

from django_ding import phone
from django_ding.conf import ding_settings
from django_ding.guard.client_ip import UNKNOWN_IP, networks
from django_ding.guard.counters import NO_LIMIT, Limit, counter_key
from django_ding.guard.limits import Rate, Scope, parse_rates
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import RequesterType, user_key, write_alias
from django_ding.sql import fetch
from django_ding.statements import Parameter

#: The rates of messages to a user's own number, once other users have used up those of users. None of them is by
#: address, which neighbors in an office or behind a carrier's NAT would use up.
OWNER = "owner"
#: How many times a rate each network of an IPv6 address may have: its /64, /56 and /48.
_NETWORK_FACTORS = (1, 2, 4)


def subjects(authentication: Authentication) -> Mapping[Scope, tuple[str, ...]]:
    """Return what each scope counts by: nothing, one thing or, for an address, networks that grow."""
    number, user_id, ip = authentication.phone_number, authentication.user_id, authentication.ip
    return {
        Scope.PHONE: (number,),
        Scope.USER: () if user_id is None else (user_key(user_id),),
        Scope.IP: networks(ip) if ip else (),
        Scope.PREFIX: (phone.prefix(number),),
        Scope.COUNTRY: (phone.destination(number),),
        Scope.ALL: ("all",),
    }


def rate_limits(authentication: Authentication, budget: str) -> Iterator[tuple[Limit, Rate]]:
    """Yield each limit of a message with its rate.

    :param budget: the type of the requester, or the owners' reserve.
    """
    counted_by = subjects(authentication)
    for name, rate in _named_rates(ding_settings.RATE_LIMITS["send"], budget):
        for subject, factor in zip(counted_by[rate.scope], _NETWORK_FACTORS, strict=False):
            yield Limit(counter_key(name, subject), rate.limit * factor, rate.seconds), rate


def live_counters(authentication: Authentication) -> tuple[Limit, ...]:
    """Return the counter that isn't empty while the requester may have a live authentication for number and purpose.

    So most refusals need no query to find that none is live. A code lives for ``CODE_TIMEOUT``, and may begin anew with
    the message after a silent verification, which isn't counted.

    Notices have no code, and visitors without an address never get what another request has sent: they need none.
    """
    is_unknown = authentication.user_id is None and authentication.ip in (None, UNKNOWN_IP)
    if authentication.dedup_key is None or is_unknown:
        return ()
    key = counter_key("live", str(authentication.dedup_key))
    return (Limit(key, NO_LIMIT, 2 * ding_settings.CODE_TIMEOUT, renews=True),)


@lru_cache(maxsize=64)
def _named_rates(text: str, budget: str) -> tuple[tuple[str, Rate], ...]:
    """Return the rates of the settings that a budget has, each with the name of its counters."""
    rates = (rate for rate in parse_rates(text) if budget != OWNER or rate.scope is not Scope.IP)
    # A user's own rate is one, whichever budget the message is of.
    return tuple((f"send:{RequesterType.USER if r.scope is Scope.USER else budget}:{r.name}", r) for r in rates)


def is_to_own_number(authentication: Authentication) -> bool:
    """Return whether a message goes to a number that its user has verified before."""
    if authentication.user_id is None:
        return False
    key = {"user_id": authentication.user_id, "phone_number": authentication.phone_number}
    return bool(fetch(linked_number, using=write_alias(), **key))


def linked_number() -> QuerySet[PhoneNumber]:
    """Return the row of the parameters ``user_id`` and ``phone_number``."""
    field = PhoneNumber._meta.get_field
    return PhoneNumber.objects.filter(
        user_id=Parameter("user_id", field("user")), phone_number=Parameter("phone_number", field("phone_number"))
    )
