"""The lists: what they show, what narrows them, and what they ask of the database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.admin.helpers import BLOCKS, DEVICES, LIST, NUMBERS, REFUSALS, shown


def test_list_columns(desk, make, user):
    make(
        user=user,
        purpose="login",
        status="validated",
        validated_at=timezone.now(),
        retry_count=1,
        check_count=2,
        channel="sms",
        delivery_status="delivered",
        price_amount="0.03",
        price_currency="EUR",
    )
    page = desk.get(LIST).text
    for text in ("+33*******78", 'aria-label="France"', "alice", "log in", "verified", "SMS, 2 messages", "delivered"):
        assert text in page
    assert re.search(r'1 minute ago <span class="ding-clock"><span>\u206611:59 UTC\u2069</span></span></time>', page)


def test_list_has_seven_columns_and_none_for_the_flag(desk, make):
    make()
    headings = re.findall(r'<th scope="col"\s+class="[^"]*column-(\w+)', desk.get(LIST).text)
    assert headings == ["number", "status", "reason", "requested", "delivery", "user", "purpose"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "failed", "error_code": "timeout"}, "The provider took too long to respond"),
        ({"status": "spam_detected", "error_code": "spam_detected"}, "Flagged as fraud by the provider"),
        ({"status": "expired", "delivery_status": "undeliverable"}, "The carrier couldn&#x27;t deliver the message"),
        ({"status": "expired", "delivery_status": "delivered"}, '<span class="ding-none">\u2013</span>'),
    ],
)
def test_list_says_why_there_was_no_code(desk, make, fields, reason):
    make(**fields)
    assert f'<td class="field-reason">{reason}</td>' in desk.get(LIST).text


def test_times_have_a_zone_and_older_ones_a_day(desk, make, settings):
    settings.TIME_ZONE = "Europe/Paris"
    make(created_at=datetime(2026, 5, 1, 12, 30, tzinfo=UTC))
    make(created_at=datetime(2025, 5, 1, 12, 30, tzinfo=UTC))
    page = desk.get(LIST).text
    assert "<span>May 1</span>, <span>\u206614:30 CEST\u2069</span>" in page
    assert "<span>May 1, 2025</span>, <span>\u206614:30 CEST\u2069</span>" in page


def test_filter_by_reason(desk, make):
    timeout = make(status="failed", error_code="timeout")
    fraud = make(status="spam_detected", error_code="spam_detected")
    undelivered = make(status="expired", delivery_status="undeliverable")
    for reason, row in [("timeout", timeout), ("spam_detected", fraud), ("undeliverable", undelivered)]:
        page = desk.get(LIST, {"reason": reason})
        assert shown(page) == [row.pk]
        assert f'href="?reason={reason}"' in page.text
    assert shown(desk.get(LIST, {"reason": "http_503"})) == []


def test_empty_lists_say_what_they_would_have(desk, db):
    assert "No verifications. There is one for each code that this site requests." in desk.get(LIST).text
    page = desk.get(LIST, {"status": "failed"}).text
    assert "Nothing matches these filters." in page
    assert "There is one for each code" not in page


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
        ("purpose", "step_up"),
        ("country", "GB"),
        ("country", "+881"),
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


def test_network_without_a_country_has_a_name_and_a_globe(desk, make):
    make(phone_number="+881612345678", country="+881", prefix="+88161234")
    page = desk.get(LIST)
    assert page.text.count('aria-label="Satellite or global network \u2066+881\u2069"') == 1
    assert 'href="?country=%2B881"' in page.text


def span(since, until):
    """Return the parameters of Django's date filter."""
    return {"created_at__gte": f"{since} 00:00:00+00:00", "created_at__lt": f"{until} 00:00:00+00:00"}


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2025-01-01", "2026-01-01", [5]),
        ("2026-01-01", "2027-01-01", [1, 2, 3, 4]),
        ("2026-05-01", "2026-06-01", [2, 3, 4]),
        ("2026-05-31", "2026-06-01", [3]),
        ("2026-06-01", "2026-07-01", [1]),
    ],
)
def test_date(desk, make, since, until, days):
    moments = ["2026-06-01T00:00", "2026-05-01T00:00", "2026-05-31T23:59", "2026-05-30T12:00", "2025-12-31T23:59"]
    rows = [make(created_at=datetime.fromisoformat(f"{moment}+00:00")) for moment in moments]
    assert sorted(shown(desk.get(LIST, span(since, until)))) == [rows[day - 1].pk for day in days]


