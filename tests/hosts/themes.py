"""What support does in the admin, in Chromium, in a theme: the tests of the projects that have one are this."""

import pytest
from django.test import Client

from django_ding import services
from django_ding.testing import sandbox
from tests.browser import go
from tests.hosts.people import create_user
from tests.login.server import served

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/django_ding/authentication/"


@pytest.fixture
def row():
    with sandbox():
        yield services.send("+33612345678", user=create_user("alice")).authentication


@pytest.fixture
def page(row, new_page, settings):
    """The agent's page, in which no script fails."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    client = Client()
    client.force_login(create_user("agent", is_agent=True))
    failed = []
    with served() as url:
        page = new_page(viewport={"width": 1280, "height": 900}, base_url=url)
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
        page.on("pageerror", lambda error: failed.append(str(error)))
        yield page
    assert not failed, "\n".join(failed)


def test_search_and_export(page, row):
    page.goto(LIST)
    page.fill("#ding-search", "06 12 34 56 78")
    go(page.locator(".ding-search button"))
    assert page.url.endswith(f"?same_number_as={row.pk}")
    with page.expect_download() as download:
        page.get_by_text("Export CSV").click()
    assert download.value.suggested_filename == "authentications.csv"


def test_filter(page, settings):
    page.goto(LIST)
    if hasattr(settings, "OPEN_FILTERS"):
        page.click(settings.OPEN_FILTERS)
    page.click(".ding-filter summary >> text=Country")
    go(page.locator(".ding-scrollable a", has_text="France"))
    assert page.url.endswith("?country=FR")
    assert page.locator(".ding-number").count() == 1


def test_action(page):
    page.goto(LIST)
    page.check("input.action-select")
    # Behind another control in django-jazzmin.
    page.select_option("select[name=action]", "refresh", force=True)
    go(page.locator("button[name=index]"))
    go(page.locator("input[type=submit][value='Refresh status']"))
    assert "Status refreshed." in page.inner_text("body")


def test_pages_of_a_row_and_of_statistics(page, row):
    page.goto(f"{LIST}{row.pk}/change/")
    assert page.locator(".ding-timeline li").count() == 2
    go(page.locator(".ding-actions a", has_text="Report as genuine"))
    go(page.locator("text=Cancel"))
    page.goto("/admin/django_ding/dailystatistics/")
    assert page.locator(".ding-statistics button").is_visible()
