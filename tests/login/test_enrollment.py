"""The first number of a user whose password was right, and then the login."""

import pytest
from django.test import Client
from django.urls import path

from django_ding.login import flows
from django_ding.models import Authentication
from django_ding.services import lift_lost_number, primary_number, remove_number
from tests.login import site as pages
from tests.login.helpers import ALICE, BOB, NUMBERS, PASSWORD, SECOND_FACTOR, followed, signed_in, wrong

pytestmark = pytest.mark.django_db

NUMBER = f"{SECOND_FACTOR}number/"
NUMBER_CODE = f"{NUMBER}code/"
RESEND = f"{NUMBER_CODE}resend/"
NEW = "+447400123456"
SUPPORT = "Your account has no phone number. Contact support."


class StrictLoginView(pages.PasswordLoginView):
    enrolls = False


class ElsewhereLoginView(pages.PasswordLoginView):
    """Of a project that keeps its numbers itself."""

    def get_phone_number(self, user):
        return None


urlpatterns = [
    path("strict/", StrictLoginView.as_view()),
    path("elsewhere/", ElsewhereLoginView.as_view()),
    *pages.urlpatterns,
]


class without_pages:  # noqa: N801 - it stands for a module.
    """The URLs of a project with a login page and none of this app's pages."""

    urlpatterns = (path("password/", pages.PasswordLoginView.as_view()),)


@pytest.fixture
def newcomer(user):
    """Alice, with a password and without a number."""
    user.set_password("secret")
    user.save()
    return user


@pytest.fixture
def waiting(client, newcomer) -> Client:
    """Alice's browser after the right password."""
    client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    return client


def verify(client, outbox, phone_number=NEW):
    """Verify a number, and return the answer."""
    assert client.post(NUMBER, {"phone_number": phone_number}).url == NUMBER_CODE
    return client.post(NUMBER_CODE, {"code": outbox[-1].code})


def ended(answer):
    """Return the URL that redirects led to."""
    return answer.redirect_chain[-1][0]


def test_first_number_completes_the_login(client, newcomer, outbox, logins):
    answer = client.post(f"{PASSWORD}?next=/desk/alice/", ALICE)
    assert (answer.url, len(outbox)) == (NUMBER, 0)
    page = client.get(NUMBER).text
    assert "Set up your phone number" in page
    assert f'href="{PASSWORD}?next=%2Fdesk%2Falice%2F"' in page
    assert client.post(NUMBER, {"phone_number": NEW}).url == NUMBER_CODE
    assert NEW not in str(dict(client.session.items()))
    assert (signed_in(client), logins) == ("", [])
    answer = client.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert (answer.url, logins) == ("/desk/alice/", [newcomer])
    assert client.get("/").text == "home of alice"
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"
    number = primary_number(newcomer)
    assert number.phone_number == NEW
    assert Authentication.objects.get().user == newcomer


def test_next_login_sends_the_code_there(waiting, newcomer, outbox):
    verify(waiting, outbox)
    assert Client().post(PASSWORD, ALICE).url == SECOND_FACTOR
    assert outbox[-1].phone_number == NEW


def test_password_and_login_each_cycle_the_session_key(client, newcomer, outbox):
    client.get(PASSWORD)
    keys = [client.session.session_key]
    client.post(PASSWORD, ALICE)
    keys.append(client.session.session_key)
    verify(client, outbox)
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3


def test_wrong_code_logs_no_one_in(waiting, newcomer, outbox):
    waiting.post(NUMBER, {"phone_number": NEW})
    page = followed(waiting, waiting.post(NUMBER_CODE, {"code": wrong(outbox[-1].code)}))
    assert "Incorrect code. 4 attempts left." in page
    assert (signed_in(waiting), primary_number(newcomer)) == ("", None)


def test_code_can_be_resent(clock, waiting, outbox):
    waiting.post(NUMBER, {"phone_number": NEW})
    clock.shift(60)
    assert waiting.post(RESEND).url == NUMBER_CODE
    assert waiting.post(NUMBER_CODE, {"code": outbox[-1].code}).url == "/desk/alice/"
    assert len(outbox) == 2


def test_pages_are_closed_without_the_password(client, newcomer, outbox):
    for url in (NUMBER, NUMBER_CODE, RESEND):
        assert ended(client.get(url, follow=True)) == PASSWORD
        assert ended(client.post(url, {"phone_number": NEW, "code": "123456"}, follow=True)) == PASSWORD
    assert len(outbox) == 0


