import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from django_ding.models import DailyStatistics, DailyStatisticsItem
from tests.helpers import create_authentication

pytestmark = pytest.mark.django_db

PAGE = "/admin/django_ding/dailystatistics/"
TABLES = [
    *(
        "days",
        "hours",
        "carriers_now",
        "backends_now",
        "costs",
        "times",
        "countries",
        "channels",
        "carriers",
        "backends",
    ),
    *("prefixes", "blocked_requests", "provider_errors"),
]
CHARTS = 3


@pytest.fixture
def look(client, agent):
    """Return a function that opens the page as the agent and returns its HTML without needless space."""
    client.force_login(agent)

    def look(query="", **headers):
        response = client.get(f"{PAGE}{query}", headers=headers)
        assert response.status_code == 200
        return re.sub(r"\s+", " ", response.content.decode())

    return look


@pytest.fixture
def table(client, agent):
    """Return a function that returns the lines of a table's CSV."""
    client.force_login(agent)

    def table(name, query="days=30"):
        response = client.get(f"{PAGE}?{query}&format=csv&table={name}")
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.reader(io.StringIO(response.getvalue().decode())))

    return table


# Permissions.


def test_index_leads_to_the_page(client, agent):
    client.force_login(agent)
    index = client.get("/admin/").content.decode()
    assert f'<a href="{PAGE}"' in index
    assert ">Statistics</a>" in index


def test_page_is_for_those_who_may_view_dailystatisticss(client, user, admin_user):
    user.is_staff = True
    user.save()
    assert client.get(PAGE).status_code == 302
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}?format=csv&table=days").status_code == 403
    client.force_login(admin_user)
    assert client.get(PAGE).status_code == 200


