"""Feedback: report to the provider's fraud detection whether users completed sign-up."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

from django.db.models import OuterRef, QuerySet, Subquery
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.backends import get_backend
from django_ding.backends.types import FeedbackResponse, FeedbackStatus
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings, is_age
from django_ding.exceptions import BackendUnavailable, Blocked, InputError
from django_ding.flows._events import add_repeatable_event
from django_ding.flows.lookup import normalize_stored
from django_ding.flows.results import FeedbackReport
from django_ding.models import Authentication, Event, PhoneNumber
from django_ding.phone import AnyNumber
from django_ding.provider_calls import provider_call
from django_ding.steps import Steps, in_steps

#: The provider's code for feedback that it has already.
_ALREADY_SENT = "duplicated_feedback_status"


@sensitive_variables()
@in_steps
def feedback(
    phone_number: AnyNumber, status: FeedbackStatus | str, *, region: str | None = None, backend: str | None = None
) -> Steps[FeedbackResponse]:
    """Report to the provider whether the user of a number completed sign-up.

    :param phone_number: as entered; national numbers are read with ``region`` or ``DING["DEFAULT_REGION"]``.
    :param status: ``onboarded`` for a genuine user, ``not_onboarded`` for one who did not complete sign-up.
    :param backend: alias in ``DING["BACKENDS"]``. Default: ``DING["DEFAULT_BACKEND"]``.
    :raises ValueError: for another status.
    :raises InvalidPhoneNumber: when no such number can exist.
    :raises InputError: when the provider has no authentication of the number, or has this feedback already.
    :raises Blocked: when the number is on the provider account's block list.
    :raises UnsupportedOperation: when the backend takes no feedback.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage.
    """
    provider, number, status = get_backend(backend), normalize_stored(phone_number, region), FeedbackStatus(status)
    try:
        with provider_call("feedback", phone_number=number, backend=provider.alias):
            response: FeedbackResponse = yield partial(provider.feedback, number, status)
    except InputError as error:
        if error.code == _ALREADY_SENT:
            _record(number, provider.alias, status)
        raise
    _record(number, provider.alias, status)
    return response


@sensitive_variables()
def report_onboarded(
    *,
    since: float,
    batch: int = 500,
    limit: int | None = None,
    dry_run: bool = False,
    on_progress: Callable[[FeedbackReport], None] | None = None,
) -> FeedbackReport:
    """Send the feedback ``onboarded`` for active users' numbers that were verified recently.

    Each number once, to the backend that sent its code. The provider says so when it has the feedback already, so it
    may be sent again. A rejected number stops nothing; a backend that has three outages in a row, or that rejects our
    account, is skipped for the rest of the run. Test numbers are left out.

    :param since: how many seconds back.
    :param batch: numbers read, and held in memory, at once.
    :param limit: numbers at most.
    :param dry_run: send nothing, and count all of them as ``skipped``.
    :param on_progress: called after each number with the sums so far. An exception in it ends the run.
    :raises ValueError: for a ``since`` that is negative or more than 100 years, a negative ``limit``, or a
        ``batch`` below one.
    """
    if not is_age(since) or batch < 1 or (limit is not None and limit < 0):
        raise ValueError("since must be between 0 and 100 years, limit 0 or more, batch 1 or more.")
    done, circuit_breaker = FeedbackReport(), CircuitBreaker()
    for phone_number, backend in islice(_numbers(_recent(since), batch), limit):
        done += FeedbackReport(skipped=1) if dry_run else _report(phone_number, backend, circuit_breaker)
        if on_progress:
            on_progress(done)
    return done


class CircuitBreaker:
    """Skips a backend after three outages in a row, so that one outage doesn't stall a run of many requests."""

    _THRESHOLD = 3

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def record(self, alias: str, error: Exception | None = None) -> None:
        """Count the outcome of a request. Any response, a refusal included, ends a row of outages."""
        self._failures[alias] = self._failures[alias] + 1 if isinstance(error, BackendUnavailable) else 0

    def open(self, alias: str) -> None:
        """Skip the backend from now on."""
        self._failures[alias] = self._THRESHOLD

    def is_open(self, alias: str) -> bool:
        """Return whether to skip the backend."""
        return self._failures[alias] >= self._THRESHOLD


def _record(phone_number: str, alias: str, status: FeedbackStatus) -> None:
    """Add it to the timeline of the last verification that the backend sent a code for, so that it isn't sent again."""
    sent = Authentication.write_db.filter(
        phone_number=phone_number, backend=alias, status__in=Authentication.SENT_STATUSES
    )
    newest = sent.order_by("-created_at").first()
    if newest is not None and not newest.events.filter(type=Event.Type.FEEDBACK, status=status).exists():
        add_repeatable_event(newest, Event.Type.FEEDBACK, status)


def _recent(since: float) -> QuerySet[PhoneNumber]:
    validated = Authentication.objects.filter(phone_number=OuterRef("phone_number"), status="validated")
    newest = validated.order_by("-created_at").values("backend")[:1]
    rows = PhoneNumber.write_db.select_related("user").annotate(backend=Subquery(newest))
    return rows.filter(verified_at__gte=clock.now() - timedelta(seconds=since)).order_by("pk")


def _numbers(rows: QuerySet[PhoneNumber], batch: int) -> Iterator[tuple[str, str]]:
    """Yield each number with the alias of the backend that sent its code."""
    found = list(rows[:batch])
    while found:
        for number in found:
            backend = number.backend or ding_settings.DEFAULT_BACKEND  # type: ignore[attr-defined]
            # In Python, since is_active need not be a column of the project's user model.
            if number.user.is_active and backend != TEST_NUMBERS_ALIAS:
                yield number.phone_number, backend
        found = list(rows.filter(pk__gt=found[-1].pk)[:batch])


def _report(phone_number: str, alias: str, circuit_breaker: CircuitBreaker) -> FeedbackReport:
    if circuit_breaker.is_open(alias):
        return FeedbackReport(skipped=1)
    try:
        result = _send(phone_number, alias)
    except (InputError, Blocked):
        result = FeedbackReport(rejected=1)
    except BackendUnavailable as error:
        circuit_breaker.record(alias, error)
        return FeedbackReport(skipped=1)
    except Exception:  # noqa: BLE001
        # It rejects our account, takes no feedback, is gone from the settings, or has a bug. All are logged.
        circuit_breaker.open(alias)
        return FeedbackReport(skipped=1)
    circuit_breaker.record(alias)
    return result


def _send(phone_number: str, alias: str) -> FeedbackReport:
    """Send the feedback for a number. That the provider has it already is not logged as a failure."""
    with provider_call("feedback", phone_number=phone_number, backend=alias):
        try:
            get_backend(alias).feedback(phone_number, FeedbackStatus.ONBOARDED)
        except InputError as error:
            if error.code != _ALREADY_SENT:
                raise
            result = FeedbackReport(already_sent=1)
        else:
            result = FeedbackReport(sent=1)
    _record(phone_number, alias, FeedbackStatus.ONBOARDED)
    return result
