"""A login with a password and a code."""

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.test import Client
from django.views.generic import FormView

from django_ding.login.mixins import PhoneVerificationLoginMixin
from django_ding.models import Authentication, Lockout
from django_ding.services import check, forget_devices, lift_lockout, remove_number
from django_ding.testing import sandbox, script
from tests.login.helpers import ALICE, BOB, PASSWORD, SECOND_FACTOR, followed, meanwhile, signed_in, wrong
from tests.login.site import PasswordLoginView

pytestmark = pytest.mark.django_db

RESEND = f"{SECOND_FACTOR}resend/"
RECOVERY_LINK = '<a href="/phone/recovery/">Use a recovery code</a>'
LOST = "This page has expired."


@pytest.fixture
def waiting(client, account) -> Client:
    """Alice's browser after the right password."""
    client.post(PASSWORD, ALICE)
    return client


def test_login_happy_path(client, account, phone, outbox, logins):
    answer = client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    assert (answer.status_code, answer.url) == (302, SECOND_FACTOR)
    assert signed_in(client) == ""
    shown = client.get(SECOND_FACTOR).text
    assert phone not in shown
    assert "+33*******78" in shown
    assert "France" not in shown
    answer = client.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert (answer.status_code, answer.url) == (302, "/desk/alice/")
    assert client.get("/").text == "home of alice"
    assert logins == [account]
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"


def test_login_cycles_the_session_key(client, account, outbox):
    client.get(PASSWORD)
    session = client.session
    session["basket"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    keys = [session.session_key]
    for url, data in ((PASSWORD, ALICE), (SECOND_FACTOR, {"code": None})):
        client.post(url, data if data is ALICE else {"code": outbox[-1].code})
        keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    assert client.session["basket"] == 1


def test_login_sends_to_the_primary_number(client, account, outbox):
    account.ding_phone_numbers.create(phone_number="+447400123456")
    client.post(PASSWORD, ALICE)
    assert [message.phone_number for message in outbox] == ["+33612345678"]
    row = Authentication.objects.get()
    assert (row.user, row.purpose) == (account, "second_factor")


def test_login_with_a_wrong_password_sends_nothing(client, account, outbox):
    assert client.post(PASSWORD, {**ALICE, "password": "no"}).status_code == 200
    assert len(outbox) == 0


def test_login_page_sends_nothing_when_looked_at(waiting, outbox):
    for url in (PASSWORD, SECOND_FACTOR, RESEND):
        waiting.get(url)
        waiting.head(url)
    assert len(outbox) == 1


def test_login_double_post_sends_once(client, account, outbox):
    client.post(PASSWORD, ALICE)
    client.post(PASSWORD, ALICE)
    assert len(outbox) == 1
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == "/"


def test_code_wrong(waiting, outbox):
    shown = followed(waiting, waiting.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)}))
    assert "Incorrect code." in shown
    assert waiting.get(SECOND_FACTOR).context["remaining_checks"] == 4
    assert "Incorrect code." not in waiting.get(SECOND_FACTOR).text
    assert signed_in(waiting) == ""


def test_code_wrong_is_told_on_its_own_page_only(waiting, outbox):
    waiting.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)})
    assert "Incorrect code." not in waiting.get(PASSWORD).text
    assert "Incorrect code." not in waiting.get(SECOND_FACTOR).text


def test_code_malformed_is_not_counted(waiting, simulator):
    answer = waiting.post(SECOND_FACTOR, {"code": "12"})
    assert "This can&#x27;t be a code. Enter the code that you received." in answer.text
    assert simulator.calls["check"] == 0


def test_code_exhausted(waiting, outbox):
    for _ in range(5):
        answer = waiting.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)})
    assert "You can request another code in 10 minutes." in followed(waiting, answer)
    waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert signed_in(waiting) == ""
    refusal = waiting.post(PASSWORD, ALICE).context["refusal"]
    assert str(refusal.wait) == "You can request another code in 10 minutes."


LOCKED_OUT = "Waiting won&#x27;t help. Log in another way, or contact support."


