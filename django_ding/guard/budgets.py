"""What a message is counted by: the counters of each rate, in the budget of who requests it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.db.models import QuerySet

from django_ding import phone
from django_ding.conf import ding_settings
from django_ding.guard.client_ip import networks
from django_ding.guard.counters import Limit, counter_key
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