def test_date_is_in_the_time_zone_of_the_project(desk, make, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    row = make(created_at=datetime(2026, 5, 30, 13, tzinfo=UTC))
    assert shown(desk.get(LIST, {"created_at__gte": "2026-05-31", "created_at__lt": "2026-06-01"})) == [row.pk]
    assert shown(desk.get(LIST, {"created_at__gte": "2026-05-30", "created_at__lt": "2026-05-31"})) == []
    [link] = filters(desk.get(LIST), "Today")
    assert "created_at__gte=2026-06-02+00%3A00%3A00%2B12%3A00" in link


@pytest.mark.parametrize(
    "date", ["2026-13-01", "2026-02-30", "0000", "0001-01-01", "9999-12-01", "9999-12-31", "x", "2026-6", "", "1e9"]
)
@pytest.mark.parametrize("name", ["created_at__gte", "created_at__lt"])
def test_date_that_is_none(desk, db, name, date):
    answer = desk.get(LIST, {name: date})
    assert (answer.status_code, answer.url) == (302, f"{LIST}?e=1")


def filters(page, title):
    """Return the links of a filter's choice."""
    return re.findall(rf'<a href="([^"]*)"><bdi>{title}</bdi></a>', page.text)


def test_dates_drill_down_and_back(desk, make):
    make(created_at=datetime(2024, 3, 1, tzinfo=UTC))
    for chosen, titles, others in [
        ({}, ["Any date", "Today", "Past 7 days", "This month", "This year", "2025", "2024"], ["2026", "January 2026"]),
        (span("2025-01-01", "2026-01-01"), ["Any date", "2025", "January 2025", "December 2025"], ["March 1"]),
        (span("2025-03-01", "2025-04-01"), ["2025", "March 2025", "March 1", "March 31"], ["April 2025", "April 1"]),
        (span("2025-03-07", "2025-03-08"), ["2025", "March 2025", "March 7", "March 8"], ["February 2025"]),
        (span("2026-01-01", "2027-01-01"), ["This year", "January 2026", "May 2026"], ["2026", "July 2026"]),
        (span("2026-06-01", "2026-07-01"), ["This year", "This month"], ["June 2", "June 2026"]),
    ]:
        page = desk.get(LIST, chosen)
        assert [title for title in titles if not filters(page, title)] == []
        assert [title for title in others if filters(page, title)] == []


def test_drill_down_leads_to_the_days(desk, make):
    row = make(created_at=datetime(2024, 3, 1, tzinfo=UTC))
    page = desk.get(LIST)
    for title in ("2024", "March 2024", "March 1"):
        [link] = filters(page, title)
        page = desk.get(f"{LIST}{link.replace('&amp;', '&')}")
        assert shown(page) == [row.pk]
        assert re.search(rf'<li class="selected">\s*<a href="[^"]*"><bdi>{title}</bdi></a>', page.text)


@pytest.mark.parametrize(
    ("since", "until", "title"),
    [
        ("2026-06-01T14:00:00+00:00", "2026-06-01T15:00:00+00:00", "June 1, 2026, 14:00–15:00 UTC"),
        ("2026-06-01T23:00:00+00:00", "2026-06-02T00:00:00+00:00", "June 1, 2026, 23:00–00:00 UTC"),
        (
            "2026-05-31T14:30:00+00:00",
            "2026-06-01T14:30:00+00:00",
            "May 31, 2026, 14:30 UTC – June 1, 2026, 14:30 UTC",
        ),
        ("2026-05-30T00:00:00+00:00", "2026-06-01T00:00:00+00:00", "May 30, 2026 – May 31, 2026"),
        ("2025-03-07T00:00:00+00:00", "2025-03-08T00:00:00+00:00", "March 7"),
        ("2026-06-01T02:00:00+02:00", "2026-06-02T00:00:00+00:00", "Today"),
    ],
)
@pytest.mark.parametrize("use_tz", [True, False])
def test_menu_names_the_span_that_a_link_led_to(desk, make, settings, use_tz, since, until, title):
    settings.USE_TZ = use_tz
    make(created_at=datetime(2025, 3, 7, tzinfo=UTC))
    page = re.sub("[\u2066\u2069]", "", desk.get(LIST, {"created_at__gte": since, "created_at__lt": until}).text)
    assert re.findall(r"<summary>Date <b><bdi>([^<]*)</bdi></b>", page) == [title]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
@pytest.mark.parametrize(
    ("since", "until"), [("1000-02-01", "1001-01-01"), ("1000-02-01", "1000-02-02"), ("8999-12-01", "8999-12-31")]
)
def test_days_of_any_year(desk, make, settings, zone, since, until):
    settings.TIME_ZONE = zone
    make()
    assert shown(desk.get(LIST, {"created_at__gte": since, "created_at__lt": until})) == []


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
def test_other_lookups_are_refused(desk, make, query):
    make()
    assert desk.get(f"{LIST}?{query}").status_code == 400


def test_rows_of_a_number_and_of_a_user(desk, make, user):
    first, second, other = make(user=user), make(), make(phone_number="+33612345679", user=user)
    assert sorted(shown(desk.get(LIST, {"same_number_as": first.pk}))) == [first.pk, second.pk]
    assert sorted(shown(desk.get(LIST, {"user": user.pk}))) == [first.pk, other.pk]
    assert "+33*******78" in desk.get(LIST, {"same_number_as": first.pk}).text


@pytest.mark.parametrize("value", ["0", "x", "9" * 40, ""])
@pytest.mark.parametrize("name", ["same_number_as", "user"])
def test_rows_of_no_number_or_user(desk, make, name, value):
    make()
    page = desk.get(LIST, {name: value})
    assert shown(page) == []
    assert "no longer stored" in page.text or "deleted user" in page.text


def test_pending_verification_is_expired_after_its_time(desk, make, clock):
    row = make(status="pending")
    for url in (LIST, f"{LIST}{row.pk}/change/"):
        assert ">pending</span>" in desk.get(url).text
    clock.shift(timedelta(hours=1))
    for url in (LIST, f"{LIST}{row.pk}/change/"):
        page = desk.get(url)
        assert ">expired</span>" in page.text
        assert ">pending</span>" not in page.text
