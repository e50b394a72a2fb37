"""The summary of a verification: what to answer a user who says "I never got the code", and what to do now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_ding import clock, humanize
from django_ding.admin.advice import get_advice
from django_ding.admin.capabilities import can_refresh
from django_ding.admin.display import channel_name
from django_ding.admin.refusal_texts import block_reason
from django_ding.admin.related import RelatedRows
from django_ding.admin.timeline import EventText, event_text, failure_text
from django_ding.backends.types import CheckStatus, DeliveryStatus
from django_ding.codes import Fault, describe_code
from django_ding.guard.availability import LimitState, Obstacle
from django_ding.models import Authentication, Event

_Status = Authentication.Status

_STEPS = (Event.Type.ATTEMPT, Event.Type.CHECK, Event.Type.ERROR)
#: Operations that no user requested.
_OURS = ("status", "cancel")
_REFRESH_ADVICE = gettext_lazy("Refresh the status to find out more.")
_PHONE_ADVICE = gettext_lazy(
    "If it doesn't arrive, check that the phone is on and has signal, then request another code."
)

#: Within this time, a response of the provider is not late.
_RESPONSE_TIME = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the page of a verification says first.

    :ivar requested: when it was, exactly and in words.
    :ivar background: what happened to this one, where a newer one says more.
    :ivar newer: the newer verification to look at.
    """

    sentence: str
    tone: str = "quiet"
    requested: str = ""
    background: str = ""
    advice: str | Promise = ""
    newer: Authentication | None = None


def get_summary(
    authentication: Authentication,
    events: Sequence[Event],
    related: RelatedRows,
    limits: Sequence[LimitState] = (),
) -> Summary:
    """Return what became of a verification, or of a newer one of its number, and what to do.

    :param limits: what is in the way of the next code.
    """
    is_live = _can_be_entered(authentication, limits)
    text = _status_text(authentication, events, is_live=is_live)
    requested = _("Requested %(age)s, on %(moment)s.") % {
        "age": humanize.age(authentication.created_at),
        "moment": humanize.exact_time(authentication.created_at),
    }
    if authentication.status == _Status.VALIDATED:
        return Summary(sentence=text.sentence, tone=text.tone, requested=requested)
    if newer := related.verified_later:
        sentence, tone = _verified_later(authentication, newer)
        return Summary(sentence=sentence, tone=tone, requested=requested, background=text.sentence, newer=newer)
    if related.newest and not is_live:
        sentence = _("Another code was requested for this number later.")
        return Summary(sentence=sentence, requested=requested, background=text.sentence, newer=related.newest)
    # The user means their latest request, which may not be the one that led to this row.
    refusal = next((row for row in related.refusals if row.last_at > authentication.created_at), None)
    sentence, code, since = text.sentence, text.code, _failed_at(authentication, events)
    if refusal:
        blocked = _("A later request was blocked (%(reason)s).") % {"reason": block_reason(refusal.reason)}
        sentence, code, since = f"{sentence} {blocked}", refusal.reason, refusal.last_at
    advice = text.advice or get_advice(authentication, code, since=since, limits=limits)
    return Summary(sentence=sentence, tone=text.tone, requested=requested, advice=advice)


def _verified_later(authentication: Authentication, newer: Authentication) -> tuple[str, str]:
    """Return that the number was verified after all, and the tone: another user's success is not this one's."""
    time = humanize.short_duration(humanize.elapsed(authentication.created_at, newer.validated_at or newer.created_at))
    if None not in (authentication.user_id, newer.user_id) and newer.user_id != authentication.user_id:
        return _("Another user verified this number %(time)s later.") % {"time": time}, "waiting"
    return _("Verified %(time)s later.") % {"time": time}, "good"


def _can_be_entered(authentication: Authentication, limits: Sequence[LimitState]) -> bool:
    is_locked_out = any(state.kind is Obstacle.LOCKOUT and state.wait for state in limits)
    return authentication.is_live(clock.now()) and authentication.remaining_checks > 0 and not is_locked_out


def _failed_at(authentication: Authentication, events: Sequence[Event]) -> datetime:
    failures = [event.occurred_at for event in events if event_text(event, channel="").tone == "bad"]
    return max(failures, default=authentication.created_at)


def _status_text(authentication: Authentication, events: Sequence[Event], *, is_live: bool) -> EventText:
    match authentication.status:
        case _Status.CREATED:
            return _created_text(authentication)
        case _Status.FAILED:
            return _failed_text(authentication, events)
        case _Status.RATE_LIMITED | _Status.SPAM_DETECTED:
            return failure_text(_("The provider declined to send a code: %(reason)s."), authentication.status)
        case _Status.VALIDATED:
            return _validated_text(authentication)
    if is_live:
        return _with_last_step(_live_text(authentication, events), events)
    return _ended_text(authentication, events)


