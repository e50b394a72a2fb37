"""The pages of blocks, lockouts, numbers and devices: a sentence, details, links, and who did what."""

import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from django_ding.admin.history import log_for_user
from django_ding.models import Lockout, LostPhoneNumber, PhoneNumber, RememberedDevice
from tests.admin.helpers import (
    BLOCKS,
    DEVICES,
    LIST,
    LOCKOUTS,
    LOST_NUMBERS,
    NUMBERS,
    REFUSALS,
    finds_nothing,
    permit,
    shown,
)

OTHER = "+447400123456"


@pytest.fixture
def number(clock, user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def lockout(clock, user, phone):
    fields = {"scope": "user", "requester_type": "user", "wrong_codes": 75, "active_key": "key"}
    return Lockout.objects.create(user=user, phone_number=phone, **fields)


def sentence(page):
    return " ".join(re.search(r'<p class="ding-sentence">(.*?)</p>', page.text, re.DOTALL)[1].split())


def follow(desk, page, text):
    """Return the keys of the rows that a link of a page leads to."""
    [url] = re.findall(rf'<a href="([^"]*)">{text}</a>', page.text)
    return shown(desk.get(url.replace("&amp;", "&")))


def test_block(desk, block, make, refuse):
    make(prefix="+3361234", phone_number="+33612345678")
    make(prefix="+3361235", phone_number="+33612355678")
    row = refuse(reason="conversion")
    page = desk.get(f"{BLOCKS}{block.pk}/change/")
    assert (
        sentence(page) == "No codes are sent there until June 1, 2026, 13:00:00 UTC: 1 of 20 requesters entered theirs."
    )
    assert len(follow(desk, page, "All verifications of these numbers")) == 1
    assert follow(desk, page, "All requests that were blocked for low conversion") == [row.pk]


def test_block_that_ended(desk, agent, block, clock):
    permit(agent, "lift_block")
    assert "Lift block" in desk.get(f"{BLOCKS}{block.pk}/change/").text
    clock.shift(timedelta(hours=2))
    page = desk.get(f"{BLOCKS}{block.pk}/change/")
    assert sentence(page) == "This block has expired. Codes can be sent there again."
    assert "Lift block" not in page.text
    block.lifted_at = timezone.now()
    block.save()
    assert sentence(desk.get(f"{BLOCKS}{block.pk}/change/")).startswith("This block was lifted.")


def test_filter_by_a_block_needs_the_permission(desk, agent, block, make):
    row = make(prefix="+3361234")
    assert shown(desk.get(LIST, {"block": block.pk})) == [row.pk]
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_block"))
    assert shown(desk.get(LIST, {"block": block.pk})) == []
    assert shown(desk.get(LIST, {"block": "x"})) == []


def test_lockout(desk, agent, lockout, make):
    permit(agent, "view_lockout")
    row = make()
    make(phone_number=OTHER)
    page = desk.get(f"{LOCKOUTS}{lockout.pk}/change/")
    assert sentence(page) == "No codes are accepted for this user: 75 incorrect codes were entered in a row."
    assert "then have the lockout lifted" in page.text
    assert follow(desk, page, "All verifications of this number") == [row.pk]
    assert follow(desk, page, "All lockouts of this user") == [lockout.pk]
    permit(agent, "lift_lockout")
    assert "then lift the lockout" in desk.get(f"{LOCKOUTS}{lockout.pk}/change/").text


def test_history_names_the_row_as_its_page_does(desk, agent, user):
    permit(agent, "view_lostphonenumber")
    lost = LostPhoneNumber.objects.create(user=user, reason="removed")
    history = desk.get(f"{LOST_NUMBERS}{lost.pk}/history/")
    assert "History: \u2066alice\u2069" in history.text
    assert desk.get(f"{LOST_NUMBERS}0/history/").url == "/admin/"


def test_number(desk, number, make, refuse, user):
    row, refusal = make(), refuse()
    page = desk.get(f"{NUMBERS}{number.pk}/change/")
    assert sentence(page) == "This number belongs to \u2066alice\u2069, who verified it on June 1, 2026, 12:00:00 UTC."
    assert follow(desk, page, "All verifications of this number") == [row.pk]
    assert follow(desk, page, "All blocked requests to this number") == [refusal.pk]
    assert follow(desk, page, "All phone numbers of this user") == [number.pk]


def test_links_are_those_that_lead_somewhere_and_may_be_followed(desk, agent, number, make, refuse):
    assert "All verifications" not in desk.get(f"{NUMBERS}{number.pk}/change/").text
    make()
    refuse()
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_refusal"))
    page = desk.get(f"{NUMBERS}{number.pk}/change/").text
    assert "All verifications of this number" in page
    assert REFUSALS not in page


@pytest.mark.parametrize(
    ("reason", "words"), [("removed", "was removed"), ("taken_over", "taken over by another"), ("erased", "was erased")]
)
def test_lost_number(desk, user, clock, reason, words):
    lost = LostPhoneNumber.objects.create(user=user, reason=reason)
    page = desk.get(f"{LOST_NUMBERS}{lost.pk}/change/")
    assert words in sentence(page)
    assert "June 1, 2026, 12:00:00\u00a0UTC" in page.text


def test_device(desk, user, clock):
    end = timezone.now() + timedelta(days=1)
    device = RememberedDevice.objects.create(user=user, key_hash="h", expires_at=end, name="Firefox")
    url = f"{DEVICES}{device.pk}/change/"
    assert "needs no code on this device until June 2, 2026" in sentence(desk.get(url))
    clock.shift(timedelta(days=2))
    assert "needs a code on this device again" in sentence(desk.get(url))


def test_search_for_devices_asks_for_a_user(desk, db):
    assert "Enter the exact username or email." in finds_nothing(desk, "nobody", DEVICES).text


def test_history_says_who_lifted_what(desk, agent, block):
    permit(agent, "lift_block")
    url = f"{BLOCKS}{block.pk}/change/"
    page = desk.get(url)
    assert "No actions yet." in page.text
    assert "Complete history" not in page.text
    desk.post(f"{BLOCKS}lift/", {"pk": block.pk})
    page = desk.get(url)
    [entry] = page.context["history"]
    assert entry.user == "agent"
    assert entry.text == "Lift block: Block lifted. Codes can be sent there again."
    assert entry.text in page.text
    [history] = re.findall(r'<a href="([^"]*)">Complete history</a>', page.text)
    assert "Block lifted." in desk.get(history).text


def test_history_of_a_verification(desk, agent, make):
    permit(agent, "refresh_authentication")
    row = make(backend="gone", authentication_uuid="u")
    desk.post(f"{LIST}refresh/", {"pk": row.pk})
    assert "Refresh status: Failed" in desk.get(f"{LIST}{row.pk}/change/").text


def test_history_masks_users_who_are_called_by_a_number(desk, agent, block):
    agent.username = "+33698765432"
    agent.save()
    permit(agent, "lift_block")
    desk.post(f"{BLOCKS}lift/", {"pk": block.pk})
    assert [entry.user for entry in desk.get(f"{BLOCKS}{block.pk}/change/").context["history"]] == ["+33*******32"]
    assert "<td>+33*******32</td>" in desk.get(f"{BLOCKS}{block.pk}/history/").text


def test_complete_history_of_a_row_that_is_gone(desk, db):
    assert desk.get(f"{BLOCKS}1/history/").status_code == 302


@pytest.mark.parametrize(
    ("permissions", "shown_number"), [([], "+33*******78"), (["view_full_phone"], "6 12 34 56 78")]
)
def test_history_masks_numbers_that_a_project_logged(desk, agent, block, permissions, shown_number):
    permit(agent, *permissions)
    log_for_user(Mock(user=agent), block, "Called +33 6 12 34 56 78")
    [entry] = desk.get(f"{BLOCKS}{block.pk}/change/").context["history"]
    assert entry.text.endswith(shown_number)
    assert shown_number in desk.get(f"{BLOCKS}{block.pk}/history/").text


def test_row_that_is_gone(desk, db):
    assert desk.get(f"{BLOCKS}1/change/").url == BLOCKS


def test_reason_of_a_blocked_request_is_in_words(desk, refuse):
    page = desk.get(f"{REFUSALS}{refuse(reason='user').pk}/change/")
    assert "Rate limit: per user" in page.text


@pytest.mark.parametrize("is_theme", [False, True])
def test_scripts_of_forms_are_for_themes(desk, agent, lockout, settings, tmp_path, is_theme):
    permit(agent, "view_lockout")
    if is_theme:
        frame = tmp_path / "admin" / "base.html"
        frame.parent.mkdir()
        frame.write_text("{% block extrahead %}{% endblock %}{% block content %}{% endblock %}")
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    for url in (LOCKOUTS, f"{LOCKOUTS}{lockout.pk}/change/"):
        assert ("jquery" in desk.get(url).text) == is_theme


def test_lists_and_pages_load_what_is_theirs(desk, agent, lockout):
    permit(agent, "view_lockout")
    for url, is_list in ((LOCKOUTS, True), (f"{LOCKOUTS}{lockout.pk}/change/", False)):
        page = desk.get(url).text
        assert "django_ding/admin.css" in page
        assert ("django_ding/lists.css" in page, "django_ding/copy.js" in page) == (is_list, not is_list)
        assert ("admin/js/actions.js" in page) == is_list
