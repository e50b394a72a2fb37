"""What else is known of the number of a verification."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from django_ding import clock
from django_ding.models import Authentication, Block, PhoneNumber, Refusal

_MAX_OTHERS = 5
_MAX_REFUSALS = 10
# A user who gets no code tries again, before its expiry or soon after.
_AROUND = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class RelatedRows:
    """Rows of the same number.

    :ivar others: its newest other verifications.
    :ivar owner: the verified number, if an account has it.
    :ivar blocks: active blocks of its prefix or country for the same type of requester.
    :ivar refusals: requests blocked from an hour before the verification to an hour after its expiry, newest first.
    :ivar has_refusals: whether any stored request to the number was blocked, at whatever time.
    """

    others: list[Authentication]
    owner: PhoneNumber | None
    blocks: list[Block]
    refusals: list[Refusal]
    has_refusals: bool


def get_related_rows(authentication: Authentication) -> RelatedRows:
    """Return the rows related to a verification, each found by an index."""
    number = authentication.phone_number
    others = Authentication.objects.filter(phone_number=number).exclude(pk=authentication.pk).order_by("-created_at")
    subjects = Q(scope=Block.Scope.PREFIX, subject=authentication.prefix)
    subjects |= Q(scope=Block.Scope.COUNTRY, subject=authentication.country)
    start, end = authentication.created_at - _AROUND, authentication.expires_at + _AROUND
    refusals = list(Refusal.objects.to(number).filter(last_at__gte=start, first_at__lte=end)[:_MAX_REFUSALS])
    return RelatedRows(
        others=list(others[:_MAX_OTHERS]),
        owner=PhoneNumber.objects.filter(phone_number=number).select_related("user").first(),
        blocks=list(Block.objects.active(clock.now()).filter(subjects, requester_type=authentication.requester_type)),
        refusals=refusals,
        has_refusals=bool(refusals) or Refusal.objects.to(number).exists(),
    )
