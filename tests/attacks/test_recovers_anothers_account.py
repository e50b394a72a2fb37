"""Into another's account by way of its recovery: with the phone, with the password, or from the support desk."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_ding.models import RecoveryCode
from django_ding.services import create_recovery_code
from tests.admin.helpers import permit
from tests.login.helpers import ALICE, LOGIN, LOGIN_CODE, SECOND_FACTOR, signed_in

pytestmark = pytest.mark.django_db

RECOVERY = "/phone/recovery/"
NEW_NUMBER = "/phone/recovery/number/"
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


def test_agent_can_not_make_themselves_a_superuser(agent, owner):
    permit(agent, "create_recoverycode")
    boss = get_user_model().objects.create_superuser("boss", password="secret")
    desk = Client()
    desk.force_login(agent)
    for whose in (boss, agent):
        answer = desk.post("/admin/django_ding/recoverycode/create/", {"user": whose.pk, "reason": "x"})
        assert answer.status_code == 403
    assert not RecoveryCode.objects.exists()
