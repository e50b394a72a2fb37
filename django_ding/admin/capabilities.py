"""What can be asked of the backend of a verification: only what can succeed is offered."""

from django.core.exceptions import ImproperlyConfigured

from django_ding.backends import get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import FeedbackStatus
from django_ding.models import Authentication, Event

#: The newest ones of a number, whose timelines are searched for feedback. Some numbers have thousands, and a provider
#: that gets the same feedback again only says so.
_MAX_VERIFICATIONS = 100


def can_refresh(authentication: Authentication) -> bool:
    """Return whether the provider can be asked for the status."""
    backend = _backend(authentication.backend)
    return bool(authentication.authentication_uuid and backend and backend.supports_status)


def can_report(status: FeedbackStatus, authentication: Authentication) -> bool:
    """Return whether the provider takes such feedback about the number, and doesn't have it."""
    # The provider knows only the numbers that it sent a code to.
    if authentication.status not in Authentication.SENT_STATUSES or not takes_feedback(status, authentication.backend):
        return False
    same = Authentication.objects.filter(phone_number=authentication.phone_number, backend=authentication.backend)
    newest = list(same.order_by("-created_at").values_list("pk", flat=True)[:_MAX_VERIFICATIONS])
    sent = Event.objects.filter(authentication__in=newest, type=Event.Type.FEEDBACK, status=status)
    return not sent.exists()


def takes_feedback(status: FeedbackStatus, alias: str) -> bool:
    """Return whether a backend takes such feedback."""
    backend = _backend(alias)
    return bool(backend and backend.supports_feedback and status in backend.feedback_statuses)


def _backend(alias: str) -> BaseBackend | None:
    """Return the backend of a verification, ``None`` if it is missing from the settings by now."""
    try:
        return get_backend(alias)
    except ImproperlyConfigured:
        return None
