"""What else is known of the number of an authentication."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from django_ding.models import Authentication, Block, PhoneNumber, Refusal

_OTHERS = 5
_REFUSALS = 10
_NEAR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Rows of the same number.

    :ivar others: the newest other authentications of it.
    :ivar owner: whose verified number it is.
    :ivar blocks: what keeps codes from its prefix or country at this moment.
    :ivar refusals: what the guard refused from an hour before it to an hour after its end, the newest first.
    :ivar was_refused: whether the guard ever refused the number, as far as it is kept.
    """

    others: list[Authentication]
    owner: PhoneNumber | None
    blocks: list[Block]
    refusals: list[Refusal]
    was_refused: bool


def neighbours(authentication: Authentication) -> Neighbours:
    """Look for them, each by an index."""
    number = authentication.phone_number
    others = Authentication.objects.filter(phone_number=number).exclude(pk=authentication.pk).order_by("-created_at")
    place = Q(scope=Block.Scope.PREFIX, subject=authentication.prefix)
    place |= Q(scope=Block.Scope.COUNTRY, subject=authentication.country)
    refusals = _refusals(authentication)
    return Neighbours(
        others=list(others[:_OTHERS]),
        owner=PhoneNumber.objects.filter(phone_number=number).select_related("user").first(),
        blocks=list(Block.objects.in_force(timezone.now()).filter(place)),
        refusals=refusals,
        was_refused=bool(refusals) or Refusal.objects.to(number).exists(),
    )


def _refusals(authentication: Authentication) -> list[Refusal]:
    """Return those of the time: somebody who gets no code asks again, before its end or soon after."""
    start, end = authentication.created_at - _NEAR, authentication.expires_at + _NEAR
    return list(
        Refusal.objects.to(authentication.phone_number).filter(last_at__gte=start, first_at__lte=end)[:_REFUSALS]
    )
