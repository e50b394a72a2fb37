"""A search leads to what was meant, and leaves no number in an address."""

from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client

from django_ding.admin.search import search_user
from django_ding.models import PhoneNumber
from tests.admin.helpers import BLOCKS, DEVICES, LIST, NUMBERS, finds_nothing, search

PROVIDERS_ID = "0D7A9C1E-6a57-4d60-9a1c-0c2f1f1d7b11"


@pytest.mark.parametrize(
    "typed",
    [
        "06 12 34 56 78",
        "0612345678",
        "0033 6 12 34 56 78",
        "+33 6 12 34 56 78",
        "+33612345678",
        "٠٦١٢٣٤٥٦٧٨",
        " 06-12-34-56-78 ",
    ],
)
def test_number_in_any_format(desk, make, typed):
    rows = [make(), make()]
    make(phone_number="+33612345679")
    url = search(desk, typed)
    assert url == f"{LIST}?same_number_as={rows[1].pk}"
    assert {row.pk for row in desk.get(url).context["cl"].result_list} == {row.pk for row in rows}


def test_ids(desk, make):
    row = make(authentication_uuid=PROVIDERS_ID.lower())
    other = make(authentication_uuid="vrf_01jc0t6fwwfgfsq1md24mhyztj")
    for typed in (str(row.public_id), row.public_id.hex, PROVIDERS_ID):
        assert search(desk, typed) == f"{LIST}{row.pk}/change/"
    assert search(desk, other.authentication_uuid) == f"{LIST}{other.pk}/change/"


def test_newest_of_those_that_share_the_providers_id(desk, make):
    _, newest = make(authentication_uuid=PROVIDERS_ID), make(authentication_uuid=PROVIDERS_ID)
    assert search(desk, PROVIDERS_ID) == f"{LIST}{newest.pk}/change/"


@pytest.mark.parametrize("typed", ["alice", "Alice@Example.com", "alice@example.com"])
def test_user(desk, user, typed):
    user.email = "alice@example.com"
    user.save()
    assert search(desk, typed) == f"{LIST}?user={user.pk}"


@pytest.mark.parametrize("typed", ["+44 7700 900123", "0044 (7700) 900-123", "+447700900123"])
def test_number_for_fiction(desk, make, typed):
    row = make(phone_number="+447700900123")
    assert search(desk, typed) == f"{LIST}?same_number_as={row.pk}"


def test_users_who_share_an_email(desk, make, user, other_user):
    get_user_model().objects.update(email="both@example.com")
    rows = [make(user=user), make(user=other_user)]
    page = desk.get(search(desk, "both@example.com"))
    assert {row.pk for row in page.context["cl"].result_list} == {row.pk for row in rows}


def test_user_named_by_a_number(desk, make):
    user = get_user_model().objects.create_user("0612345678")
    assert search(desk, "0612345678") == f"{LIST}?user={user.pk}"
    make()
    assert "same_number_as" in search(desk, "0612345678")


@pytest.mark.parametrize(
    "typed", ["+33 6 99 99 99 99", "5678", "nobody", "no@body", str(UUID(int=7)), "x" * 300, "x\0y", "'"]
)
def test_nothing(desk, make, typed):
    row = make()
    page = finds_nothing(desk, typed)
    assert "Enter the complete number, the exact username or email, or an ID." in page.text
    assert f"{LIST}{row.pk}/change/" not in page.text
    assert "cl" not in page.context


def test_nothing_names_what_was_typed_on_that_page_only(desk, make):
    make()
    assert 'value="+33 6 99 99 99 99"' in finds_nothing(desk, "+33 6 99 99 99 99").text
    assert "99 99" not in desk.get(LIST).text
    assert "<b>" not in finds_nothing(desk, "<b>").text.partition('id="content-main"')[2]


def test_empty(desk, db):
    assert search(desk, "  ") == LIST
    assert "No results" not in desk.get(LIST).text


def test_verified_numbers(desk, user, phone):
    number = PhoneNumber.objects.create(user=user, phone_number=phone)
    assert search(desk, "06 12 34 56 78", NUMBERS) == f"{NUMBERS}{number.pk}/change/"
    assert search(desk, "alice", NUMBERS) == f"{NUMBERS}?user={user.pk}"
    assert [row.pk for row in desk.get(f"{NUMBERS}?user={user.pk}").context["cl"].result_list] == [number.pk]


def test_devices(desk, user):
    assert search(desk, "alice", DEVICES) == f"{DEVICES}?user={user.pk}"


def test_blocks_have_no_search(desk, block):
    assert 'name="q"' not in desk.get(BLOCKS).text


def test_needs_post_and_the_view_permission(desk, agent, db):
    assert desk.get(f"{LIST}search/?q=0612345678").status_code == 405
    agent.user_permissions.clear()
    assert desk.post(f"{LIST}search/", {"q": "0612345678"}).status_code == 403
    assert "/admin/login/" in Client().post(f"{LIST}search/", {"q": "0612345678"}).url


def test_needs_the_token_of_the_form(agent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert client.post(f"{LIST}search/", {"q": "0612345678"}).status_code == 403


def test_user_whom_the_default_manager_hides(user, monkeypatch):
    """A user who was deleted softly still has rows here, of which support wants to know."""

    class Nobody(models.Manager):
        def get_queryset(self):
            return super().get_queryset().none()

    hidden = Nobody()
    hidden.model = get_user_model()
    monkeypatch.setattr(get_user_model()._meta, "default_manager", hidden)
    assert search_user("alice").filters == {"user": str(user.pk)}
