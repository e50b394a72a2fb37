"""Tell the provider's antifraud of many users at once that they are genuine."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from django_ding import logs
from django_ding.backends import DEFAULT_ALIAS, get_backend
from django_ding.backends.base import FeedbackStatus
from django_ding.conf import TEST_NUMBERS_ALIAS
from django_ding.exceptions import BackendUnavailable, InputError
from django_ding.models import Authentication, PhoneNumber
from django_ding.services.outages import Outages
from django_ding.services.records import is_age, write_alias
from django_ding.services.results import ReportResult

#: What the provider calls feedback that it has already.
GIVEN_BEFORE = "duplicated_feedback_status"


def report_onboarded(
    *,
    since: float,
    batch: int = 500,
    limit: int | None = None,
    on_reported: Callable[[ReportResult], None] | None = None,
) -> ReportResult:
    """Give the feedback ``onboarded`` on the verified numbers of active users that were proven in the last time.

    Each number once, to the backend that sent its code. What the provider was told before it says so, and nothing is
    lost by telling it again. A number that it refuses stops nothing; a backend that has three outages in a row, or that
    refuses our account, is left alone for the rest of the run. Test numbers are left out.

    :param since: how many seconds back.
    :param batch: numbers read, and held in memory, at once.
    :param limit: numbers at most.
    :param on_reported: called after each number with the sums so far. What it raises ends the run between two numbers.
    :raises ValueError: for a ``since`` that is negative or more than 100 years, a negative ``limit``, or a
        ``batch`` below one.
    """
    done, outages = ReportResult(), Outages()
    for phone_number, backend in islice(_onboarded(since, batch, limit), limit):
        done += _report(phone_number, backend, outages)
        if on_reported:
            on_reported(done)
    return done


def count_onboarded(*, since: float, limit: int | None = None) -> int:
    """Count the numbers that :func:`report_onboarded` would give feedback on now.

    :param since: seconds, as for :func:`report_onboarded`.
    :param limit: numbers at most.
    :raises ValueError: for a ``since`` that is negative or more than 100 years, or a negative ``limit``.
    """
    return sum(1 for _ in islice(_onboarded(since, 500, limit), limit))


def _onboarded(since: float, batch: int, limit: int | None) -> Iterator[tuple[str, str]]:
    """Return numbers, each with the alias of the backend that sent its code."""
    if not is_age(since) or batch < 1 or (limit is not None and limit < 0):
        raise ValueError("since is between zero and 100 years, limit is zero or more, batch is one or more.")
    return _each(_proven(since), batch)


def _proven(since: float) -> QuerySet[PhoneNumber]:
    validated = Authentication.objects.filter(phone_number=OuterRef("phone_number"), status="validated")
    newest = validated.order_by("-created_at").values("backend")[:1]
    rows = PhoneNumber.objects.using(write_alias()).select_related("user").annotate(backend=Subquery(newest))
    return rows.filter(verified_at__gte=timezone.now() - timedelta(seconds=since)).order_by("pk")


def _each(rows: QuerySet[PhoneNumber], batch: int) -> Iterator[tuple[str, str]]:
    found = list(rows[:batch])
    while found:
        for number in found:
            backend = number.backend or DEFAULT_ALIAS  # type: ignore[attr-defined]
            # In Python, since a project's user need not keep it in a column.
            if number.user.is_active and backend != TEST_NUMBERS_ALIAS:
                yield number.phone_number, backend
        found = list(rows.filter(pk__gt=found[-1].pk)[:batch])


def _report(phone_number: str, alias: str, outages: Outages) -> ReportResult:
    if outages.is_out_of_order(alias):
        return ReportResult(unasked=1)
    try:
        result = _give(phone_number, alias)
    except InputError:
        result = ReportResult(refused=1)
    except BackendUnavailable as error:
        outages.note(alias, error)
        return ReportResult(unasked=1)
    except Exception:  # noqa: BLE001
        # It refuses our account, takes no feedback, is gone from the settings, or has a bug.
        outages.give_up(alias)
        return ReportResult(unasked=1)
    outages.note(alias)
    return result


def _give(phone_number: str, alias: str) -> ReportResult:
    """Give the feedback on a number. That the provider has it already is nothing that the log need be told."""
    with logs.asking("feedback", phone_number=phone_number, backend=alias):
        try:
            get_backend(alias).feedback(phone_number, FeedbackStatus.ONBOARDED)
        except InputError as error:
            if error.code != GIVEN_BEFORE:
                raise
            return ReportResult(known=1)
    return ReportResult(told=1)
