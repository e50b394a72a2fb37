"""The summary of a verification: what to answer a user who says "I never got the code", and what to do."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_ding import clock, humanize
from django_ding.admin.display import channel_name
from django_ding.admin.timeline import EventText, block_reason, failure_text
from django_ding.backends.types import CheckStatus, DeliveryStatus
from django_ding.codes import describe_code
from django_ding.models import Authentication, Event, Refusal

_Status = Authentication.Status

#: Within this time, a response of the provider is not late.
_RESPONSE_TIME = timedelta(seconds=60)


def get_summary(authentication: Authentication, events: Sequence[Event], refusals: Sequence[Refusal] = ()) -> EventText:
    """Return a sentence or two about a verification, and what to do.

    :param refusals: requests that were blocked around it, the newest first.
    """
    text = _status_summary(authentication, events)
    later = next((refusal for refusal in refusals if refusal.last_at > authentication.created_at), None)
    # The user means their latest request, which may not be the one that led to this row.
    if later is None or authentication.status == _Status.VALIDATED:
        return text
    sentence = _("A later request was blocked (%(reason)s).") % {"reason": block_reason(later.reason)}
    return EventText(
        sentence=f"{text.sentence} {sentence}",
        tone=text.tone,
        advice=f"{text.advice} {describe_code(later.reason).advice}".strip(),
    )


def _status_summary(authentication: Authentication, events: Sequence[Event]) -> EventText:
    match authentication.status:
        case _Status.CREATED:
            return _created_summary(authentication)
        case _Status.FAILED:
            code = authentication.error_code
            if describe_code(code).may_have_sent:
                return failure_text(_("It's unknown whether a code was sent: %(reason)s."), code)
            return failure_text(_("No code was sent: %(reason)s."), code)
        case _Status.RATE_LIMITED | _Status.SPAM_DETECTED:
            return failure_text(_("The provider declined to send a code: %(reason)s."), authentication.status)
        case _Status.VALIDATED:
            return _validated_summary(authentication)
    return _delivery_summary(authentication, events)


def _created_summary(authentication: Authentication) -> EventText:
    if clock.now() - authentication.created_at < _RESPONSE_TIME:
        return EventText(sentence=_("Waiting for the provider to send a code."), tone="waiting")
    return failure_text(_("It's unknown whether a code was sent: the provider's response is missing."), "answer_lost")


def _validated_summary(authentication: Authentication) -> EventText:
    if authentication.validated_at is None:
        return EventText(sentence=_("The correct code was entered."), tone="good")
    time = humanize.short_duration(authentication.validated_at - authentication.created_at)
    return EventText(sentence=_("The correct code was entered after %(time)s.") % {"time": time}, tone="good")


def _delivery_summary(authentication: Authentication, events: Sequence[Event]) -> EventText:
    match authentication.delivery_status:
        case DeliveryStatus.DELIVERED:
            return _delivered_summary(authentication, events)
        case DeliveryStatus.UNDELIVERABLE:
            return failure_text(_("The code was not delivered: %(reason)s."), DeliveryStatus.UNDELIVERABLE)
        case DeliveryStatus.SUBMITTED | DeliveryStatus.IN_TRANSIT:
            return EventText(
                sentence=_("The carrier has the code but hasn't confirmed delivery."),
                tone="waiting",
                advice=_("If it doesn't arrive, check that the phone is on and has signal, then request another code."),
            )
    return EventText(
        sentence=_("The code was sent. Its delivery status is unknown."),
        tone="waiting",
        advice=_("Refresh the status to find out more."),
    )


def _delivered_summary(authentication: Authentication, events: Sequence[Event]) -> EventText:
    delivery = _delivery_sentence(authentication, events)
    mistakes = sum(event.type == Event.Type.CHECK and event.status == CheckStatus.INVALID for event in events)
    if mistakes:
        outcome = ngettext(
            "An incorrect code was entered.", "Incorrect codes were entered %(count)d times.", mistakes
        ) % {"count": mistakes}
        todo: str | Promise = describe_code(CheckStatus.INVALID).advice
    elif authentication.is_live(clock.now()):
        outcome = _("It can still be entered.")
        todo = _("Ask the user to find the latest message from the site and enter its code.")
    else:
        outcome = _("It was never entered.")
        todo = _("Ask the user to look for the message, including in spam, and to confirm the number.")
    return EventText(sentence=f"{delivery} {outcome}", tone="waiting", advice=todo)


def _delivery_sentence(authentication: Authentication, events: Sequence[Event]) -> str:
    moments = [event.occurred_at for event in events if event.status == DeliveryStatus.DELIVERED]
    channel = channel_name(authentication.channel)
    if not moments:  # The event may be purged, or beyond those that the page reads.
        pattern = _("The code was delivered by %(channel)s.") if channel else _("The code was delivered.")
        return pattern % {"channel": channel}
    if channel:
        pattern = _("The code was delivered by %(channel)s after %(time)s.")
    else:
        pattern = _("The code was delivered after %(time)s.")
    time = humanize.short_duration(min(moments) - authentication.created_at)
    return pattern % {"channel": channel, "time": time}
