"""Without the permission no page, message or file shows a full phone number."""

import re

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType

from django_ding.admin import details
from django_ding.admin.display import format_user
from django_ding.models import Authentication, LostPhoneNumber, PhoneNumber, RememberedDevice
from django_ding.services import create_recovery_code, send
from tests.admin.helpers import (
    BLOCKS,
    DEVICES,
    LIST,
    LOST_NUMBERS,
    NUMBERS,
    RECOVERY_CODES,
    REFUSALS,
    delivered,
    permit,
    sent,
)

ACTIONS = (
    "refresh_authentication",
    "send_feedback",
    "revoke_phonenumber",
    "lift_lostphonenumber",
    "lift_block",
    "create_recoverycode",
)
LINK = re.compile(r'href="([^"#]+)"')


@pytest.fixture
def world(db, phone, make, block, refuse):
    """Rows of every kind. The user is called by the number."""
    user = get_user_model().objects.create_user(phone, email=f"{phone}@example.com")
    send(phone, user=user)
    refuse(user=user, count=2)
    make((1, sent()), (5, delivered("undeliverable")), user=user, delivery_status="undeliverable")
    make(user=user, status="failed", error_code="invalid_phone_number")
    PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)
    RememberedDevice.objects.create(user=user, key_hash="h", expires_at=block.expires_at, name="Firefox")
    namesake = get_user_model().objects.create_user(f"{phone[:3]} {phone[3:]}")
    LostPhoneNumber.objects.create(user=namesake, reason="removed")
    create_recovery_code(namesake, created_by=user, reason=f"Called from {phone}")
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(block),
        object_id=block.pk,
        action_flag=CHANGE,
    )


def crawled(desk):
    """Follow the links of the app's pages, and return what they answer by their address."""
    waiting = [LIST, NUMBERS, LOST_NUMBERS, DEVICES, BLOCKS, REFUSALS, RECOVERY_CODES, "/admin/", "/admin/django_ding/"]
    pages = {}
    while waiting:
        url = waiting.pop()
        if url in pages or not url.startswith("/admin/"):
            continue
        answer = desk.get(url)
        assert answer.status_code in (200, 302), url
        pages[url] = answer.getvalue().decode()
        found = [link.replace("&amp;", "&") for link in LINK.findall(pages[url])]
        found = [link if link.startswith("/") else f"{url.partition('?')[0]}{link}" for link in found if link]
        waiting += [link for link in found if "/django_ding/" in link and is_worth_it(link)]
        assert len(pages) < 400
    return pages


def is_worth_it(link):
    """Leave out combined filters, and most days."""
    query = link.partition("?")[2]
    return "pk=" in query or (query.count("=") < 2 and "__gte=2026-" not in query)


def digits(text):
    """Return a page's digits, without what may stand between those of a number."""
    return re.sub(r"[ ().\-\u00a0]", "", re.sub(r"<[^>]*>", "|", text))


def test_no_page_shows_a_number_without_the_permission(desk, agent, world, phone):
    permit(agent, *ACTIONS)
    pages = crawled(desk)
    for part in (
        "/export/",
        "/history/",
        "/refresh/?pk=",
        "/revoke/?pk=",
        "/lift/?pk=",
        "?same_number_as=",
        "?same_number_as_refusal=",
        "/refusal/?same",
        "?user=",
    ):
        assert any(part in url for url in pages), part
    national = phone.removeprefix("+33")
    for url, page in pages.items():
        assert national not in url
        assert national not in digits(page), url
        assert national not in re.sub(r"\D", "", "".join(re.findall(r'"[^"]*"', page))), url


def test_pages_show_numbers_with_the_permission(desk, agent, world, phone):
    permit(agent, "view_full_phone")
    for url in (LIST, NUMBERS, REFUSALS):
        assert "+33\xa06\xa012\xa034\xa056\xa078" in desk.get(url).text
    [number] = PhoneNumber.objects.all()
    page = desk.get(f"{NUMBERS}{number.pk}/change/").text
    assert "+33\xa06\xa012\xa034\xa056\xa078" in page
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    assert "+33*******78" in title  # It stays in the history of the browser.


def test_actions_show_no_number(desk, agent, world, phone):
    permit(agent, *ACTIONS)
    national = phone.removeprefix("+33")
    for url, name in [(LIST, "refresh"), (LIST, "onboarded"), (NUMBERS, "revoke")]:
        keys = [row.pk for row in desk.get(url).context["cl"].result_list]
        page = desk.post(f"{url}{name}/", {"pk": keys}, follow=True).text
        assert "+33*******78\u2069:" in page
        assert national not in digits(page)
    assert LogEntry.objects.count() > 3
    assert not any(national in f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all())


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "+33612345678"])
def test_search_shows_no_number(desk, world, typed, phone):
    answer = desk.post(f"{LIST}search/", {"q": typed}, follow=True)
    national = phone.removeprefix("+33")
    assert national not in digits(answer.text)
    assert all(national not in url for url, _ in answer.redirect_chain)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alice", "alice"),
        ("+33612345678", "+33*******78"),
        ("0612345678", "********78"),
        ("Al (06 12 34 56 78)", "Al (********78)"),
        ("agent 007", "agent 007"),
        ("x33612345678@example.com", "x*********78@example.com"),
        ("user-13616ed842105463", "user-13616ed842105463"),  # A name that PhoneBackend makes up.
        ("user-33612345678", "user-*********78"),
    ],
)
def test_user_called_by_a_number(name, shown):
    assert format_user(name, full=False) == shown
    assert format_user(name, full=True) == name


def test_address_that_could_not_be_read_is_unknown():
    assert [details.client_ip(Authentication(ip=ip)) for ip in ("::", "192.0.2.1", None)] == [
        "unknown",
        "192.0.2.1",
        None,
    ]


def test_name_of_a_user_may_be_no_text():
    """Django's own ``__str__`` returns the user name, which a ``PhoneNumberField`` makes an object."""

    class Number:
        def __str__(self):
            return "+33612345678"

    user = get_user_model()(username=Number())
    assert format_user(user, full=True) == "+33612345678"
    assert format_user(user, full=False) == "+33*******78"
