"""What else is known of the number of a verification."""

from dataclasses import dataclass
from datetime import timedelta

from django_ding.models import Authentication, PhoneNumber, Refusal

_MAX_OTHERS = 5
_MAX_REFUSALS = 10
# A user who gets no code tries again, before its expiry or soon after.
_AROUND = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class RelatedRows:
    """Rows of the same number.

    :ivar others: its newest other verifications.
    :ivar verified_later: the first one whose code was entered since.
    :ivar owner: the verified number, if an account has it.
    :ivar refusals: requests blocked from an hour before the verification to an hour after its expiry, newest first.
    :ivar has_refusals: whether any stored request to the number was blocked, at whatever time.
    """

    authentication: Authentication
    others: list[Authentication]
    verified_later: Authentication | None
    owner: PhoneNumber | None
    refusals: list[Refusal]
    has_refusals: bool

    @property
    def newest(self) -> Authentication | None:
        """The newest verification, if it is another one."""
        return next((row for row in self.others[:1] if row.created_at > self.authentication.created_at), None)


def get_related_rows(authentication: Authentication) -> RelatedRows:
    """Return the rows related to a verification, each found by an index."""
    number = authentication.phone_number
    others = Authentication.objects.filter(phone_number=number).exclude(pk=authentication.pk).order_by("-created_at")
    start, end = authentication.created_at - _AROUND, authentication.expires_at + _AROUND
    refusals = list(Refusal.objects.to(number).filter(last_at__gte=start, first_at__lte=end)[:_MAX_REFUSALS])
    return RelatedRows(
        authentication=authentication,
        verified_later=_verified_later(authentication),
        others=list(others[:_MAX_OTHERS]),
        owner=PhoneNumber.objects.filter(phone_number=number).select_related("user").first(),
        refusals=refusals,
        has_refusals=bool(refusals) or Refusal.objects.to(number).exists(),
    )


def _verified_later(authentication: Authentication) -> Authentication | None:
    """Return the first verification of the number that was completed after this one was requested."""
    same_number = Authentication.objects.filter(phone_number=authentication.phone_number).exclude(pk=authentication.pk)
    # An older one that was completed later was under way at the same time.
    recent = same_number.filter(created_at__gt=authentication.created_at - _AROUND)
    return recent.filter(validated_at__gt=authentication.created_at).order_by("created_at").first()
