"""Support creates a recovery code, reads it out, and revokes it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission

from django_ding.admin.users import UserVerificationsInline
from django_ding.models import LostPhoneNumber, PhoneNumber, RecoveryCode
from django_ding.services import complete_recovery, create_recovery_code, redeem_recovery_code
from tests.admin.helpers import LIST, LOST_NUMBERS, NUMBERS, RECOVERY_CODES, permit, shown

pytestmark = pytest.mark.django_db

CREATE = f"{RECOVERY_CODES}create/"
REVOKE = f"{RECOVERY_CODES}revoke-code/"
REASON = "Ticket 4711: passport checked"
LABEL = "Create recovery code"


@pytest.fixture
def number(user, phone):
    return PhoneNumber.objects.create(user=user, phone_number=phone, is_primary=True)


@pytest.fixture
def helper(agent):
    permit(agent, "create_recoverycode")
    return agent


def create(desk, user, **data):
    return desk.post(CREATE, {"user": user.pk, "reason": REASON, "next": NUMBERS, **data})


def test_code_is_shown_once_and_works(desk, helper, user, number):
    page = desk.get(CREATE, {"user": user.pk, "next": NUMBERS})
    assert "alice" in page.text
    assert "+33*******78" in page.text
    answer = create(desk, user)
    code = answer.context["code"].replace(" ", "")
    assert answer.context["code"] in answer.text
    assert f'href="{NUMBERS}"' in answer.text
    assert "no-store" in answer["Cache-Control"]
    row = RecoveryCode.objects.get()
    assert (row.user, row.created_by, row.reason) == (user, helper, REASON)
    assert code not in str(dict(desk.session.items())) + str(desk.cookies) + str([*LogEntry.objects.values()])
    assert all(code not in desk.get(url).text for url in (RECOVERY_CODES, f"{RECOVERY_CODES}{row.pk}/change/"))
    assert redeem_recovery_code(code, user=user).recovery_code == row


def test_reason_is_in_both_histories(desk, helper, user, number):
    create(desk, user, reason="Called from +33 6 12 34 56 78")
    message = "Recovery code created: Called from +33*******78"
    entries = LogEntry.objects.order_by("content_type__model").values_list("content_type__model", "object_id")
    assert list(entries) == [("recoverycode", str(RecoveryCode.objects.get().pk)), ("user", str(user.pk))]
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {message}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_reason_is_required_and_short(desk, helper, user, reason):
    answer = create(desk, user, reason=reason)
    assert "errorlist" in answer.text
    assert not RecoveryCode.objects.exists()


def test_code_needs_the_permission(desk, agent, user, number):
    assert desk.get(CREATE, {"user": user.pk}).status_code == 403
    assert create(desk, user).status_code == 403
    assert LABEL not in desk.get(f"{NUMBERS}{number.pk}/change/").text
    assert not RecoveryCode.objects.exists()


def test_no_code_for_oneself_or_for_staff(desk, helper):
    boss = get_user_model().objects.create_user("boss", is_staff=True)
    assert create(desk, helper).status_code == create(desk, boss).status_code == 403


@pytest.mark.parametrize("key", ["", "0", "x", str(10**30)])
def test_unknown_user(desk, helper, key):
    assert desk.get(CREATE, {"user": key}).status_code == 404


def test_next_stays_on_the_site(desk, helper, user):
    assert create(desk, user, next="https://evil.example/").context["next_url"] == RECOVERY_CODES


def test_pages_of_a_users_rows_lead_to_it(desk, helper, user, number, make, other_user):
    lost = LostPhoneNumber.objects.create(user=other_user, reason="removed")
    expected = {
        f"{NUMBERS}{number.pk}/change/": user,
        f"{LOST_NUMBERS}{lost.pk}/change/": other_user,
        f"{LIST}{make(user=other_user).pk}/change/": other_user,
        f"{LIST}{make(purpose='login').pk}/change/": user,  # By whose number it is.
    }
    for url, whose in expected.items():
        (link,) = [link for link in desk.get(url).context["action_links"] if str(link["label"]) == LABEL]
        assert desk.get(link["url"]).context["user_key"] == whose.pk
        assert desk.get(link["url"]).context["next_url"] == url


def test_verification_of_nobody_has_no_such_link(desk, helper, make):
    assert LABEL not in desk.get(f"{LIST}{make(purpose='signup').pk}/change/").text


def test_list_says_how_far_each_got(desk, helper, user, other_user):
    first = create_recovery_code(user, created_by=helper, reason="Called from +33 6 12 34 56 78")
    redeem_recovery_code(first.code, user=user)
    create_recovery_code(other_user, created_by=helper, reason=REASON)
    page = desk.get(RECOVERY_CODES)
    assert len(shown(page)) == 2
    for text in ("entered, no new number yet", "can be entered", "+33*******78", REASON, "agent"):
        assert text in page.text
    permit(helper, "view_full_phone")
    assert "Called from +33 6 12 34 56 78" in desk.get(RECOVERY_CODES).text


def test_revoke(desk, helper, user):
    created = create_recovery_code(user, created_by=helper, reason=REASON)
    page = desk.get(f"{RECOVERY_CODES}{created.recovery_code.pk}/change/").text
    assert f"{REVOKE}?pk={created.recovery_code.pk}" in page
    assert "The user&#x27;s numbers stay as they are." in desk.get(REVOKE, {"pk": created.recovery_code.pk}).text
    desk.post(REVOKE, {"pk": created.recovery_code.pk})
    assert RecoveryCode.objects.get().status == "revoked"
    assert redeem_recovery_code(created.code, user=user).recovery_code is None
    assert REVOKE not in desk.get(f"{RECOVERY_CODES}{created.recovery_code.pk}/change/").text


def test_viewing_is_not_revoking(desk, agent, helper, user):
    created = create_recovery_code(user, created_by=helper, reason=REASON)
    agent.user_permissions.clear()
    permit(agent, "view_recoverycode")
    assert REVOKE not in desk.get(f"{RECOVERY_CODES}{created.recovery_code.pk}/change/").text
    assert desk.post(REVOKE, {"pk": created.recovery_code.pk}).status_code == 403


def test_page_of_a_code_says_how_far_its_user_got(clock, desk, helper, user):
    created = create_recovery_code(user, created_by=helper, reason=REASON)
    page = f"{RECOVERY_CODES}{created.recovery_code.pk}/change/"
    assert "The user can enter this code in place of the one from a message." in desk.get(page).text
    redeem_recovery_code(created.code, user=user)
    text = desk.get(page).text
    assert "The code was entered. The user hasn&#x27;t verified a new number yet." in text
    assert REASON in text
    complete_recovery(created.recovery_code, PhoneNumber.objects.create(user=user, phone_number="+447400123456"))
    assert "The user entered the code and verified a new number." in desk.get(page).text
    second = create_recovery_code(user, created_by=helper, reason=REASON).recovery_code
    clock.shift(900)
    assert "This code expired. The user never entered it." in desk.get(f"{RECOVERY_CODES}{second.pk}/change/").text


def test_page_of_a_user_leads_to_it(desk, helper, user, number, monkeypatch):
    monkeypatch.setattr(UserAdmin, "inlines", [UserVerificationsInline])
    helper.user_permissions.add(Permission.objects.get(codename="view_user"))
    page = desk.get(f"/admin/auth/user/{user.pk}/change/").text
    assert f"{CREATE}?user={user.pk}&amp;next=" in page
