"""The table "When can another code be sent?": each limit in words, and until when it is exhausted."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

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
    return _WORDS[state.kind].label(state)


def limit_text(state: LimitState) -> str:
    """Return until when this limit stops the next code, or that it doesn't."""
    if not state.wait:
        return str(_WORDS[state.kind].free)
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


class _Words(NamedTuple):
    label: Callable[[LimitState], str]
    #: What the limit is that stops no code. Beside "Lockout of the user", "now" would read as if there were one.
    free: Any


_WORDS: Mapping[Obstacle, _Words] = {
    Obstacle.DESTINATION: _Words(lambda state: _("Country and type of number"), gettext_lazy("allowed")),
    Obstacle.COOLDOWN: _Words(lambda state: _("Wait after the last message"), gettext_lazy("over")),
    Obstacle.RATE: _Words(_rate_label, gettext_lazy("not reached")),
    Obstacle.BLOCK: _Words(_block_label, pgettext_lazy("block", "none")),
    Obstacle.LOCKOUT: _Words(_lockout_label, pgettext_lazy("lockout", "none")),
}
