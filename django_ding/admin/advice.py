"""What support can do now: one thing, which depends on what is in the way now and on how long ago the failure was."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from django_ding import clock, humanize
from django_ding.admin.capabilities import takes_feedback
from django_ding.backends.types import FeedbackStatus
from django_ding.codes import Code, Fault, describe_code
from django_ding.guard.availability import FOREVER, LimitState, Obstacle, longest_wait
from django_ding.models import Authentication

#: How long a cause at the site or its provider is assumed to last. Its end isn't reported.
_NOT_FIXED_YET = timedelta(hours=1)

#: Nothing failed but the user's, so nothing of the code's own keeps the next one from being sent.
_NO_FAILURE = Code(fault=Fault.LIMIT, explanation="", advice="")


def get_advice(
    authentication: Authentication, code: str, *, since: datetime, limits: Sequence[LimitState]
) -> str | Promise:
    """Return what to do about a code that isn't coming.

    :param code: why; empty where nothing failed but the user's.
    :param since: when it failed.
    :param limits: what is in the way of the next code.
    """
    known, age = describe_code(code) if code else _NO_FAILURE, clock.now() - since
    if known.needs_fix and age < _NOT_FIXED_YET:
        return known.advice
    if obstacle := _obstacle(limits):
        return describe_code(obstacle).advice
    if code == "spam_detected" and not takes_feedback(FeedbackStatus.ONBOARDED, authentication.backend):
        return _("If the user is genuine, ask the provider to review the number.")
    if _is_lasting(known):
        return known.advice
    wait = max(longest_wait(limits), known.wait - age.total_seconds())
    if wait > 0:
        return _request_in(wait)
    if known.needs_fix:
        return _("Ask the user to request a new code. If it fails again, tell your developers.")
    return _("Ask the user to request a new code.")


def _request_in(seconds: float) -> str:
    pattern = _("Ask the user to request a new code in %(time)s, at %(moment)s.")
    moment = humanize.clock_time(clock.now() + timedelta(seconds=seconds))
    return pattern % {"time": humanize.duration(seconds), "moment": moment}


def _obstacle(limits: Sequence[LimitState]) -> str:
    """Return the code of what a person has to remove before a code can be sent; empty without one."""
    for state in limits:
        if state.wait == FOREVER:
            return state.scope if state.kind is Obstacle.DESTINATION else "locked_out"
        if state.kind is Obstacle.BLOCK and state.wait:
            return "conversion"
    return ""


def _is_lasting(code: Code) -> bool:
    """Return whether another code would fail for the same reason, however long one waits."""
    return code.fault is Fault.USER or (code.fault is Fault.STATE and not code.asks_for_new_code)