def test_code_that_starts_a_lockout_says_so_and_leads_to_other_ways_in(client, account, outbox):
    with sandbox(RATE_LIMITS={"send": "", "check": "2/user"}):
        client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
        code = outbox[-1].code
        answers = [client.post(SECOND_FACTOR, {"code": wrong(code)}) for _ in range(2)]
        page = followed(client, answers[-1])
        assert LOCKED_OUT in page
        assert f'href="{PASSWORD}?next=%2Fdesk%2Falice%2F">Log in another way' in page
        assert "<button" not in page
        assert LOCKED_OUT in followed(client, client.post(SECOND_FACTOR, {"code": code}))
        assert LOCKED_OUT in client.get(SECOND_FACTOR).text
    assert signed_in(client) == ""


def test_lockout_that_support_lifts_leads_on(client, account, outbox):
    with sandbox(RATE_LIMITS={"send": "", "check": "2/user"}):
        client.post(PASSWORD, ALICE)
        for _ in range(2):
            client.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)})
        lift_lockout(Lockout.objects.get())
        assert LOCKED_OUT not in client.get(SECOND_FACTOR).text
        assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == "/"


def test_password_during_a_lockout(client, account, outbox):
    with sandbox(RATE_LIMITS={"send": "9/h/phone", "check": "1/user"}):
        client.post(PASSWORD, ALICE)
        client.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)})
        assert LOCKED_OUT in client.post(PASSWORD, ALICE).text


def test_resend_during_a_lockout(clock, client, account, outbox):
    with sandbox(RATE_LIMITS={"send": "9/h/phone", "check": "1/user"}):
        client.post(PASSWORD, ALICE)
        client.post(SECOND_FACTOR, {"code": wrong(outbox[-1].code)})
        clock.shift(30)
        assert LOCKED_OUT in client.post(RESEND).text


def test_code_expired(clock, waiting, outbox):
    clock.shift(601)
    assert "This code has expired." in followed(waiting, waiting.post(SECOND_FACTOR, {"code": outbox[-1].code}))
    assert signed_in(waiting) == ""


def test_code_posted_twice(waiting, outbox, logins):
    answers = [waiting.post(SECOND_FACTOR, {"code": outbox[-1].code}) for _ in range(2)]
    assert [answer.url for answer in answers] == ["/", "/"]
    assert len(logins) == 1


def test_code_posted_twice_at_once(waiting, settings, outbox, logins):
    """The second request has read the session, which the first one then renews."""
    late = Client()
    late.cookies["sessionid"] = waiting.cookies["sessionid"].value
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.login.helpers.meanwhile"]
    code = {"code": outbox[-1].code}
    meanwhile.steps = [lambda: waiting.post(SECOND_FACTOR, code)]
    answer = late.post(SECOND_FACTOR, code)
    assert (answer.status_code, answer.url) == (302, SECOND_FACTOR)
    assert "sessionid" not in answer.cookies
    assert len(logins) == 1


def test_code_used_already(waiting, account, outbox):
    check(Authentication.objects.get(), outbox[-1].code)
    shown = followed(waiting, waiting.post(SECOND_FACTOR, {"code": outbox[-1].code}))
    assert "This code has already been used." in shown
    assert signed_in(waiting) == ""


def test_code_of_another_user_is_worth_nothing(waiting, bob, outbox):
    """Each authentication is bound to the user whose password was right."""
    thief = Client()
    thief.post(PASSWORD, BOB)
    of_bob = outbox.to("+33612345679")[-1].code
    of_alice = outbox.to("+33612345678")[-1].code
    assert of_alice != of_bob
    waiting.post(SECOND_FACTOR, {"code": of_bob})
    assert signed_in(waiting) == ""


def test_two_tabs_go_on_with_the_later_login(waiting, bob, outbox):
    waiting.post(PASSWORD, BOB)
    waiting.post(SECOND_FACTOR, {"code": outbox.to("+33612345679")[-1].code})
    assert signed_in(waiting) == str(bob.pk)


