"""The values of the statistics page's charts, by mouse, finger and keyboard; and the page on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.admin.conftest import open_page, site
from tests.admin.statistics.conftest import agent, month, rolled
from tests.admin.statistics.test_browser import visit
from tests.helpers import create_authentication

__all__ = ["agent", "month", "open_page", "rolled", "site", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAST = "June 1, 2026: 100 sent, 90 delivered, 80 verified"


def readout(page):
    return page.inner_text(".section.days .readout").strip()


def column(page, number):
    return page.locator(".section.days .column").nth(number)


def test_pointing_at_a_column_shows_its_values(visit):
    page = visit()
    assert readout(page) == "Total: 3,000 sent, 2,700 delivered, 2,400 verified"
    column(page, 29).hover()
    assert readout(page).startswith(LAST)
    page.mouse.move(0, 0)
    assert readout(page).startswith("Total")


@pytest.mark.parametrize(("locale", "back"), [("en", "ArrowLeft"), ("ar", "ArrowRight")])
def test_arrow_keys_go_through_the_columns_of_one_tab_stop(visit, locale, back):
    page = visit(locale=locale)
    assert page.locator(".section.days .column[tabindex='0']").count() == 1
    column(page, 29).focus()
    page.keyboard.press(back)
    assert column(page, 28).evaluate("element => element === document.activeElement")
    shown = readout(page)
    page.keyboard.press("Home")
    assert column(page, 0).evaluate("element => element === document.activeElement")
    assert readout(page) != shown


def test_finger_shows_a_value_and_stays_on_the_page(visit, agent):
    agent.is_superuser = True
    agent.save()
    page = visit(has_touch=True, viewport={"width": 390, "height": 800})
    before = page.url
    column(page, 29).tap()
    assert readout(page).startswith(LAST)
    assert page.url == before
    with page.expect_navigation():
        page.locator(".section.days .readout a").click()
    assert "created_at__gte=2026-06-01" in page.url


def test_paper_has_no_sidebar_and_begins_with_the_figures(visit):
    create_authentication(created_at=timezone.now() - timedelta(minutes=30), status="expired")
    page = visit("?days=365", color_scheme="dark", viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    assert not page.locator("#nav-sidebar, .period form, .section summary").filter(visible=True).count()
    assert page.locator(".metrics").bounding_box()["y"] < 450
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) < 9
