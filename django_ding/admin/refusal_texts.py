"""Blocked requests in words: how often, why, and what to say to the user."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_ding import humanize
from django_ding.admin.timeline import EventText, TimelineEntry, with_clock
from django_ding.codes import describe_code
from django_ding.models import Authentication, Refusal


def get_refusal_timeline(authentication: Authentication, refusals: Iterable[Refusal]) -> list[TimelineEntry]:
    """Return the requests that were blocked around a verification, by the time of the last one each."""
    rows = sorted(refusals, key=lambda refusal: (refusal.last_at, refusal.pk))
    start = authentication.created_at
    entries = (
        TimelineEntry(moment=row.last_at, since=humanize.offset(start, row.last_at), text=refusal_text(row))
        for row in rows
    )
    return with_clock(entries)


def refusal_text(refusal: Refusal) -> EventText:
    """Return in words how often requests were blocked, why, and what to say to the user."""
    scopes = {
        Refusal.Reason.PHONE: _("per number"),
        Refusal.Reason.USER: _("per user"),
        Refusal.Reason.IP: _("per IP address"),
        Refusal.Reason.PREFIX: _("per prefix"),
        Refusal.Reason.COUNTRY: _("per country"),
        Refusal.Reason.ALL: _("global"),
    }
    if refusal.reason in scopes:
        blocked = _("Blocked by rate limit (%(scope)s)") % {"scope": scopes[Refusal.Reason(refusal.reason)]}
    elif refusal.reason == Refusal.Reason.CONVERSION:
        blocked = _("Blocked by fraud protection (%(reason)s)") % {"reason": block_reason(refusal.reason)}
    else:
        blocked = _("Blocked (%(reason)s)") % {"reason": block_reason(refusal.reason)}
    sentence = ngettext("%(blocked)s.", "%(blocked)s, %(count)d times within %(time)s.", refusal.count) % {
        "blocked": blocked,
        "count": refusal.count,
        "time": humanize.short_duration(humanize.elapsed(refusal.first_at, refusal.last_at)),
    }
    return EventText(sentence=sentence, tone="bad", code=refusal.reason, advice=describe_code(refusal.reason).advice)


def block_reason(code: str) -> str:
    """Return why a request was blocked, for a sentence that says that it was."""
    if code == Refusal.Reason.CONVERSION:
        return _("low conversion, possible SMS pumping")
    return str(describe_code(code).explanation)
