"""How a period is divided into columns, and the last 48 hours."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from django_ding.admin.statistics.periods import Period
from django_ding.admin.statistics.recent import get_recent
from django_ding.models import Authentication
from tests.helpers import create_authentication

END = date(2026, 5, 31)  # A Sunday.


def period(days):
    return Period(since=END - timedelta(days=days - 1), until=END)


@pytest.mark.parametrize(
    ("days", "unit", "number"),
    [(1, "day", 1), (92, "day", 92), (93, "week", 15), (365, "week", 53), (800, "month", 27)],
)
def test_columns_stay_wide(days, unit, number):
    assert (period(days).unit, len(period(days).spans)) == (unit, number)


@pytest.mark.parametrize("days", [30, 365, 1000])
def test_spans_have_each_day_once(days):
    assert [day for span in period(days).spans for day in span.days] == period(days).days


@pytest.mark.parametrize(("language", "weekday"), [("en", 7), ("de", 1)])
def test_weeks_begin_as_the_language_has_it(language, weekday):
    with translation.override(language):
        assert {span.since.isoweekday() for span in period(365).spans[1:]} == {weekday}


def test_labels():
    days = [date(2025, 12, 29), date(2026, 1, 4), date(2026, 1, 10)]
    spans = [Period(since=days[n], until=days[m]) for n, m in ((1, 1), (1, 2), (0, 1))]
    assert [span.label for span in spans] == [
        "Jan. 4, 2026",
        "January 4 \u2013 Jan. 10, 2026",
        "Dec. 29, 2025 \u2013 Jan. 4, 2026",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_hours_are_full_ones_of_the_time_zone(clock, settings, zone):
    settings.TIME_ZONE = zone
    now = timezone.now()
    for minutes in (0, 1, 59, 60, 47 * 60, 48 * 60 + 30):
        create_authentication(created_at=now - timedelta(minutes=minutes), status="pending")
    hours = get_recent().hours
    assert {timezone.localtime(hour).minute for hour in hours} == {0}
    for hour, codes in hours.items():
        expected = [
            n for n in (0, 1, 59, 60, 47 * 60) if hour <= now - timedelta(minutes=n) < hour + timedelta(hours=1)
        ]
        assert codes.sends == len(expected)


@pytest.mark.django_db
def test_last_hour_is_compared_by_carrier(clock, rolled):
    rolled(1, sends=50, carrier={"20801": (50, 45, 40)})
    now = timezone.now()
    for minutes, fields in [(10, {}), (20, {"delivery_status": "delivered"}), (70, {}), (200, {}), (1500, {})]:
        create_authentication(created_at=now - timedelta(minutes=minutes), status="expired", carrier="20801", **fields)
    [carrier] = get_recent().carriers
    assert (carrier.hour.sends, carrier.hour.delivered, carrier.day.sends) == (2, 1, 3)
    assert carrier.usual.delivery_rate == 0.9


@pytest.mark.django_db
def test_verifications_are_read_once(clock):
    create_authentication(created_at=timezone.now(), status="pending")
    table = f'"{Authentication._meta.db_table}"'
    with CaptureQueriesContext(connection) as captured:
        get_recent()
    reads = [query["sql"] for query in captured if table in query["sql"].replace("`", '"')]
    # InnoDB is asked for the first key, too. The other one is of the watch, which reads an hour.
    assert len(reads) == (3 if connection.vendor == "mysql" else 2)
    assert len(captured) == len(reads) + 3