def test_back_button_after_the_login_leads_on(waiting, outbox):
    waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert waiting.get(SECOND_FACTOR).url == "/"
    assert waiting.post(RESEND).url == "/"
    assert len(outbox) == 1


# Resend


def test_resend_too_early(clock, waiting, outbox):
    assert "You can request another code in 30 seconds." in waiting.post(RESEND).text
    assert len(outbox) == 1


def test_resend_after_the_cooldown(clock, waiting, outbox):
    clock.shift(30)
    answer = waiting.post(RESEND)
    assert answer.url == SECOND_FACTOR
    assert "We sent another code." in followed(waiting, answer)
    assert len(outbox) == 2
    waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert signed_in(waiting) != ""


def test_resend_provider_down(clock, waiting):
    clock.shift(30)
    script("retry", "too_many_requests")
    assert "temporarily unavailable" in waiting.post(RESEND).text


# What goes wrong half-way


def test_session_lost_half_way(waiting, outbox):
    code = outbox[-1].code
    waiting.cookies.clear()
    answer = waiting.post(SECOND_FACTOR, {"code": code})
    assert answer.url == PASSWORD
    assert LOST in followed(waiting, answer)
    assert LOST not in waiting.get(PASSWORD).text
    assert signed_in(waiting) == ""


def test_code_page_without_a_login(client, db, outbox):
    assert client.get(SECOND_FACTOR).url == PASSWORD
    assert "sessionid" not in client.cookies
    assert client.post(RESEND).url == PASSWORD
    assert len(outbox) == 0


def test_another_user_logs_in_half_way(waiting, bob, outbox):
    waiting.force_login(bob)
    answer = waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert answer.url == PASSWORD
    assert signed_in(waiting) == str(bob.pk)


def test_signed_in_user_becomes_another_one(client, account, bob, outbox):
    client.force_login(bob)
    client.post(PASSWORD, ALICE)
    assert signed_in(client) == str(bob.pk)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert signed_in(client) == str(account.pk)


def _deactivate(user):
    user.is_active = False
    user.save()


def _change_password(user):
    user.set_password("another")
    user.save()


def _remove_number(user):
    remove_number(user.ding_phone_numbers.get())


def _lose_number(user):
    """As a takeover does."""
    user.ding_phone_numbers.update(user=User.objects.create_user("carol"))


@pytest.mark.parametrize("change", [_deactivate, _change_password, _remove_number, _lose_number])
def test_user_changes_half_way(waiting, account, outbox, logins, change):
    change(account)
    answer = waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert answer.url == PASSWORD
    assert "Your account has changed. Log in again." in followed(waiting, answer)
    assert signed_in(waiting) == ""
    assert logins == []


def test_number_that_the_project_keeps_itself(client, account, outbox, monkeypatch):
    """What becomes of it meanwhile is not this app's to know."""
    monkeypatch.setattr(PasswordLoginView, "get_phone_number", lambda self, user: "+447400123456")
    client.post(PASSWORD, ALICE)
    remove_number(account.ding_phone_numbers.get())
    assert client.post(SECOND_FACTOR, {"code": outbox.to("+447400123456")[-1].code}).url == "/"


def test_user_deactivated_half_way_with_a_backend_that_lets_them_in(client, account, settings, outbox, logins):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    client.post(PASSWORD, ALICE)
    _deactivate(account)
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == PASSWORD
    assert logins == []


def test_user_deleted_half_way(waiting, account, outbox, logins):
    code = outbox[-1].code
    account.delete()
    answer = waiting.post(SECOND_FACTOR, {"code": code})
    assert answer.url == PASSWORD
    assert "Your account has changed" in followed(waiting, answer)
    assert logins == []


def test_authentication_purged_half_way(waiting):
    Authentication.objects.all().delete()
    assert waiting.get(SECOND_FACTOR).url == PASSWORD


