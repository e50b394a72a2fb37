"""The view permissions, and that nothing can be changed."""

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from django_ding.models import LostPhoneNumber, PhoneNumber, RecoveryCode, RememberedDevice
from tests.admin.helpers import BLOCKS, DEVICES, LIST, LOST_NUMBERS, NUMBERS, RECOVERY_CODES, REFUSALS, permit

ROOT = Path(__file__).parents[2]
EVERY = [LIST, NUMBERS, LOST_NUMBERS, DEVICES, BLOCKS, REFUSALS, RECOVERY_CODES]


@pytest.fixture
def chief(db) -> Client:
    """The browser of a superuser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("chief"))
    return client


@pytest.fixture
def rows(make, user, other_user, phone, block, refuse):
    number = PhoneNumber.objects.create(user=user, phone_number=phone)
    device = RememberedDevice.objects.create(user=user, key_hash="h", expires_at=block.expires_at, name="Firefox")
    lost = LostPhoneNumber.objects.create(user=other_user, reason="removed")
    code = RecoveryCode.objects.create(user=other_user, expires_at=block.expires_at)
    users = {NUMBERS: number, LOST_NUMBERS: lost, DEVICES: device, RECOVERY_CODES: code}
    return {LIST: make(), BLOCKS: block, REFUSALS: refuse(), **users}


@pytest.mark.parametrize("url", EVERY)
def test_without_the_permission(desk, agent, rows, url):
    agent.user_permissions.clear()
    assert desk.get(url).status_code == 403
    assert desk.get(f"{url}{rows[url].pk}/change/").status_code == 403


@pytest.mark.parametrize("url", EVERY)
def test_not_even_a_superuser_changes_a_row(chief, rows, url):
    page = f"{url}{rows[url].pk}"
    assert chief.get(f"{page}/change/").status_code == 200
    assert chief.post(f"{page}/change/", {"_save": "Save"}).status_code == 405
    assert chief.get(f"{url}add/").status_code == 403
    assert chief.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    chief.post(url, {"action": "delete_selected", "_selected_action": [rows[url].pk], "post": "yes"})
    assert type(rows[url]).objects.filter(pk=rows[url].pk).exists()
    assert "delete" not in chief.get(url).text.lower()


def test_user_can_be_deleted_with_what_is_theirs(chief, rows, user):
    url = f"/admin/auth/user/{user.pk}/delete/"
    assert "doesn't have permission" not in chief.get(url).text
    assert chief.post(url, {"post": "yes"}).status_code == 302
    assert not PhoneNumber.objects.exists()
    assert not RememberedDevice.objects.exists()


def test_deleting_a_user_needs_the_permissions_for_their_rows(desk, agent, rows, user):
    agent.user_permissions.add(*Permission.objects.filter(codename__in=["delete_user", "view_user"]))
    url = f"/admin/auth/user/{user.pk}/delete/"
    assert desk.post(url, {"post": "yes"}).status_code == 403
    permit(agent, "delete_phonenumber", "delete_remembereddevice")
    assert desk.post(url, {"post": "yes"}).status_code == 302


def test_every_permission_is_documented(db):
    section = (ROOT / "docs" / "admin.md").read_text().partition("\n## Permissions")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    codenames = Permission.objects.filter(content_type__app_label="django_ding").values_list("codename", flat=True)
    assert sorted(codenames) == sorted(re.findall(r"\w+", " ".join(cells)))


def test_index_offers_only_to_view(chief, db):
    page = chief.get("/admin/django_ding/").text
    assert "Verifications" in page
    assert "/admin/django_ding/authentication/add/" not in page
