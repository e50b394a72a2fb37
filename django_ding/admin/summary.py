"""What to answer the user who says "I never got the code": a sentence or two, and what to do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_ding.admin import wording
from django_ding.admin.events.explaining import explain, may_have_sent
from django_ding.admin.events.sentences import Told
from django_ding.backends.base import CheckStatus, DeliveryStatus
from django_ding.models import Authentication, Event, Refusal

_Status = Authentication.Status

#: Seconds within which an answer of the provider's is not late yet.
_PATIENCE = 60


def headline(authentication: Authentication, events: Sequence[Event], refusals: Sequence[Refusal] = ()) -> Told:
    """Sum an authentication up.

    :param refusals: what the guard refused near it, the newest first. One that came later answers the user, too.
    """
    told = _of(authentication, events)
    later = next((refusal for refusal in refusals if refusal.last_at > authentication.created_at), None)
    if later is None or authentication.status == _Status.VALIDATED:
        return told
    words = explain(later.reason)
    sentence = _("Later the guard refused another one: %(reason)s.") % {"reason": words.reason}
    return replace(told, sentence=f"{told.sentence} {sentence}", advice=f"{told.advice} {words.advice}".strip())


def _of(authentication: Authentication, events: Sequence[Event]) -> Told:
    match authentication.status:
        case _Status.CREATED:
            return _unanswered(authentication)
        case _Status.FAILED:
            return _failed(authentication)
        case _Status.RATE_LIMITED | _Status.SPAM_DETECTED:
            words = explain(authentication.status)
            sentence = _("The provider refused to send a code: %(reason)s.") % {"reason": words.reason}
            return Told(sentence=sentence, tone="bad", advice=str(words.advice))
        case _Status.VALIDATED:
            return _validated(authentication)
    return _sent(authentication, events)


def _unanswered(authentication: Authentication) -> Told:
    if timezone.now() - authentication.created_at < timedelta(seconds=_PATIENCE):
        return Told(sentence=_("The provider is being asked to send a code."), tone="waiting")
    words = explain("answer_lost")
    return Told(
        sentence=_("The provider's answer is missing, so nobody knows whether a code was sent."),
        tone="bad",
        advice=str(words.advice),
    )


def _failed(authentication: Authentication) -> Told:
    words = explain(authentication.error_code)
    if may_have_sent(authentication.error_code):
        pattern = _("A code may have been sent or not: %(reason)s.")
    else:
        pattern = _("No code was sent: %(reason)s.")
    return Told(sentence=pattern % {"reason": words.reason}, tone="bad", advice=str(words.advice))


def _validated(authentication: Authentication) -> Told:
    if authentication.validated_at is None:
        return Told(sentence=_("The right code was entered."), tone="good")
    wait = wording.duration(authentication.validated_at - authentication.created_at)
    return Told(sentence=_("The right code was entered after %(time)s.") % {"time": wait}, tone="good")


def _sent(authentication: Authentication, events: Sequence[Event]) -> Told:
    match authentication.delivery_status:
        case DeliveryStatus.DELIVERED:
            return _delivered(authentication, events)
        case DeliveryStatus.UNDELIVERABLE:
            words = explain(DeliveryStatus.UNDELIVERABLE)
            sentence = _("The code did not arrive: %(reason)s.") % {"reason": words.reason}
            return Told(sentence=sentence, tone="bad", advice=str(words.advice))
        case DeliveryStatus.SUBMITTED | DeliveryStatus.IN_TRANSIT:
            return Told(
                sentence=_("The code is with the carrier, which has not reported that it arrived."),
                tone="waiting",
                advice=_("If it does not come, ask whether the phone is on and has reception, then for another code."),
            )
    return Told(
        sentence=_("The code was sent, and nothing is known of its delivery."),
        tone="waiting",
        advice=_("Ask the provider now to learn more."),
    )


def _delivered(authentication: Authentication, events: Sequence[Event]) -> Told:
    arrival = _arrival(authentication, events)
    wrong = sum(event.type == Event.Type.CHECK and event.status == CheckStatus.INVALID for event in events)
    if wrong:
        tries = ngettext("A wrong one was entered.", "%(count)d wrong ones were entered.", wrong) % {"count": wrong}
        return Told(sentence=f"{arrival} {tries}", tone="waiting", advice=str(explain(CheckStatus.INVALID).advice))
    if authentication.is_live(timezone.now()):
        still = _("It can still be entered.")
        return Told(
            sentence=f"{arrival} {still}",
            tone="waiting",
            advice=_("Tell the user to look at the newest message of the site and to enter its code."),
        )
    never = _("It was never entered.")
    return Told(
        sentence=f"{arrival} {never}",
        tone="waiting",
        advice=_("Ask the user to look for the message, also among spam, and whether the number is right."),
    )


def _arrival(authentication: Authentication, events: Sequence[Event]) -> str:
    """Tell that it was delivered, and how and when where that is known."""
    moments = [event.occurred_at for event in events if event.status == DeliveryStatus.DELIVERED]
    channel = wording.channel_name(authentication.channel)
    if not moments:
        pattern = _("The code was delivered by %(channel)s.") if channel else _("The code was delivered.")
        return pattern % {"channel": channel}
    if channel:
        pattern = _("The code was delivered by %(channel)s after %(time)s.")
    else:
        pattern = _("The code was delivered after %(time)s.")
    return pattern % {"channel": channel, "time": wording.duration(min(moments) - authentication.created_at)}
