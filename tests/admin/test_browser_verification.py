"""The page of one verification in the admin, in Chromium: its answer, its times on touch, its buttons."""

import re
from datetime import timedelta

import pytest

from django_ding import clock
from django_ding.models import Authentication, Event
from tests.admin.helpers import LIST, delivered, log_in, permit, sent
from tests.browser import check_accessibility, go

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]

ARRIVED = {"status": "failed", "error_code": "timeout", "delivery_status": "delivered", "channel": "sms"}


@pytest.fixture
def arrive(agent, open_page):
    """Log in, and open the page of a verification."""
    permit(agent, "refresh_authentication", "send_feedback")
    return lambda row, **options: log_in(open_page(**options), f"{LIST}{row.pk}/change/")


def make(age=60, **fields):
    """Make a verification of a number that nobody else has, and a message that was delivered."""
    start = clock.now() - timedelta(seconds=age)
    fields = {"phone_number": "+12025550123", "country": "US", "prefix": "+1202555", "status": "expired"} | fields
    row = Authentication.objects.create(created_at=start, expires_at=start + timedelta(minutes=10), **fields)
    for seconds, event in ((1, sent()), (12, delivered())):
        Event.objects.create(authentication=row, occurred_at=start + timedelta(seconds=seconds), **event)
    return row


def test_agent_reads_that_it_worked_out_later(arrive, outbox):
    row = make(age=600, **ARRIVED)
    newer = make(age=420, status="validated", validated_at=row.created_at + timedelta(minutes=3))
    page = arrive(row)
    assert page.inner_text(".ding-sentence") == "Verified 3 min later. View that verification"
    go(page.get_by_text("View that verification"))
    assert page.url.endswith(f"{LIST}{newer.pk}/change/")


def test_times_are_readable_on_touch(arrive, outbox):
    page = arrive(make(**ARRIVED), viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    times = page.locator("#ding-timeline + .ding-timeline time").all_inner_texts()
    assert len(times) == 3
    assert all(re.search(r"\d\d:\d\d:\d\d\u00a0UTC", time) for time in times)
    assert "It can't be entered any more" in page.inner_text(".ding-sentence")
    assert page.locator("[title]:visible").count() == page.locator("h1 [title], .ding-details [title]").count()


def test_id_is_copied_and_announced(arrive, outbox, site):
    row = make(authentication_uuid="vrf_01jz8k2m3n")
    page = arrive(row)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    button = page.get_by_role("button", name="Copy Provider ID")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("[role=status]", has_text="Copied Provider ID").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "vrf_01jz8k2m3n"
    assert button.bounding_box()["height"] >= 24


def test_without_scripts_nothing_promises_to_copy(arrive, outbox):
    page = arrive(make(), java_script_enabled=False)
    assert page.locator(".ding-id").count() >= 1
    assert page.locator(".ding-copy:visible").count() == 0


def test_what_cannot_be_undone_comes_last_and_looks_it(arrive, outbox):
    page = arrive(make(authentication_uuid="u"))
    assert page.locator(".ding-actions li").first.inner_text() == "Refresh status"
    report = page.locator(".ding-actions .ding-irreversible").first
    assert report.evaluate("link => getComputedStyle(link).textDecorationLine") == "none"  # It is a button.
    everyday = page.locator(".ding-actions .ding-button").first
    color = "element => getComputedStyle(element).backgroundColor"
    assert report.evaluate(color) != everyday.evaluate(color)
    go(report)
    assert "can't be undone" in page.inner_text(".ding-warning")
    assert page.locator("input.ding-danger").evaluate(color) == "rgb(164, 38, 44)"


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_page_is_accessible(arrive, outbox, locale):
    for fields in (ARRIVED, {"authentication_uuid": "u"}):
        check_accessibility(arrive(make(**fields), locale=locale))
