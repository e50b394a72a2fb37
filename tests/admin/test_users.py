"""The verifications on the page of a user."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission
from django.utils import timezone

from django_ding.admin.users import UserVerificationsInline
from tests.admin.helpers import LIST, permit


@pytest.fixture
def page_of(user, agent, monkeypatch):
    """The URL of a user's page, in an admin that has the inline."""
    monkeypatch.setattr(UserAdmin, "inlines", [UserVerificationsInline])
    agent.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
    return f"/admin/auth/user/{user.pk}/change/"


def rows(page):
    return page.text.count(f'<th scope="row"><a href="{LIST}')


def test_page_of_a_user_has_the_newest_ten(desk, page_of, make, user, other_user):
    now = timezone.now()
    for n in range(11):
        make(user=user, status="failed", error_code="timeout", created_at=now - timedelta(minutes=n))
    make(user=other_user)
    page = desk.get(page_of)
    assert rows(page) == 10
    assert "+33*******78" in page.text
    assert "The provider took too long to respond" in page.text
    assert f'<a href="{LIST}?user={user.pk}">All verifications of this user</a>' in page.text


def test_page_of_a_user_shows_numbers_with_the_permission(desk, agent, page_of, make, user):
    make(user=user)
    permit(agent, "view_full_phone")
    assert "+33\u00a06\u00a012\u00a034\u00a056\u00a078" in desk.get(page_of).text


def test_page_of_a_user_without_verifications(desk, page_of):
    assert "This user hasn't requested any codes." in desk.get(page_of).text


def test_page_of_a_user_without_the_permission(desk, agent, page_of, make, user):
    make(user=user)
    agent.user_permissions.remove(agent.user_permissions.get(codename="view_authentication"))
    assert "Phone verifications" not in desk.get(page_of).text
    assert "Phone verifications" not in desk.get("/admin/auth/user/add/").text


def test_user_is_saved_while_a_verification_comes(desk, page_of, make, user):
    page = desk.get(page_of)
    make(user=user)
    form = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    forms = {
        f"ding_authentications-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    joined = {"date_joined_0": "2026-06-01", "date_joined_1": "12:00:00", "user_permissions": [], "groups": []}
    answer = desk.post(page_of, {**form, **forms, **joined, "first_name": "Alice"})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Alice"


def test_inline_is_checked_by_django():
    assert UserAdmin.inlines == ()
    assert UserVerificationsInline(get_user_model(), admin.site).check() == []
