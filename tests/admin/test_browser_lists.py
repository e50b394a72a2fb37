"""The lists of the admin and the pages of rows, in Chromium: what is seen without scrolling, and where links lead."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission

from django_ding import clock
from django_ding.admin.users import UserVerificationsInline
from django_ding.models import Authentication, Block, Lockout, LostPhoneNumber, PhoneNumber, Refusal, RememberedDevice
from tests.admin.helpers import BLOCKS, DEVICES, LIST, LOCKOUTS, LOST_NUMBERS, NUMBERS, REFUSALS, log_in, permit
from tests.browser import check_accessibility, go

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]

NUMBER, OTHER = "+12025550123", "+12025550124"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture
def rows(site):
    """One row of each list, of the same number and user, and a verification of another number."""
    now = clock.now()
    user = get_user_model().objects.create_user("a.user.with.a.long.name")
    common = {"created_at": now - timedelta(minutes=5), "expires_at": now, "country": "US", "prefix": "+1202555"}
    failed = {"status": "failed", "error_code": "spending_limit_exceeded", "purpose": "second_factor"}
    row = Authentication.objects.create(phone_number=NUMBER, user=user, **common, **failed)
    fraud = {"status": "spam_detected", "error_code": "spam_detected", "channel": "sms", "retry_count": 1}
    fraud |= {"purpose": "signup", "delivery_status": "undeliverable"}
    Authentication.objects.create(phone_number=OTHER, **common | {"created_at": now - timedelta(days=40)}, **fraud)
    times = {"hour": now.replace(minute=0, second=0, microsecond=0), "first_at": now, "last_at": now}
    end = now + timedelta(hours=1)
    return {
        LIST: row,
        REFUSALS: Refusal.objects.create(phone_number=NUMBER, country="US", reason="conversion", user=user, **times),
        BLOCKS: Block.objects.create(scope="prefix", subject="+1202555", sends=20, validated=1, expires_at=end),
        LOCKOUTS: Lockout.objects.create(scope="phone", phone_number=NUMBER, wrong_codes=75, active_key="k"),
        NUMBERS: PhoneNumber.objects.create(user=user, phone_number=NUMBER, is_primary=True),
        LOST_NUMBERS: LostPhoneNumber.objects.create(
            user=get_user_model().objects.create_user("lost"), reason="removed"
        ),
        DEVICES: RememberedDevice.objects.create(user=user, key_hash="h", expires_at=end, name="Firefox"),
    }


@pytest.fixture
def arrive(agent, rows, open_page):
    """Log in, and open the list of verifications."""
    permit(agent, "view_lockout", "view_full_phone", "lift_block", "refresh_authentication")
    return lambda **options: log_in(open_page(**{"viewport": WIDE, **options}), LIST)


def overflow(page):
    """Return by how many pixels the rows are wider than their place."""
    return page.eval_on_selector(".results", "element => element.scrollWidth - element.clientWidth")


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_lists_need_no_scrolling(arrive, rows, viewport, locale):
    page = arrive(viewport=viewport, locale=locale)
    for url in rows:
        page.goto(url)
        assert overflow(page) == 0, url
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"], url
    page.goto(LIST)
    assert page.locator("#result_list thead th").count() == 8  # With that of the checkboxes.


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_page_of_a_user_needs_no_scrolling(arrive, rows, agent, monkeypatch, viewport):
    monkeypatch.setattr(UserAdmin, "inlines", [UserVerificationsInline])
    agent.user_permissions.add(Permission.objects.get(codename="view_user"))
    page = arrive(viewport=viewport, locale="de")
    page.goto(f"/admin/auth/user/{rows[LIST].user_id}/change/")
    row = page.locator(".ding-user tbody tr").bounding_box()
    requested = page.locator(".ding-user .field-requested").bounding_box()
    assert row["x"] <= requested["x"]
    assert requested["x"] + requested["width"] <= row["x"] + row["width"] <= viewport["width"]
    assert row["height"] < 120


def test_number_status_and_reason_are_seen_on_a_phone(arrive):
    page = arrive(viewport=NARROW)
    for cell in ("th.field-number", "td.field-status", "td.field-reason", "td.field-requested", "td.field-user"):
        box = page.locator(f"#result_list tbody tr:first-child {cell}").bounding_box()
        assert box["x"] >= 0, cell
        assert box["x"] + box["width"] <= NARROW["width"], cell


def test_device_has_a_line_of_its_own_on_a_phone(arrive, rows):
    RememberedDevice.objects.update(name="Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/130")
    page = arrive(viewport=NARROW)
    page.goto(DEVICES)
    assert page.locator("#result_list .field-device").bounding_box()["width"] > 300


def test_agent_filters_by_reason(arrive):
    page = arrive()
    assert not page.locator(".ding-scrollable").first.is_visible()
    page.locator(".ding-filter summary", has_text="Reason").click()
    go(page.locator(".ding-scrollable a", has_text="spending limit"))
    assert page.locator("#result_list tbody tr").count() == 1
    assert "spending limit" in page.inner_text(".ding-filter:has(b) summary")
    go(page.get_by_text("Clear all filters"))
    assert page.locator("#result_list tbody tr").count() == 2


def test_search_in_vain_shows_no_strangers(arrive):
    page = arrive()
    page.fill("#ding-search", "0202 555 01")
    with page.expect_navigation():
        page.press("#ding-search", "Enter")
    assert page.url.endswith(f"{LIST}search/")
    assert "No results for “0202 555 01”. Enter the complete number" in page.inner_text("#content-main")
    assert page.locator("#result_list").count() == 0
    assert page.input_value("#ding-search") == "0202 555 01"


def test_number_keeps_its_order_in_a_right_to_left_language(arrive):
    page = arrive(locale="ar")
    page.fill("#ding-search", "0202 555 01")
    assert page.eval_on_selector("#ding-search", "input => getComputedStyle(input).direction") == "ltr"
    with page.expect_navigation():
        page.press("#ding-search", "Enter")
    first, last = page.locator(".ding-note bdi").evaluate("""element => ["0202", "01"].map(digits => {
        const range = document.createRange(), text = element.firstChild;
        range.setStart(text, text.data.lastIndexOf(digits));
        range.setEnd(text, text.data.lastIndexOf(digits) + digits.length);
        return range.getBoundingClientRect().left;
    })""")
    assert first < last


def test_flag_comes_first_in_each_direction(arrive, rows):
    for locale, is_left in (("en", True), ("ar", False)):
        page = arrive(locale=locale)
        page.goto(f"{LIST}{rows[LIST].pk}/change/")
        for place in ("h1", ".ding-details"):
            flag, number = (page.locator(f"{place} .ding-number > {part}").first for part in (".ding-flag", "bdi"))
            assert (flag.bounding_box()["x"] < number.bounding_box()["x"]) == is_left, (locale, place)


def test_agent_goes_from_the_block_to_the_verifications_and_sees_who_lifted_it(arrive, rows):
    page = arrive()
    page.goto(f"{BLOCKS}{rows[BLOCKS].pk}/change/")
    go(page.get_by_text("All verifications of these numbers"))
    assert page.locator("#result_list tbody tr").count() == 2
    page.go_back()
    go(page.locator(".ding-actions a"))
    go(page.locator("input[type=submit]"))
    assert page.inner_text(".ding-sentence").startswith("This block was lifted.")
    assert "agent" in page.inner_text(".ding-history")
    go(page.get_by_text("Complete history"))
    assert "Block lifted." in page.inner_text("#change-history")


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_pages_are_accessible(arrive, rows, viewport):
    page = arrive(viewport=viewport)
    for url, row in rows.items():
        for place in (url, f"{url}{row.pk}/change/"):
            page.goto(place)
            if page.locator(".ding-filter").count():
                page.locator(".ding-filter summary").first.click()
                assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
            check_accessibility(page)
