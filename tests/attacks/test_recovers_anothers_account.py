"""Into another's account by way of its recovery: with the phone, with the password, or from the support desk."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.views.decorators.debug import sensitive_variables

from django_ding import services
from django_ding.models import RecoveryCode
from django_ding.services import create_recovery_code
from tests.admin.helpers import permit
from tests.login.helpers import ALICE, LOGIN, LOGIN_CODE, SECOND_FACTOR, signed_in

pytestmark = pytest.mark.django_db

RECOVERY = "/phone/recovery/"
NEW_NUMBER = "/phone/recovery/number/"
CREATE = "/admin/django_ding/recoverycode/create/"
NEW = "+447400123456"


@pytest.fixture
def site(settings):
    settings.ROOT_URLCONF = "tests.attacks.test_takes_away_the_second_factor"
    settings.LOGIN_REDIRECT_URL = "/"
    settings.LOGIN_URL = "/password/"


@pytest.fixture
def owner(site, user, phone):
    """Alice, with a password and a number, who has lost her phone and called support."""
    user.set_password("secret")
    user.save()
    user.ding_phone_numbers.create(phone_number=phone, is_primary=True)
    return user


@pytest.fixture
def agent(site):
    return get_user_model().objects.create_user("agent", is_staff=True)


@pytest.fixture
def code(owner, agent):
    return create_recovery_code(owner, created_by=agent, reason="Passport checked").code


def test_thief_of_the_password_can_not_guess_the_code(code, owner):
    thief = Client()
    thief.post("/password/", ALICE)
    for number in range(20):
        thief.post(RECOVERY, {"code": f"{number:010}"})
    assert RecoveryCode.objects.get().check_count == 5
    assert thief.get(NEW_NUMBER).status_code == 302
    assert signed_in(thief) == ""


def test_stranger_who_knows_the_number_uses_up_nothing(code, owner, phone, outbox):
    stranger, rescued = Client(), Client()
    stranger.post(LOGIN, {"phone_number": phone})
    for number in range(10):
        stranger.post(LOGIN_CODE, {"code": f"{number:010}"})
    assert RecoveryCode.objects.get().check_count == 0
    rescued.post("/password/", ALICE)
    rescued.post(RECOVERY, {"code": code})
    assert rescued.get(NEW_NUMBER).status_code == 200


def test_stranger_can_not_tell_by_the_time_that_there_is_a_code(owner, agent, phone, outbox):
    """What takes time is what is written."""
    stranger, writes = Client(), []
    stranger.post(LOGIN, {"phone_number": phone})
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            stranger.post(LOGIN_CODE, {"code": "0000000000"})
        writes.append([sql.split()[:2] for query in queries if (sql := query["sql"]).startswith(("UPDATE", "INSERT"))])
        create_recovery_code(owner, created_by=agent, reason="Passport checked")
    assert writes[0] == writes[1]


def test_thief_of_the_phone_sees_no_difference(owner, agent, phone):
    pages = []
    for _ in range(2):
        thief = Client()
        thief.post("/password/", ALICE)
        pages.append((thief.get(SECOND_FACTOR).context["recovery_url"], thief.get(RECOVERY).status_code))
        create_recovery_code(owner, created_by=agent, reason="Passport checked")
    assert pages == [(RECOVERY, 200)] * 2


def test_thief_of_the_phone_keeps_nothing_that_was_begun_with_it(code, owner, phone, outbox):
    """A code that was sent before opens nothing, and the limits that it used up keep nobody out."""
    thief, rescued = Client(), Client()
    thief.post(LOGIN, {"phone_number": phone})
    stolen = outbox[-1].code
    assert RECOVERY in rescued.post("/password/", ALICE).text
    rescued.post(RECOVERY, {"code": code})
    rescued.post(NEW_NUMBER, {"phone_number": NEW})
    rescued.post(f"{NEW_NUMBER}code/", {"code": outbox[-1].code})
    assert signed_in(rescued) == str(owner.pk)
    thief.post(LOGIN_CODE, {"code": stolen})
    assert signed_in(thief) == ""


def test_code_read_over_the_shoulder_opens_nothing_by_itself(code, owner):
    stranger = Client()
    assert stranger.post(RECOVERY, {"code": code}).status_code == 302
    assert RecoveryCode.objects.get().status == "active"


@pytest.mark.parametrize("path", [RECOVERY, NEW_NUMBER, f"{NEW_NUMBER}code/", f"{NEW_NUMBER}code/resend/"])
def test_another_site_can_not_submit_the_pages(site, path):
    assert Client(enforce_csrf_checks=True).post(path, {"code": "0000000000"}).status_code == 403


def test_code_is_in_no_cache_and_no_next(owner, agent):
    permit(agent, "create_recoverycode")
    desk = Client()
    desk.force_login(agent)
    page = desk.post(CREATE, {"user": owner.pk, "reason": "x", "next": "https://evil.example/"})
    assert RecoveryCode.objects.exists()
    assert "no-store" in page["Cache-Control"]
    assert "evil.example" not in page.text


@pytest.mark.parametrize("broken", ["create_recovery_code", "redeem_recovery_code"])
def test_code_is_in_no_error_report(code, owner, agent, settings, monkeypatch, broken):
    """Neither in that of the page that shows it, nor in that of the page where it is entered."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.login.helpers.reported"]
    permit(agent, "create_recoverycode")
    shown, service = [], getattr(services, broken)

    def fail_afterwards(*args, **kwargs):
        shown.append(getattr(service(*args, **kwargs), "code", code))
        raise RuntimeError

    monkeypatch.setattr(services, broken, sensitive_variables()(fail_afterwards))
    desk, rescued = Client(), Client()
    desk.force_login(agent)
    rescued.post("/password/", ALICE)
    if broken == "create_recovery_code":
        report = desk.post(CREATE, {"user": owner.pk, "reason": "x"}).text
    else:
        report = rescued.post(RECOVERY, {"code": code}).text
    assert "RuntimeError" in report
    assert len(shown) == 1
    assert shown[0] not in report


@pytest.mark.parametrize("role", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_agent_can_not_recover_the_account_of_a_colleague(agent, owner, role):
    """Also not when the permission comes from a group, nor without the page."""
    group = Group.objects.create(name="support")
    group.permissions.add(Permission.objects.get(codename="create_recoverycode"))
    agent.groups.add(group)
    colleague = get_user_model().objects.create_user("colleague", **role)
    desk = Client()
    desk.force_login(agent)
    assert desk.get(CREATE, {"user": owner.pk}).status_code == 200
    assert desk.get(CREATE, {"user": colleague.pk}).status_code == 403
    assert desk.post(CREATE, {"user": [owner.pk, colleague.pk], "reason": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        create_recovery_code(colleague, created_by=agent, reason="x")
    assert not RecoveryCode.objects.exists()


def test_agent_can_not_make_themselves_a_superuser(agent, owner):
    permit(agent, "create_recoverycode")
    boss = get_user_model().objects.create_superuser("boss", password="secret")
    desk = Client()
    desk.force_login(agent)
    for whose in (boss, agent):
        answer = desk.post(CREATE, {"user": whose.pk, "reason": "x"})
        assert answer.status_code == 403
    assert not RecoveryCode.objects.exists()