def test_get_without_the_password_makes_no_session(client):
    client.get(NUMBER)
    assert "sessionid" not in client.cookies


def test_password_is_good_for_a_quarter_of_an_hour(clock, waiting, outbox):
    clock.shift(899)
    assert waiting.get(NUMBER).status_code == 200
    clock.shift(2)
    assert waiting.get(NUMBER).url == PASSWORD
    assert "This page has expired." in followed(waiting, waiting.post(NUMBER, {"phone_number": NEW}))
    assert len(outbox) == 0


def test_new_password_ends_it(waiting, newcomer, outbox):
    waiting.post(NUMBER, {"phone_number": NEW})
    newcomer.set_password("other")
    newcomer.save()
    assert waiting.post(NUMBER_CODE, {"code": outbox[-1].code}).url == PASSWORD
    assert (signed_in(waiting), primary_number(newcomer)) == ("", None)


def test_number_verified_meanwhile_ends_it(waiting, newcomer, outbox):
    """A thief of the password, who came first, must not add a number beside the owner's."""
    waiting.post(NUMBER, {"phone_number": NEW})
    newcomer.ding_phone_numbers.create(phone_number="+33612345678", is_primary=True)
    assert waiting.post(NUMBER_CODE, {"code": outbox[-1].code}).url == PASSWORD
    assert waiting.get(NUMBER).url == PASSWORD
    assert signed_in(waiting) == ""
    assert newcomer.ding_phone_numbers.count() == 1


def test_number_verified_while_the_code_is_checked_wins(waiting, newcomer, outbox, monkeypatch):
    check = flows.check

    def slow(*args):
        newcomer.ding_phone_numbers.create(phone_number="+33612345678", is_primary=True)
        return check(*args)

    monkeypatch.setattr(flows, "check", slow)
    waiting.post(NUMBER, {"phone_number": NEW})
    answer = waiting.post(NUMBER_CODE, {"code": outbox[-1].code})
    assert answer.url == f"{PASSWORD}?next=%2Fdesk%2Falice%2F"
    assert "Your account has changed. Log in again." in followed(waiting, answer)
    assert signed_in(waiting) == ""
    assert [number.phone_number for number in newcomer.ding_phone_numbers.all()] == ["+33612345678"]


def test_number_of_another_account_is_not_set_up(waiting, bob, outbox):
    answer = verify(waiting, outbox, "+33612345679")
    assert answer.url == NUMBER
    assert "This number is already linked to another account." in followed(waiting, answer)
    assert signed_in(waiting) == ""


def test_another_user_in_the_same_browser_starts_anew(waiting, newcomer, bob, outbox):
    waiting.post(NUMBER, {"phone_number": NEW})
    assert waiting.post(PASSWORD, BOB).url == SECOND_FACTOR
    assert waiting.get(NUMBER).url == PASSWORD
    assert waiting.get(NUMBER_CODE).url == PASSWORD


def test_user_who_lost_the_number_does_not_set_one_up(client, account, outbox):
    remove_number(primary_number(account))
    assert client.post(PASSWORD, ALICE).url == "/phone/recovery/"
    assert client.get(NUMBER).url == PASSWORD


def test_user_whom_support_lets_in_sets_one_up(client, account, outbox):
    remove_number(primary_number(account))
    lift_lost_number(account)
    assert client.post(PASSWORD, ALICE).url == NUMBER


@pytest.mark.parametrize("url", ["/strict/", "/elsewhere/"])
def test_login_page_that_enrolls_no_one(client, newcomer, outbox, settings, url):
    settings.ROOT_URLCONF = __name__
    answer = client.post(url, ALICE)
    assert SUPPORT in answer.text
    assert client.get(NUMBER).url == PASSWORD
    assert len(outbox) == 0


def test_login_page_of_a_project_without_the_page_for_the_number(client, newcomer, settings):
    settings.ROOT_URLCONF = without_pages
    assert SUPPORT in client.post(PASSWORD, ALICE).text


def test_signed_in_user_adds_numbers_on_their_own_pages(client, account, outbox):
    client.force_login(account)
    client.post(f"{NUMBERS}add/", {"phone_number": NEW})
    assert ended(client.get(NUMBER_CODE, follow=True)) == PASSWORD