def test_nothing_can_be_changed(client, admin_user, month):
    client.force_login(admin_user)
    assert client.post(PAGE, {"action": "delete_selected"}).status_code == 405
    for name in ("add", "change", "delete", "history"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:django_ding_dailystatistics_{name}", args=["2026-06-01"])
    assert client.get(f"{PAGE}2026-06-01/change/").status_code == 404
    assert client.get(f"{PAGE}add/").status_code == 404


# What is shown.


def test_without_statistics_it_says_what_to_run(look, clock):
    html = look()
    assert "No statistics yet. Run <code>python manage.py ding_rollup</code> to collect them." in html
    assert "<svg class" not in html


def test_days_without_codes_are_empty(look, clock, rolled):
    rolled()
    html = look()
    assert html.count("No data for this period.") == len(TABLES)
    assert "Updated 30 minutes ago." in html


def metric(html, label):
    found = re.search(rf"<dt>{re.escape(label)}</dt> (.*?)</div>", html)
    return re.sub(r"[\u2066\u2069]", "", re.sub(r"<[^>]+>", "", found[1])).split()


def test_key_figures_are_compared_with_the_period_before(look, month):
    html = look()
    assert metric(html, "Codes sent") == ["3,000", "+100.0", "%"]
    assert metric(html, "Delivery rate") == ["90.0", "%", "±0.0", "points"]
    assert metric(html, "Conversion rate") == ["80.0", "%", "−10.0", "points", "(worse)"]
    assert metric(html, "Cost") == ["€75.00", "+25.0", "%"]
    assert metric(html, "Median time to verify") == ["12", "s", "+3", "s", "(worse)"]
    assert metric(html, "Provider errors") == ["180", "±0.0", "%"]
    assert "Compared with April 3, 2026 to May 2, 2026." in html


def test_key_figures_are_not_compared_with_days_that_are_missing(look, month):
    DailyStatistics.objects.filter(day="2026-04-20").delete()
    html = look()
    assert metric(html, "Codes sent") == ["3,000"]
    assert "Compared" not in html


def test_missing_reports_of_delivery_are_no_failures(look, clock, rolled):
    rolled(sends=10, validated=8, country={"FR": (10, 0, 8)})
    html = look()
    assert metric(html, "Delivery rate") == ["–", "No", "delivery", "reports."]
    assert metric(html, "Cost") == metric(html, "Median time to verify") == ["–"]


def test_charts_tell_what_they_show(look, month):
    html = look()
    assert html.count('<svg class="ding-chart"') == CHARTS
    assert "Total: 3,000 sent, 2,700 delivered, 2,400 verified</desc>" in html
    assert "June 1, 2026: 100 sent, 90 delivered, 80 verified</title>" in html
    assert "Median 12 s, p95 3 min 20 s</desc>" in html


def row(html, label):
    """Return the cells of a table's row, and how full its meter is."""
    found = re.search(rf'<tr><th scope="row">[\u2066]?{re.escape(label)}[\u2069]?</th>(.*?)</tr>', html)[1]
    meter = re.search(r'<meter value="([^"]*)" aria-hidden="true">', found)
    return [*re.findall(r'<td class="\w+ number">([^<]*)', found), meter and float(meter[1])]


def test_tables_have_meters(look, month):
    html = look()
    assert row(html, "France") == ["1,800", "1,650", "1,500", "91.7 %", "83.3 %", 0.8333]
    assert row(html, "SMS") == ["2,700", "2,400", "2,100", "88.9 %", "77.8 %", 0.7778]
    assert row(html, "Rate limit: per number") == ["120", 1]
    assert row(html, "The provider says that this number doesn&#x27;t exist") == ["60", 0.5]


def test_blocked_requests_are_apart_from_provider_errors(look, month):
    html = look()
    blocked, errors = (re.search(rf'<section class="section {name}".*?</section>', html)[0] for name in TABLES[-2:])
    assert re.findall(r'<th scope="row">([^<]*)<', blocked) == [
        "Rate limit: per number",
        "The provider says that this number doesn&#x27;t exist",
        "Codes aren&#x27;t sent to this country",
    ]
    assert re.findall(r'<th scope="row">([^<]*)<', errors) == [
        "Too many codes were requested or entered",
        "brand_new",
        "This site stopped before the provider responded",
    ]


def test_worst_prefixes_come_first(table, month, rolled):
    rolled(60, prefix={"+1202555": (19, 0, 0)})
    rows = table("prefixes", "since=2026-04-02&until=2026-06-01")
    assert [row[0] for row in rows] == ["prefix", "'+3361235", "'+3361234"]


def test_ten_prefixes_of_enough_codes_are_shown(table, clock, rolled):
    rolled(prefix={f"+33612{n}": (20 + n % 2, 0, n) for n in range(10, 32)} | {"+1202555": (19, 0, 0), "": (50, 0, 0)})
    shown = [row[0].removeprefix("'+33612") for row in table("prefixes")[1:]]
    assert shown == [str(n) for n in sorted(range(10, 32), key=lambda n: n / (20 + n % 2))[:10]]


def test_all_countries_are_listed(look, table, clock, rolled):
    codes = ["FR", "US", "GB", "DE", "ES", "IT", "PT", "BE", "NL", "CH", "AT", "IE"]
    rolled(sends=78, country={code: (12 - n, 0, 6) for n, code in enumerate(codes)})
    html = look()
    assert (
        len(re.findall(r'<th scope="row">', re.search(r'<section class="section countries".*?</section>', html)[0]))
        == 12
    )
    assert len(table("countries")) == 13


# Which days.


@pytest.mark.parametrize(
    ("query", "first", "number"),
    [
        ("days=7", "2026-05-26", 7),
        ("", "2026-05-03", 30),
        ("days=365", "2025-06-02", 365),
        ("since=2026-05-30", "2026-05-30", 3),
        ("since=2026-05-01&until=2026-05-10", "2026-05-01", 10),
        ("until=2026-05-10", "2026-04-11", 30),
        ("days=8", "2026-05-03", 30),
        ("since=soon", "2026-05-03", 30),
        ("since=2026-06-02", "2026-05-03", 30),
        ("since=2016-06-02", "2026-05-03", 30),
        ("until=0001-01-05", "2026-05-03", 30),
    ],
)
def test_chosen_days(table, month, query, first, number):
    _, *rows = table("days", query)
    assert rows[-1][0] == first
    assert len(rows) == number


def test_days_without_a_rollup_are_zero(table, clock, rolled):
    rolled(2, sends=5, delivered=4, validated=3)
    assert table("days", "days=7")[1:5] == [
        ["2026-06-01", "0", "0", "0"],
        ["2026-05-31", "0", "0", "0"],
        ["2026-05-30", "5", "4", "3"],
        ["2026-05-29", "0", "0", "0"],
    ]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?since=2026-06-02", "The start date is after the end date."),
        ("?since=2020-06-02", "Choose at most three years."),
        ("?since=soon", "Enter a valid date."),
        ("?since=0001-01-01&until=0001-01-05", "Ensure this value is greater than or equal to 2000-01-01."),
    ],
)
def test_invalid_days_are_reported(look, month, query, problem):
    assert problem in look(query)


