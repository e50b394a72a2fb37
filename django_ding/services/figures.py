"""The figures of one day, counted in the database from its authentications and from what the guard refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Func, IntegerField, Q, Sum, When

from django_ding.backends.base import DeliveryStatus
from django_ding.models import Authentication, AuthenticationQuerySet, Refusal, RefusalQuerySet, RollupPart
from django_ding.services.records import write_alias

#: Prefixes that are kept per day: those that most codes went to. A site may see as many prefixes as numbers.
MOST_PREFIXES = 1000

#: Those whose codes are known not to have gone out, or not known to have.
REFUSED_STATUSES = (
    Authentication.Status.RATE_LIMITED,
    Authentication.Status.SPAM_DETECTED,
    Authentication.Status.FAILED,
)

_DELIVERED = Count("pk", filter=Q(delivery_status=DeliveryStatus.DELIVERED))
_VALIDATED = Count("pk", filter=Q(status=Authentication.Status.VALIDATED))
_CODES = {"count": Count("pk"), "delivered": _DELIVERED, "validated": _VALIDATED}


class _WholeSeconds(Func):
    """The seconds of a difference of times, rounded down. Django leaves it in microseconds, but for PostgreSQL."""

    template = "%(expressions)s / 1000000"
    output_field = IntegerField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s DIV 1000000", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::int", **context)


#: The kinds of parts, by what they are counted from.
OF_REFUSALS = (RollupPart.Kind.GUARD,)
OF_AUTHENTICATIONS = tuple(kind for kind in RollupPart.Kind if kind not in OF_REFUSALS)


def authentications_of(day: date) -> AuthenticationQuerySet:
    """Return those of one UTC day."""
    return _of(day, Authentication.Status.values)


def refusals_of(day: date) -> RefusalQuerySet:
    """Return those of one UTC day."""
    begin, end = _bounds(day)
    return Refusal.objects.using(write_alias()).filter(hour__gte=begin, hour__lt=end)


def parts_of_authentications(day: date) -> Iterator[RollupPart]:
    """Count what the figures of a day are made of: by country, channel, prefix, currency, seconds and reason."""
    for kind, counted in (
        (RollupPart.Kind.COUNTRY, _sent(day, "country")),
        (RollupPart.Kind.CHANNEL, _sent(day, "channel")),
        (RollupPart.Kind.PREFIX, _sent(day, "prefix").order_by("-count", "name")[:MOST_PREFIXES]),
        (RollupPart.Kind.CURRENCY, _prices(day)),
        (RollupPart.Kind.SECONDS, _waits(day)),
        (RollupPart.Kind.REASON, _reasons(day)),
    ):
        yield from (RollupPart(day=day, kind=kind, **figures) for figures in counted)


def parts_of_refusals(day: date) -> Iterator[RollupPart]:
    """Count how often the guard refused on a day, by reason."""
    counted = refusals_of(day).values_list("reason").annotate(Sum("count")).order_by()
    yield from (RollupPart(day=day, kind=RollupPart.Kind.GUARD, name=reason, count=count) for reason, count in counted)


def _sent(day: date, column: str) -> Any:
    return _of(day, Authentication.SENT_STATUSES).values(name=F(column)).annotate(**_CODES).order_by()


def _prices(day: date) -> Any:
    priced = authentications_of(day).filter(price_amount__isnull=False).values(name=F("price_currency"))
    return priced.annotate(count=Count("pk"), amount=Sum("price_amount")).order_by()


def _waits(day: date) -> Any:
    wait = ExpressionWrapper(F("validated_at") - F("created_at"), output_field=DurationField())
    validated = _of(day, [Authentication.Status.VALIDATED]).values(name=_WholeSeconds(wait))
    return validated.annotate(count=Count("pk")).order_by()


def _reasons(day: date) -> Any:
    """Count by error code or, where a row has none, by status."""
    reason = Case(When(error_code="", then=F("status")), default=F("error_code"))
    return _of(day, REFUSED_STATUSES).values(name=reason).annotate(count=Count("pk")).order_by()


def _of(day: date, statuses: Any) -> AuthenticationQuerySet:
    """Return the day's rows with one of the statuses, which are named since the index begins with them."""
    begin, end = _bounds(day)
    rows = Authentication.objects.using(write_alias()).filter(status__in=statuses)
    return rows.filter(created_at__gte=begin, created_at__lt=end)


def _bounds(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return midnight, midnight + timedelta(days=1)
