"""Count the rows of a day, in the database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Sum, When

from django_ding.models import (
    Authentication,
    AuthenticationQuerySet,
    DailyStatisticsItem,
    Refusal,
    RefusalQuerySet,
)
from django_ding.models.functions import WholeSeconds

#: Prefixes that are kept per day, the busiest. A site may see as many prefixes as numbers.
MAX_PREFIXES = 1000

#: Authentications whose code wasn't sent, or isn't known to have been.
FAILED_STATUSES = (
    Authentication.Status.RATE_LIMITED,
    Authentication.Status.SPAM_DETECTED,
    Authentication.Status.FAILED,
)


def authentications_of(day: date) -> AuthenticationQuerySet:
    """Return the authentications of one UTC day."""
    return _with_status(day, Authentication.Status.values)


def refusals_of(day: date) -> RefusalQuerySet:
    """Return the blocked requests of one UTC day."""
    begin, end = _bounds(day)
    return Refusal.write_db.filter(hour__gte=begin, hour__lt=end)


def authentication_items(day: date) -> Iterator[DailyStatisticsItem]:
    """Yield a day's breakdowns of authentications."""
    for kind, counted in (
        (DailyStatisticsItem.Kind.COUNTRY, _sent(day, "country")),
        (DailyStatisticsItem.Kind.CHANNEL, _sent(day, "channel")),
        (DailyStatisticsItem.Kind.CARRIER, _sent(day, "carrier")),
        (DailyStatisticsItem.Kind.BACKEND, _sent(day, "backend")),
        (DailyStatisticsItem.Kind.PREFIX, _sent(day, "prefix").order_by("-count", "name")[:MAX_PREFIXES]),
        (DailyStatisticsItem.Kind.CURRENCY, _prices(day)),
        (DailyStatisticsItem.Kind.SECONDS, _waits(day)),
        (DailyStatisticsItem.Kind.REASON, _reasons(day)),
    ):
        yield from (DailyStatisticsItem(day=day, kind=kind, **columns) for columns in counted)


def refusal_items(day: date) -> Iterator[DailyStatisticsItem]:
    """Yield a day's blocked requests, by reason."""
    counted = refusals_of(day).values_list("reason").annotate(Sum("count")).order_by()
    for reason, count in counted:
        yield DailyStatisticsItem(day=day, kind=DailyStatisticsItem.Kind.GUARD, name=reason, count=count)


def _sent(day: date, column: str) -> Any:
    rows: Any = _with_status(day, Authentication.SENT_STATUSES).values(name=F(column))
    return rows.annotate(count=Count("pk")).with_outcomes().order_by()


def _prices(day: date) -> Any:
    priced = authentications_of(day).filter(price_amount__isnull=False).values(name=F("price_currency"))
    return priced.annotate(count=Count("pk"), amount=Sum("price_amount")).order_by()


def _waits(day: date) -> Any:
    wait = ExpressionWrapper(F("validated_at") - F("created_at"), output_field=DurationField())
    validated = _with_status(day, [Authentication.Status.VALIDATED]).values(name=WholeSeconds(wait))
    return validated.annotate(count=Count("pk")).order_by()


def _reasons(day: date) -> Any:
    """Count by error code or, where a row has none, by status."""
    reason = Case(When(error_code="", then=F("status")), default=F("error_code"))
    return _with_status(day, FAILED_STATUSES).values(name=reason).annotate(count=Count("pk")).order_by()


def _with_status(day: date, statuses: Any) -> AuthenticationQuerySet:
    """Return the day's rows with one of the statuses. All are named, since the index begins with the status."""
    begin, end = _bounds(day)
    rows = Authentication.write_db.filter(status__in=statuses)
    return rows.filter(created_at__gte=begin, created_at__lt=end)


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return midnight, midnight + timedelta(days=1)
