"""From a figure to the rows that it counts."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest

from django_ding.admin.links import can_view, model_url
from django_ding.admin.statistics.periods import Period
from django_ding.models import Authentication, DailyStatistics, Refusal


class Links:
    """The URLs of filtered lists, empty without permission to view them."""

    def __init__(self, site: AdminSite, request: HttpRequest) -> None:
        self._site = site
        models: tuple[type[Model], ...] = (Authentication, Refusal)
        self._can_view = {model: can_view(site, request, model) for model in models}

    def verifications(self, period: Period, **filters: Any) -> str:
        """Return the URL of the verifications of a period."""
        since, until = bounds(period)
        return self.verifications_between(since, until, **filters)

    def verifications_between(self, since: datetime, until: datetime, **filters: Any) -> str:
        """Return the URL of the verifications from one moment to before another."""
        return self._url(Authentication, "created_at", since, until, filters)

    def blocked_requests(self, period: Period, **filters: Any) -> str:
        """Return the URL of the blocked requests of a period."""
        return self._url(Refusal, "hour", *bounds(period), filters)

    def _url(self, model: type[Model], field: str, since: datetime, until: datetime, filters: Any) -> str:
        if not self._can_view[model]:
            return ""
        times = {f"{field}__gte": since.isoformat(), f"{field}__lt": until.isoformat()}
        return model_url(self._site, model, "changelist", **times, **filters)


def bounds(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period, and the first one after it."""
    since, until = (datetime.combine(day, time.min, tzinfo=UTC) for day in (period.since, period.until))
    return since, until + timedelta(days=1)


def are_deleted(since: datetime, until: datetime) -> bool:
    """Return whether codes were sent in a time of which no verification is left."""
    oldest = Authentication.objects.order_by("created_at").values_list("created_at", flat=True).first()
    if oldest and oldest < until:
        return False
    first, last = (moment.astimezone(UTC).date() for moment in (since, until - timedelta(microseconds=1)))
    return DailyStatistics.objects.filter(sends__gt=0, day__range=(first, last)).exists()
