"""The statistics page in Chromium, by a strict policy: how it looks, and how it reads."""

from datetime import timedelta

import pytest

from django_ding import clock
from tests.browser import check_accessibility, go
from tests.helpers import create_authentication
from tests.targets import small_targets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/admin/django_ding/dailystatistics/"


@pytest.fixture
def visit(site, month, open_page, client, agent):
    """Open the page as the agent."""
    client.force_login(agent)

    def visit(query="", **options):
        page = open_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
        page.goto(f"{PAGE}{query}")
        return page

    return visit


def test_page_is_accessible(visit):
    # What isn't on the screen has no colors that could be read.
    page = visit(viewport={"width": 1280, "height": 9000})
    for summary in page.locator(".section summary").all():
        summary.click()
    check_accessibility(page, "#content")


@pytest.mark.parametrize("width", [320, 1280])
def test_page_is_easy_to_touch(visit, width):
    assert small_targets(visit(viewport={"width": width, "height": 640}), "#content") == []


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_page_fits_a_small_phone(visit, locale):
    page = visit("?days=365", viewport={"width": 320, "height": 640}, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    wide = "elements => elements.map(e => e.getBoundingClientRect()).filter(r => r.left < -1 || r.right > 321).length"
    assert page.locator(".section svg text, .section :is(p, a, h2, meter)").evaluate_all(wide) == 0


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_tables_show_all_columns_on_a_desktop(visit, locale):
    create_authentication(created_at=clock.now() - timedelta(minutes=30), status="expired", carrier="23470")
    page = visit(locale=locale, viewport={"width": 1280, "height": 900})
    hidden = "elements => elements.filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel)"
    assert page.locator(".carriers_now .ding-table tbody tr").count() == 1
    assert page.locator(".ding-table").evaluate_all(hidden) == []


@pytest.mark.parametrize(("days", "width"), [(30, 320), (7, 390), (365, 390)])
def test_texts_of_a_chart_stand_apart(visit, days, width):
    page = visit(f"?days={days}", viewport={"width": width, "height": 640})
    overlapping = """svg => {
        const boxes = [...svg.querySelectorAll('text')]
            .map(e => e.getBoundingClientRect()).filter(r => r.width)
        return boxes.some((a, n) => boxes.slice(n + 1).some(b =>
            a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom))
    }"""
    charts = page.locator("svg.ding-chart")
    assert charts.count() == 3
    assert not any(chart.evaluate(overlapping) for chart in charts.all())


def test_days_are_chosen_without_script(visit):
    page = visit(java_script_enabled=False)
    go(page.locator("text=7 days"))
    assert page.input_value("[name=since]") == "2026-05-26"
    page.fill("[name=since]", "2026-05-01")
    go(page.locator("text=Apply"))
    assert "since=2026-05-01&until=2026-06-01" in page.url
    assert "May 1, 2026 to June 1, 2026" in page.inner_text("#content")


def test_table_opens_and_csv_is_a_file(visit):
    page = visit()
    errors, days = page.locator("section.provider_errors"), page.locator("section.days")
    assert errors.locator("tbody tr").first.locator("td").last.text_content() == "90"
    days.locator("summary").click()
    assert days.locator("tbody tr").first.inner_text().split("\t")[-1].strip() == "80"
    with page.expect_download() as download:
        errors.locator("text=CSV").click()
    assert download.value.suggested_filename == "provider_errors-2026-05-03-2026-06-01.csv"
