"""The sandbox's inbox in a browser: what was refused, webhooks, special numbers, and the button that clears it."""

import pytest

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.server import SandboxServer
from tests.browser import check_accessibility, go
from tests.e2e.person import PHONE_LOGIN
from tests.sandbox.helpers import Client, V2Client

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

INBOX = "/sandbox/"
SIZES = [{"width": 320, "height": 640}, {"width": 1280, "height": 900}]
CONTROLS = "main :is(button, summary, a):visible"
TOO_LOW = "controls => controls.filter(e => e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def server():
    with SandboxServer(Simulator(Options(seed=1), background=False)) as running:
        yield running
    running.simulator.close()


@pytest.fixture
def filled(server):
    v2 = V2Client(server.simulator)
    v2.create("+447700900123", options={"callback_url": "http://127.0.0.1:1/hook/"})
    v2.create("+12025550111")
    Client(server.simulator).send("+12025550132")
    server.simulator.webhooks.run_due()
    return server


@pytest.fixture
def standalone(filled, new_page):
    page = new_page()
    page.goto(filled.url)
    return page


def test_refused_request_arrives_by_itself_and_is_announced(filled, standalone):
    Client(filled.simulator).send("+12025550112")
    standalone.locator("#list").get_by_text("blocked_number").wait_for()
    newest = standalone.locator(".message").first.inner_text()
    assert "+12025550112" in newest
    assert "block list" in newest
    assert "Refused request" in standalone.locator("#announcement").inner_text()


def test_webhooks_are_listed_with_their_answers_and_updated(filled, standalone):
    summary = standalone.locator("summary", has_text="Webhooks")
    assert "3 posted, 3 not delivered" in summary.inner_text()
    summary.click()
    row = standalone.locator("#webhooks tr").first
    assert "Connection refused" in row.inner_text()
    V2Client(filled.simulator).create("+447700900124", options={"callback_url": "http://127.0.0.1:1/hook/"})
    filled.simulator.webhooks.run_due()
    standalone.locator("#webhooks").get_by_text("+447700900124").first.wait_for()
    assert "3 posted" not in summary.inner_text()


def test_filter_hides_other_numbers_everywhere(standalone):
    standalone.fill("#phone-number", "7700")
    assert standalone.locator(".message:visible").count() == 1
    standalone.click("summary >> text=Webhooks")
    assert standalone.locator("#webhooks tr:visible").count() == 3
    standalone.fill("#phone-number", "120255")
    assert standalone.locator("#webhooks tr:visible").count() == 0


def test_special_number_is_copied_with_a_click(standalone):
    standalone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    standalone.click("summary >> text=Special numbers")
    standalone.get_by_role("button", name="Copy +12025550110").press("Enter")
    standalone.get_by_text("Copied +12025550110").wait_for(state="attached")
    assert standalone.evaluate("navigator.clipboard.readText()") == "+12025550110"
    assert standalone.get_by_role("button", name="Try +12025550110").count() == 0


def test_button_clears_the_inbox_for_good(filled, standalone):
    standalone.get_by_role("button", name="Clear inbox").click()
    standalone.get_by_text("Waiting for the first message").wait_for()
    assert not standalone.get_by_role("button", name="Clear inbox").is_visible()
    assert filled.simulator.refusals() == filled.simulator.messages() == []


def test_inbox_works_without_javascript(filled, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(filled.url)
    page.click("summary >> text=Special numbers")
    assert page.get_by_text("+12025550110", exact=True).is_visible()
    assert not page.locator(".copy:visible").count()
    page.click("summary >> text=Webhooks")
    assert page.get_by_text("Connection refused").first.is_visible()
    go(page.get_by_role("button", name="Clear inbox"))
    assert page.get_by_text("Waiting for the first message").is_visible()


@pytest.mark.parametrize("size", SIZES)
def test_inbox_is_accessible_and_fits(filled, new_page, size):
    page = new_page(viewport=size)
    page.goto(filled.url)
    for summary in page.locator("summary").all():
        summary.click()
    check_accessibility(page)
    assert page.locator(CONTROLS).evaluate_all(TOO_LOW) == []
    assert not page.evaluate(WIDER)


def test_special_number_is_tried_on_the_site_that_mounts_the_inbox(person, outbox):
    person.open(INBOX)
    person.page.click("summary >> text=Special numbers")
    with person.page.context.expect_page() as opened:
        person.page.get_by_role("button", name="Try +12025550123").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith(f"{PHONE_LOGIN}code/")
    assert outbox[-1].channel == "whatsapp"
    person.page.get_by_role("button", name="Clear inbox").wait_for()
    person.page.get_by_role("button", name="Clear inbox").click()
    person.page.get_by_text("Waiting for the first message").wait_for()


def test_special_number_is_tried_by_a_user_who_is_logged_in(person, outbox):
    person.log_in()
    person.open(INBOX)
    person.page.click("summary >> text=Special numbers")
    with person.page.context.expect_page() as opened:
        person.page.get_by_role("button", name="Try +12025550111").click()
    opened.value.wait_for_load_state()
    assert "can't send codes" in opened.value.inner_text("main")
    person.page.get_by_text("spam_detected").or_(person.page.get_by_text("blocked/suspicious")).first.wait_for()
