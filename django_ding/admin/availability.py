"""The table "When can another code be sent?": each limit in words, and until when it is exhausted."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from django_ding import clock, humanize
from django_ding.codes import describe_code
from django_ding.exceptions import BackendUnavailable
from django_ding.guard.availability import FOREVER, LimitState, Obstacle, limit_states
from django_ding.guard.limits import Scope
from django_ding.models import Authentication, Lockout


def read_limits(authentication: Authentication) -> list[LimitState] | None:
    """Return what is in the way of another code, ``None`` where nothing can be counted: the page does without it."""
    try:
        return limit_states(authentication)
    except (BackendUnavailable, ImproperlyConfigured):
        return None


def limit_label(state: LimitState) -> str:
    """Return what is limited."""
    return _LABELS[state.kind](state)


def limit_text(state: LimitState) -> str:
    """Return until when this limit stops the next code, or that it doesn't."""
    if not state.wait:
        return _FREE[state.kind]()
    if state.wait == FOREVER:
        return _("when it is lifted") if state.kind is Obstacle.LOCKOUT else str(describe_code(state.scope).explanation)
    moment = humanize.clock_time(clock.now() + timedelta(seconds=state.wait))
    return _("in %(time)s, at %(moment)s") % {"time": humanize.duration(state.wait), "moment": moment}


def _rate_label(state: LimitState) -> str:
    name = capfirst(str(describe_code(state.scope).explanation))
    if state.rate is None:
        return name
    period = humanize.short_duration(timedelta(seconds=state.rate.seconds))
    values = {"name": name, "count": humanize.number(state.rate.limit), "period": period}
    return _("%(name)s (%(count)s in %(period)s)") % values


def _block_label(state: LimitState) -> str:
    return _("Block of the country") if state.scope == Scope.COUNTRY else _("Block of the prefix")


def _lockout_label(state: LimitState) -> str:
    return _("Lockout of the user") if state.scope == Lockout.Scope.USER else _("Lockout of the number")


#: What a limit is that stops no code. Beside "Lockout of the user", "now" would read as if there were one.
_FREE: Mapping[Obstacle, Callable[[], str]] = {
    Obstacle.DESTINATION: lambda: _("allowed"),
    Obstacle.COOLDOWN: lambda: _("over"),
    Obstacle.RATE: lambda: _("not reached"),
    Obstacle.BLOCK: lambda: pgettext("block", "none"),
    Obstacle.LOCKOUT: lambda: pgettext("lockout", "none"),
}

_LABELS: Mapping[Obstacle, Callable[[LimitState], str]] = {
    Obstacle.DESTINATION: lambda state: _("Country and type of number"),
    Obstacle.COOLDOWN: lambda state: _("Wait after the last message"),
    Obstacle.RATE: _rate_label,
    Obstacle.BLOCK: _block_label,
    Obstacle.LOCKOUT: _lockout_label,
}