def test_backend_removed_half_way(waiting, settings, outbox, logins):
    settings.AUTHENTICATION_BACKENDS = ["django_ding.login.backends.PhoneBackend"]
    assert waiting.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == PASSWORD
    assert logins == []


def test_state_of_another_version_is_forgotten(waiting):
    session = waiting.session
    session["django_ding.second_factor"] = {"id": 1}
    session.save()
    assert waiting.get(SECOND_FACTOR).url == PASSWORD


def test_failed_login_keeps_next(client, account, outbox):
    client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    _change_password(account)
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == f"{PASSWORD}?next=%2Fdesk%2Falice%2F"


# Where the login leads to


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_next_of_another_host_is_ignored(client, account, outbox, evil):
    client.post(PASSWORD, {**ALICE, "next": evil})
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code, "next": evil}).url == "/"


def test_next_is_judged_by_the_view(client, account, outbox):
    account.is_staff = True
    account.save()
    client.post("/staff/?onward=https://partner.example/a", ALICE)
    assert client.get(SECOND_FACTOR).context["restart_url"] == "/staff/?onward=https%3A%2F%2Fpartner.example%2Fa"
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == "https://partner.example/a"


def test_default_redirect_knows_the_user(client, account, outbox):
    account.is_staff = True
    account.save()
    client.post("/staff/", ALICE)
    assert client.post(SECOND_FACTOR, {"code": outbox[-1].code}).url == "/desk/alice/"


# Hooks


def test_user_who_needs_no_code(client, account, outbox, logins):
    assert client.post("/staff/", ALICE).url == "/desk/alice/"
    assert logins == [account]
    assert len(outbox) == 0


def test_user_without_a_number_is_refused(client, account, outbox, logins, monkeypatch):
    monkeypatch.setattr(PasswordLoginView, "enrolls", False)
    account.ding_phone_numbers.all().delete()
    answer = client.post(PASSWORD, ALICE)
    (error,) = answer.context["form"].non_field_errors()
    assert error == f"Your account has no phone number. Contact support. {RECOVERY_LINK}"
    assert (logins, len(outbox)) == ([], 0)


def test_user_without_a_number_let_in(client, account, logins):
    account.is_staff = True
    account.save()
    account.ding_phone_numbers.all().delete()
    assert client.post("/staff/", ALICE).url == "/desk/alice/"
    assert logins == [account]


def test_mixin_after_the_view_is_refused():
    with pytest.raises(TypeError, match="before the LoginView"):
        type("Backwards", (LoginView, PhoneVerificationLoginMixin), {})


def test_login_view_of_another_package_is_refused():
    other = type("LoginView", (FormView,), {"__module__": "allauth.account.views"})
    with pytest.raises(TypeError, match=r"allauth\.account\.views\.LoginView is neither"):
        type("CodeLoginView", (PhoneVerificationLoginMixin, other), {})
    mixin = type("OwnMixin", (PhoneVerificationLoginMixin,), {})
    assert type("CodeLoginView", (mixin, LoginView), {})


class LoginForm(AuthenticationForm):
    """Finds the user without ``authenticate()``."""

    def clean(self):
        self.user_cache = User.objects.get(username=self.cleaned_data["username"])


class Gatekeeper:
    """As django-axes' backend, which finds no users."""

    def authenticate(self, request, **credentials):
        return None


def test_form_without_a_backend(client, account, monkeypatch, settings, outbox):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Gatekeeper", *settings.AUTHENTICATION_BACKENDS]
    monkeypatch.setattr(PasswordLoginView, "form_class", LoginForm)
    client.post("/password/", ALICE)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"


# The provider


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("+12025550111", "We can't send codes to this number."),
        ("+12025550113", "Use a mobile number."),
        ("+12025550116", "temporarily unavailable"),
    ],
)
def test_send_refused(client, account, number, sentence):
    account.ding_phone_numbers.update(phone_number=number)
    answer = client.post(PASSWORD, ALICE)
    assert sentence in answer.context["form"].non_field_errors()[0]
    assert client.get(SECOND_FACTOR).url == PASSWORD