def test_chosen_days_stand_in_the_form(look, month):
    html = look("?days=7")
    assert 'name="since" value="2026-05-26"' in html
    assert re.findall(r'<a href="([^"]*)" aria-current="true"', html) == ["?days=7"]


# As CSV.


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("days", [["day", "sent", "delivered", "verified"], ["2026-06-01", "100", "90", "80"]]),
        ("costs", [["day", "currency", "amount"], ["2026-06-01", "EUR", "2.5"]]),
        ("times", [["seconds", "verified"], ["12", "1800"], ["30", "450"], ["200", "150"]]),
        (
            "countries",
            [
                ["country", "sent", "delivered", "verified", "delivery_rate", "conversion_rate"],
                ["FR", "1800", "1650", "1500", "0.9167", "0.8333"],
            ],
        ),
        (
            "channels",
            [
                ["channel", "sent", "delivered", "verified", "delivery_rate", "conversion_rate"],
                ["sms", "2700", "2400", "2100", "0.8889", "0.7778"],
            ],
        ),
        ("blocked_requests", [["reason", "count"], ["phone", "120"], ["invalid_phone_number", "60"]]),
        ("provider_errors", [["reason", "count"], ["rate_limited", "90"], ["brand_new", "60"], ["answer_lost", "30"]]),
        (
            "prefixes",
            [
                ["prefix", "sent", "delivered", "verified", "delivery_rate", "conversion_rate"],
                ["'+3361235", "900", "60", "30", "0.0667", "0.0333"],
            ],
        ),
    ],
)
def test_tables_as_csv(table, month, name, rows):
    assert table(name)[: len(rows)] == rows


@pytest.mark.parametrize(("name", "kind"), [("blocked_requests", "guard"), ("provider_errors", "reason")])
def test_csv_has_no_formulas(table, clock, rolled, name, kind):
    rolled(**{kind: {"=1+1": 3, "@a": 2, "-1": 1}})
    assert [row[0] for row in table(name)] == ["reason", "'=1+1", "'@a", "'-1"]


def test_csv_is_named_after_its_days(client, agent, month):
    client.force_login(agent)
    headers = client.get(f"{PAGE}?days=7&format=csv&table=costs").headers
    assert headers["Content-Disposition"] == 'attachment; filename="costs-2026-05-26-2026-06-01.csv"'


@pytest.mark.parametrize("name", ["", "users"])
def test_other_tables_are_not_found(client, agent, month, name):
    client.force_login(agent)
    assert client.get(f"{PAGE}?format=csv&table={name}").status_code == 404


def test_every_table_has_its_link(look, month):
    create_authentication(created_at=timezone.now() - timedelta(minutes=30), status="expired")
    html = look("?days=7")
    for name in TABLES:
        assert f'href="?since=2026-05-26&amp;until=2026-06-01&amp;format=csv&amp;table={name}"' in html


# In other languages, and by a strict policy.


def test_numbers_are_written_as_usual_but_for_those_of_the_drawing(look, multilingual, month):
    html = look(accept_language="fr")
    assert "3 000" in html
    assert "83,3 %" in html
    drawing = html.partition('<svg class="ding-chart')[2].partition("<footer")[0]
    places = re.findall(r'(?: (?:x|y|dx|dy|x1|x2|y1|y2|width|height)|<meter value)="([^"]*)"', drawing)
    assert len(places) > 450
    assert [place for place in places if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?%?", place)] == []


def test_right_to_left_charts_begin_at_the_right(look, multilingual, month):
    first = re.compile(r'<rect class="bar" x="([0-9.]+)" y="[^"]*" width="9.5"')
    assert first.search(look())[1] == "0.0"
    assert first.search(look(accept_language="ar"))[1] == "290.0"


def test_page_has_no_inline_style_or_script(look, month):
    html = look().partition("<main")[2]
    assert " style=" not in html
    assert "<style" not in html
    assert "<script" not in html


def test_statements_are_the_same_for_few_and_many_rows(look, month):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            look("?days=90")
        return len(captured)

    DailyStatisticsItem.objects.exclude(day="2026-06-01").delete()
    few = statements()
    DailyStatisticsItem.objects.bulk_create(
        DailyStatisticsItem(day="2026-05-30", kind=kind, name=str(n), count=25)
        for kind in ("seconds", "prefix", "reason", "guard")
        for n in range(300)
    )
    assert statements() == few <= 18
