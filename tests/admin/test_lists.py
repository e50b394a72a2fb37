"""The lists: what they show, what narrows them, and what they ask of the database."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.admin.conftest import BLOCKS, DEVICES, LIST, NUMBERS, REFUSALS


def shown(page):
    """Return the keys of the rows on a page of a list."""
    return [row.pk for row in page.context["cl"].result_list]


def test_list_tells_of_each(desk, make, user):
    make(
        user=user,
        purpose="login",
        status="validated",
        validated_at=timezone.now(),
        retry_count=1,
        check_count=2,
        channel="text",
        delivery_status="delivered",
        price_amount="0.03",
        price_currency="EUR",
    )
    page = desk.get(LIST).text
    for text in ("+33*******78", 'aria-label="France"', "alice", "log in", "validated", "SMS", "delivered", "€0.03"):
        assert text in page
    assert "1\xa0minute ago" in page
    assert 'title="June 1, 2026, 11:59 a.m."' in page
    assert '<td class="field-attempts">2</td><td class="field-checks">2</td>' in page


def test_list_is_newest_first(desk, make):
    old, new = (make(created_at=datetime(2026, 5, day, tzinfo=UTC)) for day in (1, 2))
    assert shown(desk.get(LIST)) == [new.pk, old.pk]


@pytest.mark.parametrize("url", [LIST, NUMBERS, DEVICES, BLOCKS, REFUSALS])
def test_empty_list(desk, url):
    assert desk.get(url).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "failed"),
        ("purpose", "signup"),
        ("country", "GB"),
        ("channel", "viber"),
        ("backend", "second"),
    ],
)
def test_filter(desk, make, name, value, settings):
    settings.DING = {
        **settings.DING,
        "BACKENDS": dict.fromkeys(["default", "second"], settings.DING["BACKENDS"]["default"]),
    }
    make()
    wanted = make(**{name: value})
    assert shown(desk.get(LIST, {name: value})) == [wanted.pk]


@pytest.mark.parametrize(
    ("date", "days"),
    [("2025", [5]), ("2026", [1, 2, 3, 4]), ("2026-05", [2, 3, 4]), ("2026-05-31", [3]), ("2026-06", [1])],
)
def test_date(desk, make, date, days):
    moments = ["2026-06-01T00:00", "2026-05-01T00:00", "2026-05-31T23:59", "2026-05-30T12:00", "2025-12-31T23:59"]
    rows = [make(created_at=datetime.fromisoformat(f"{moment}+00:00")) for moment in moments]
    assert sorted(shown(desk.get(LIST, {"date": date}))) == [rows[day - 1].pk for day in days]


def test_date_is_in_the_time_zone_of_the_project(desk, make, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    row = make(created_at=datetime(2026, 5, 30, 13, tzinfo=UTC))
    assert shown(desk.get(LIST, {"date": "2026-05-31"})) == [row.pk]
    assert shown(desk.get(LIST, {"date": "2026-05-30"})) == []


@pytest.mark.parametrize(
    "date", ["2026-13", "2026-02-30", "0000", "0001", "9999", "9999-12", "9999-12-31", "x", "2026-6"]
)
def test_date_that_is_none(desk, db, date):
    answer = desk.get(LIST, {"date": date})
    assert (answer.status_code, answer.url) == (302, f"{LIST}?e=1")


def test_days_lead_down_and_back(desk, make):
    make(created_at=datetime(2024, 3, 1, tzinfo=UTC))
    for date, links in [
        ("", ["?date=2026-06-01", "?date=2026", "?date=2025", "?date=2024"]),
        ("2025", ["?", "?date=2025", "?date=2025-01", "?date=2025-12"]),
        ("2025-03", ["?date=2025", "?date=2025-03-01", "?date=2025-03-31"]),
        ("2025-03-07", ["?date=2025", "?date=2025-03", "?date=2025-03-07"]),
    ]:
        page = desk.get(LIST, {"date": date} if date else {}).text
        assert [link for link in links if f'href="{link}"' not in page] == []
        assert "?date=2026-06-02" not in page


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
@pytest.mark.parametrize("date", ["1000", "1000-01-01", "8999-12", "8999-12-31"])
def test_days_of_any_year(desk, make, settings, zone, date):
    settings.TIME_ZONE = zone
    make()
    assert shown(desk.get(LIST, {"date": date})) == []


@pytest.mark.parametrize(
    "query",
    [
        "status=%00",
        "phone_number=%2B33612345678",
        "phone_number__startswith=%2B336",
        "user__password__startswith=m",
        "prefix=1",
    ],
)
def test_nothing_else_can_be_asked_for(desk, make, query):
    make()
    assert desk.get(f"{LIST}?{query}").status_code == 400


def test_rows_of_a_number_and_of_a_user(desk, make, user):
    first, second, other = make(user=user), make(), make(phone_number="+33612345679", user=user)
    assert sorted(shown(desk.get(LIST, {"same_number_as": first.pk}))) == [first.pk, second.pk]
    assert sorted(shown(desk.get(LIST, {"user": user.pk}))) == [first.pk, other.pk]
    assert "+33*******78" in desk.get(LIST, {"same_number_as": first.pk}).text


@pytest.mark.parametrize("value", ["0", "x", "9" * 40, ""])
@pytest.mark.parametrize("name", ["same_number_as", "user"])
def test_rows_of_nobody(desk, make, name, value):
    make()
    page = desk.get(LIST, {name: value})
    assert shown(page) == []
    assert "not kept" in page.text or "not there any more" in page.text
