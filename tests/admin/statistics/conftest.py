from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from django_ding.models import DailyStatistics, DailyStatisticsItem

TODAY = date(2026, 6, 1)  # The clock's.


@pytest.fixture
def agent(user):
    """Alice, who may view the statistics and nothing else."""
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_dailystatistics"))
    return user


@pytest.fixture
def rolled(db):
    """Return a function that writes the figures of a day: ``rolled(0, sends=5, country={"FR": (5, 4, 3)})``."""

    def write(days_ago=0, *, sends=0, delivered=0, validated=0, **parts):
        day = TODAY - timedelta(days=days_ago)
        moment = datetime(2026, 6, 1, 11, 30, tzinfo=UTC)
        DailyStatistics.objects.create(
            day=day, sends=sends, delivered=delivered, validated=validated, rolled_up_at=moment
        )
        DailyStatisticsItem.objects.bulk_create(
            DailyStatisticsItem(day=day, kind=kind, name=name, **_columns(kind, figures))
            for kind, figures_by_name in parts.items()
            for name, figures in figures_by_name.items()
        )

    return write


def _columns(kind, figures):
    if kind == "currency":
        return {"count": 1, "amount": Decimal(figures)}
    figures = figures if isinstance(figures, tuple) else (figures, 0, 0)
    return dict(zip(("count", "delivered", "validated"), figures, strict=True))


@pytest.fixture
def month(clock, rolled):
    """Thirty days of figures, and half as much in the thirty days before."""
    for days_ago in range(60):
        recent = days_ago < 30
        rolled(
            days_ago,
            sends=100 if recent else 50,
            delivered=90 if recent else 45,
            validated=80 if recent else 45,
            country={"FR": (60, 55, 50), "US": (30, 30, 25), "": (10, 5, 5)},
            channel={"sms": (90, 80, 70), "": (10, 10, 10)},
            carrier={"20801": (60, 55, 50), "": (40, 35, 30)},
            backend={"default": (100, 90, 80)},
            prefix={"+3361234": (30, 25, 25), "+3361235": (30, 2, 1)},
            currency={"EUR": "2.5" if recent else "2"},
            seconds={"12": 60, "30": 15, "200": 5} if recent else {"9": 45},
            guard={"phone": 4, "unsupported_region": 1, "invalid_phone_number": 2},
            reason={"rate_limited": 3, "answer_lost": 1, "brand_new": 2},
        )
