import pytest
from allauth.account.views import LoginView
from django.urls import reverse

from django_ding.login.mixins import PhoneVerificationLoginMixin
from tests.hosts.walk import PASSWORD, PHONE, Browser, create_user, outbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_its_login_view_is_refused():
    with pytest.raises(TypeError, match=r"\.LoginView is neither"):
        type("CodeLoginView", (PhoneVerificationLoginMixin, LoginView), {})


def test_a_code_is_required_where_it_logs_in(outbox):  # noqa: F811
    user = create_user("alice")
    user.email = "alice@example.com"
    user.save()
    user.ding_phone_numbers.create(phone_number=PHONE, is_primary=True)
    browser = Browser()
    code_page = browser.submit_and_go(reverse("account_login"), username="alice", password=PASSWORD)
    assert not browser.is_signed_in
    browser.submit_and_go(code_page, code=outbox[-1].code)
    assert browser.is_signed_in


def test_its_template_keeps_where_to_go_and_leads_to_the_sign_up():
    page = Browser().open(reverse("account_login") + "?next=/members/").text
    assert '<input type="hidden" name="next" value="/members/">' in page
    assert f'please <a href="{reverse("account_signup")}">' in page
    foreign = Browser().open(reverse("account_login") + "?next=https://example.com/").text
    assert "example.com" not in foreign


def test_its_other_pages_work():
    browser = Browser()
    form = {"username": "bob", "email": "bob@example.com", "password1": PASSWORD, "password2": PASSWORD}
    browser.submit_and_go(reverse("account_signup"), **form)
    assert browser.is_signed_in
    browser.open(reverse("account_email"))
