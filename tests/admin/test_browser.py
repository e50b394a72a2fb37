"""What a support agent does, in Chromium, under a strict policy for scripts and styles."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_ding.models import Block, PhoneNumber, Refusal
from django_ding.phone import country
from django_ding.services import DeviceSignals, check, refresh, send
from tests.admin.helpers import BLOCKS, LIST, NUMBERS, REFUSALS, log_in, permit
from tests.browser import check_accessibility, go
from tests.targets import small_targets

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def row(site, outbox, phone):
    """An authentication of a user's, and what else support looks at."""
    alice = get_user_model().objects.create_user("alice")
    row = send(
        phone, user=alice, ip="192.0.2.7", device_signals=DeviceSignals(device_model="Fairphone 5")
    ).authentication
    refresh(row)
    check(row, "0000")
    PhoneNumber.objects.create(user=alice, phone_number=phone, is_primary=True)
    end = timezone.now() + timedelta(hours=1)
    Block.objects.create(scope="country", subject="GB", sends=100, validated=3, expires_at=end)
    refused(phone, "phone", user=alice, count=3, ip="192.0.2.7")
    return row


def refused(number, reason, **fields):
    now = timezone.now()
    times = {"hour": now.replace(minute=0, second=0, microsecond=0), "first_at": now, "last_at": now}
    return Refusal.objects.create(phone_number=number, country=country(number), reason=reason, **times, **fields)


@pytest.fixture
def arrive(agent, open_page):
    """Log in, and open the list of verifications."""
    return lambda **options: log_in(open_page(**options), LIST)


def find(page, typed):
    page.fill("#ding-search", typed)
    with page.expect_navigation():
        page.press("#ding-search", "Enter")


@pytest.mark.parametrize(
    ("codenames", "number"), [([], "+33*******78"), (["view_full_phone"], "+33\xa06\xa012\xa034\xa056\xa078")]
)
def test_agent_finds_the_timeline(arrive, agent, row, codenames, number):
    permit(agent, *codenames)
    page = arrive()
    find(page, "06 12 34 56 78")
    assert page.url.endswith(f"{LIST}?same_number_as={row.pk}")
    assert page.locator("#result_list tbody tr").count() == 1
    assert number in page.inner_text("#result_list")
    go(page.locator("#result_list th a"))
    assert number in page.inner_text("h1")
    assert re.search(r"delivered|sent|carrier", page.inner_text(".ding-sentence"))
    timeline = page.locator("#ding-timeline + .ding-timeline").inner_text()
    assert "Message sent by SMS." in timeline
    assert "Incorrect code entered." in timeline
    assert "Fairphone 5" in page.inner_text("#ding-details + .ding-details")
    assert ("612345678" in re.sub(r"\s|&nbsp;", "", page.content())) == bool(codenames)


def test_agent_learns_why_nothing_was_sent(arrive, row):
    refused("+33612345679", "conversion")
    page = arrive()
    find(page, "06 12 34 56 79")
    assert page.locator("#result_list").count() == 0
    go(page.locator("text=View them"))
    assert page.locator("#result_list tbody tr").count() == 1
    go(page.locator("#result_list th a"))
    assert "low conversion" in page.inner_text(".ding-sentence")


def test_agent_exports_the_list(arrive, row, tmp_path):
    page = arrive()
    with page.expect_download() as download:
        page.get_by_text("Export CSV").click()
    path = Path(tmp_path / "list.csv")
    download.value.save_as(path)
    [line] = csv.DictReader(path.read_text().splitlines())
    assert (download.value.suggested_filename, line["phone_number"]) == ("authentications.csv", "'+33*******78")


def test_agent_refreshes_the_status_from_the_list(arrive, agent, row):
    permit(agent, "refresh_authentication")
    page = arrive()
    page.check("#result_list .action-select")
    page.select_option("[name=action]", "refresh")
    go(page.locator("button[name=index]"))
    go(page.locator("input[type=submit][value='Refresh status']"))
    assert "+33*******78\u2069: Status refreshed." in page.inner_text(".messagelist")
    assert page.url.endswith(LIST)


def test_agent_lifts_a_block(arrive, agent, row, site):
    permit(agent, "lift_block")
    page = arrive()
    page.goto(f"{site}{BLOCKS}")
    go(page.locator("#result_list th a"))
    go(page.locator("text=Lift block"))
    go(page.locator("input[type=submit]"))
    assert "Block lifted." in page.inner_text(".messagelist")


def test_agent_narrows_the_list_to_a_day(arrive, row):
    page = arrive()
    page.locator("#changelist-filter summary", has_text="Date").click()
    go(page.locator("#changelist-filter >> text=Today"))
    assert page.locator("#result_list tbody tr").count() == 1
    page.locator("#changelist-filter summary", has_text="Date").click()
    go(page.locator("#changelist-filter >> text=Any date"))
    assert page.url.rstrip("?").endswith(LIST)


def places(row):
    number, block, refusal = PhoneNumber.objects.get(), Block.objects.get(), Refusal.objects.get()
    return [
        *(
            LIST,
            f"{LIST}?created_at__gte={row.created_at:%Y-%m}-01&status=pending&channel=sms",
            f"{LIST}{row.pk}/change/",
        ),
        *(f"{LIST}refresh/?pk={row.pk}", NUMBERS, f"{NUMBERS}{number.pk}/change/", f"{NUMBERS}revoke/?pk={number.pk}"),
        *(BLOCKS, f"{BLOCKS}{block.pk}/change/", f"{BLOCKS}lift/?pk={block.pk}"),
        *(REFUSALS, f"{REFUSALS}{refusal.pk}/change/", f"{LIST}?same_number_as={row.pk}"),
    ]


def test_pages_are_accessible(arrive, agent, row, site):
    permit(agent, "refresh_authentication", "send_feedback", "revoke_phonenumber", "lift_block")
    page = arrive()
    for place in places(row):
        page.goto(f"{site}{place}")
        check_accessibility(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_easy_to_touch(arrive, agent, row, site, width):
    permit(agent, "refresh_authentication", "send_feedback", "revoke_phonenumber", "lift_block")
    page = arrive(viewport={"width": width, "height": 640})
    for place in places(row):
        page.goto(f"{site}{place}")
        assert small_targets(page, "#content") == [], place


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_pages_fit_a_small_phone(arrive, agent, row, site, locale):
    permit(agent, "refresh_authentication", "send_feedback", "revoke_phonenumber", "lift_block")
    page = arrive(viewport={"width": 320, "height": 640}, locale=locale)
    for place in places(row):
        page.goto(f"{site}{place}")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, place
