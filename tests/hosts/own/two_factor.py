import pytest
from two_factor.views import LoginView

from django_ding.login.mixins import PhoneVerificationLoginMixin
from tests.hosts.walk import PASSWORD, PHONE, Browser, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_its_login_view_is_refused():
    with pytest.raises(TypeError, match=r"\.LoginView is neither"):
        type("CodeLoginView", (PhoneVerificationLoginMixin, LoginView), {})


def test_its_login_opens_gated_views_to_verified_users():
    user = create_user("alice")
    browser = Browser()
    form = {"auth-username": "alice", "auth-password": PASSWORD, "login_view-current_step": "auth"}
    browser.submit_and_go("/account/login/", **form)
    assert browser.is_signed_in
    assert browser.get("/members/").status_code == 302
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    assert browser.open("/members/").text == "for members"


def test_login_by_number_is_not_its_second_factor(outbox):  # noqa: F811
    create_user("alice").ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    browser = Browser()
    code_page = browser.submit_and_go("/phone/login/", phone_number=PHONE)
    browser.submit_and_go(code_page, code=outbox[-1].code)
    assert browser.is_signed_in
    assert browser.get("/account/two_factor/backup/tokens/").status_code == 302  # It requires a device.
