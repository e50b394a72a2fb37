"""The guard, asked about a number instead of an authentication."""

from django_ding import guard
from django_ding.guard import RateLimitUsage
from django_ding.models import Authentication
from django_ding.models.base import RequesterType


def consume(phone_number, *, user_id=None, ip=None, backend="default", requester_type=None, **how) -> RateLimitUsage:
    """Count a message to a number, by default a user's or else a visitor's."""
    if requester_type is None:
        requester_type = RequesterType.VISITOR if user_id is None else RequesterType.USER
    authentication = Authentication(
        phone_number=phone_number, user_id=user_id, ip=ip, backend=backend, requester_type=requester_type
    )
    return guard.consume(authentication, **how)