def _created_text(authentication: Authentication) -> EventText:
    if clock.now() - authentication.created_at < _RESPONSE_TIME:
        return EventText(
            sentence=_("Waiting for the provider to send a code."),
            tone="waiting",
            advice=_("Reload this page in a minute."),
        )
    return failure_text(_("It's unknown whether a code was sent: the provider's response is missing."), "answer_lost")


def _failed_text(authentication: Authentication, events: Sequence[Event]) -> EventText:
    code = authentication.error_code
    if authentication.delivery_status == DeliveryStatus.DELIVERED:
        pattern = _("%(delivery)s It can't be entered any more, because sending it failed: %(reason)s.")
        delivery = _delivery_sentence(authentication, events)
        return failure_text(pattern % {"delivery": delivery, "reason": "%(reason)s"}, code)
    if describe_code(code).may_have_sent:
        return failure_text(_("It's unknown whether a code was sent: %(reason)s."), code)
    return failure_text(_("No code was sent: %(reason)s."), code)


def _validated_text(authentication: Authentication) -> EventText:
    if authentication.validated_at is None:
        return EventText(sentence=_("The correct code was entered."), tone="good")
    time = humanize.short_duration(humanize.elapsed(authentication.created_at, authentication.validated_at))
    return EventText(sentence=_("The correct code was entered after %(time)s.") % {"time": time}, tone="good")


def _with_last_step(text: EventText, events: Sequence[Event]) -> EventText:
    """Return the text of a code that can be entered, with the user's last step, a resend or a check, if that failed."""
    steps = [event for event in events if event.type in _STEPS and event.data.get("operation") not in _OURS]
    last = event_text(steps[-1], channel="") if steps else None
    if last is None or last.tone != "bad":
        return text
    known = describe_code(last.code)
    # After an outage, users enter this code.
    advice = known.advice if known.fault is Fault.OUTAGE else ""
    return EventText(sentence=f"{text.sentence} {last.sentence}", tone=text.tone, code=last.code, advice=advice)


def _live_text(authentication: Authentication, events: Sequence[Event]) -> EventText:
    """Return what became of the message of a code that can be entered, with the advice for it."""
    match authentication.delivery_status:
        case DeliveryStatus.DELIVERED if _count_mistakes(events):
            return _delivered_text(authentication, events, advice=describe_code(CheckStatus.INVALID).advice)
        case DeliveryStatus.DELIVERED:
            advice = _("Ask the user to find the latest message from the site and enter its code.")
            return _delivered_text(authentication, events, outcome=_("It can still be entered."), advice=advice)
        case DeliveryStatus.UNDELIVERABLE:
            return failure_text(_("The code was not delivered: %(reason)s."), DeliveryStatus.UNDELIVERABLE)
        case DeliveryStatus.SUBMITTED | DeliveryStatus.IN_TRANSIT:
            sentence = _("The carrier has the code but hasn't confirmed delivery.")
            return EventText(sentence=sentence, tone="waiting", advice=_PHONE_ADVICE)
    sentence = _("The code was sent. Its delivery status is unknown.")
    text = EventText(sentence=sentence, tone="waiting", advice=_PHONE_ADVICE)
    return replace(text, advice=_REFRESH_ADVICE) if can_refresh(authentication) else text


def _ended_text(authentication: Authentication, events: Sequence[Event]) -> EventText:
    """Return what became of the message of a code that can't be entered any more."""
    match authentication.delivery_status:
        case DeliveryStatus.DELIVERED:
            return _delivered_text(authentication, events, outcome=_("It was never entered."))
        case DeliveryStatus.UNDELIVERABLE:
            return failure_text(_("The code was not delivered: %(reason)s."), DeliveryStatus.UNDELIVERABLE)
        case DeliveryStatus.SUBMITTED | DeliveryStatus.IN_TRANSIT:
            sentence = _("The carrier never confirmed delivery, and the code can't be entered any more.")
            return EventText(sentence=sentence, tone="waiting")
    sentence = _("The code was sent and never entered. Its delivery status is unknown.")
    return EventText(sentence=sentence, tone="waiting")


def _delivered_text(
    authentication: Authentication, events: Sequence[Event], *, outcome: str = "", advice: str | Promise = ""
) -> EventText:
    """Return when the code arrived, and what became of it: incorrect codes, or else the outcome."""
    if mistakes := _count_mistakes(events):
        outcome = ngettext(
            "An incorrect code was entered.", "Incorrect codes were entered %(count)d times.", mistakes
        ) % {"count": mistakes}
        if not authentication.remaining_checks:
            outcome = f"{outcome} {_('No attempts are left.')}"
    delivery = _delivery_sentence(authentication, events)
    return EventText(sentence=f"{delivery} {outcome}", tone="waiting", advice=advice)


def _count_mistakes(events: Sequence[Event]) -> int:
    return sum(event.type == Event.Type.CHECK and event.status == CheckStatus.INVALID for event in events)


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
    time = humanize.short_duration(humanize.elapsed(authentication.created_at, min(moments)))
    return pattern % {"channel": channel, "time": time}
