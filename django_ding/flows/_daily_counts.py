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
    return Authentication.write_db.requested_between(*_bounds(day))


def refusals_of(day: date) -> RefusalQuerySet:
    """Return the blocked requests of one UTC day."""
    begin, end = _bounds(day)
    return Refusal.write_db.filter(hour__gte=begin, hour__lt=end)


def authentication_items(day: date, rows: AuthenticationQuerySet) -> Iterator[DailyStatisticsItem]:
    """Yield a day's breakdowns of its authentications."""
    for kind, counted in (
        (DailyStatisticsItem.Kind.COUNTRY, _sent(rows, "country")),
        (DailyStatisticsItem.Kind.CHANNEL, _sent(rows, "channel")),
        (DailyStatisticsItem.Kind.CARRIER, _sent(rows, "carrier")),
        (DailyStatisticsItem.Kind.BACKEND, _sent(rows, "backend")),
        (DailyStatisticsItem.Kind.PREFIX, _sent(rows, "prefix").order_by("-count", "name")[:MAX_PREFIXES]),
        (DailyStatisticsItem.Kind.CURRENCY, _prices(rows)),
        (DailyStatisticsItem.Kind.SECONDS, _waits(rows)),
        (DailyStatisticsItem.Kind.REASON, _reasons(rows)),
    ):
        yield from (DailyStatisticsItem(day=day, kind=kind, **columns) for columns in counted)


def refusal_items(day: date) -> Iterator[DailyStatisticsItem]:
    """Yield a day's blocked requests, by reason."""
    counted = refusals_of(day).values_list("reason").annotate(Sum("count")).order_by()
    for reason, count in counted:
        yield DailyStatisticsItem(day=day, kind=DailyStatisticsItem.Kind.GUARD, name=reason, count=count)


def _sent(rows: AuthenticationQuerySet, column: str) -> Any:
    sent: Any = rows.filter(status__in=Authentication.SENT_STATUSES).values(name=F(column))
    return sent.annotate(count=Count("pk")).with_outcomes().order_by()


def _prices(rows: AuthenticationQuerySet) -> Any:
    priced = rows.filter(price_amount__isnull=False).values(name=F("price_currency"))
    return priced.annotate(count=Count("pk"), amount=Sum("price_amount")).order_by()


def _waits(rows: AuthenticationQuerySet) -> Any:
    wait = ExpressionWrapper(F("validated_at") - F("created_at"), output_field=DurationField())
    validated = rows.filter(status=Authentication.Status.VALIDATED).values(name=WholeSeconds(wait))
    return validated.annotate(count=Count("pk")).order_by()


def _reasons(rows: AuthenticationQuerySet) -> Any:
    """Count by error code or, where a row has none, by status."""
    reason = Case(When(error_code="", then=F("status")), default=F("error_code"))
    return rows.filter(status__in=FAILED_STATUSES).values(name=reason).annotate(count=Count("pk")).order_by()


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return midnight, midnight + timedelta(days=1)