def test_send_too_often_tells_when_only(client, account, bob):
    """Bob's number is his own, so it has a reserve, which has no place for it either."""
    with sandbox(RATE_LIMITS={"send": "0/h/prefix"}):
        answer = client.post(PASSWORD, BOB, REMOTE_ADDR="198.51.100.1")
    assert str(answer.context["refusal"].wait) == "You can request another code in 60 minutes."
    assert answer.context["inputs"] == []  # No password goes back into a page.
    assert RECOVERY_LINK in answer.text
    assert "secret" not in answer.text


def test_check_provider_down(waiting, outbox):
    script("check", "server_error")
    page = waiting.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"}).text
    assert "temporarily unavailable" in page
    assert f'value="{outbox[-1].code}"' in page
    assert "checked" in page
    assert "aria-invalid" not in page
    assert signed_in(waiting) == ""


# Remembered devices


@pytest.fixture
def remembered(waiting, outbox) -> Client:
    """Alice's browser, remembered and signed out."""
    waiting.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"})
    waiting.post("/logout/")
    return waiting


def cookie(client):
    return client.cookies["django_ding_auth_device"]


def test_device_remembered_needs_no_code(remembered, account, outbox):
    assert remembered.post(PASSWORD, ALICE).url == "/"
    assert signed_in(remembered) == str(account.pk)
    assert len(outbox) == 1


def test_device_cookie(remembered):
    morsel = cookie(remembered)
    assert (morsel["httponly"], morsel["samesite"], morsel["secure"]) == (True, "Lax", "")
    assert morsel["max-age"] == 30 * 24 * 3600


def test_device_cookie_is_secure_over_https(client, account, outbox):
    client.post(PASSWORD, ALICE, secure=True)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"}, secure=True)
    assert cookie(client)["secure"]


def test_device_not_remembered_unless_asked(waiting, outbox):
    waiting.post(SECOND_FACTOR, {"code": outbox[-1].code})
    assert "django_ding_auth_device" not in waiting.cookies


def test_device_still_needs_the_password(remembered):
    remembered.post(PASSWORD, {**ALICE, "password": "no"})
    assert signed_in(remembered) == ""


def test_device_of_another_user(remembered, bob):
    assert remembered.post(PASSWORD, BOB).url == SECOND_FACTOR


def test_device_forged(remembered):
    text = cookie(remembered).value
    remembered.cookies["django_ding_auth_device"] = ("B" if text[0] == "A" else "A") + text[1:]
    assert remembered.post(PASSWORD, ALICE).url == SECOND_FACTOR


def test_device_expired(clock, client, account, outbox):
    client.post(PASSWORD, ALICE)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"})
    text = cookie(client).value
    clock.shift(30 * 24 * 3600 + 1)
    later = Client()
    later.cookies["django_ding_auth_device"] = text
    assert later.post(PASSWORD, ALICE).url == SECOND_FACTOR


def test_device_revoked(remembered, account):
    forget_devices(account)
    assert remembered.post(PASSWORD, ALICE).url == SECOND_FACTOR


def test_device_after_a_new_password(remembered, account):
    _change_password(account)
    assert remembered.post(PASSWORD, {**ALICE, "password": "another"}).url == SECOND_FACTOR


def test_device_after_a_removed_number(remembered, account):
    account.ding_phone_numbers.create(phone_number="+447400123456")
    remove_number(account.ding_phone_numbers.get(is_primary=True))
    assert remembered.post(PASSWORD, ALICE).url == SECOND_FACTOR


def test_device_never_offered(client, account, outbox):
    with sandbox(REMEMBER_DEVICE_DAYS=0):
        client.post(PASSWORD, ALICE)
        assert "remember" not in client.get(SECOND_FACTOR).context["form"].fields
        client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"})
    assert "django_ding_auth_device" not in client.cookies


def test_device_remembered_before_it_was_switched_off(remembered):
    with sandbox(REMEMBER_DEVICE_DAYS=0):
        assert remembered.post(PASSWORD, ALICE).url == SECOND_FACTOR
