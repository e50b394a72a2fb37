"""A login with a phone number and no password."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ding.models import Authentication
from django_ding.phone import spaced
from django_ding.testing import sandbox, script
from tests.login.helpers import LOGIN, LOGIN_CODE, followed, reached, signed_in, wrong

pytestmark = pytest.mark.django_db

RESEND = f"{LOGIN_CODE}resend/"
UNKNOWN = "+33698765432"


@pytest.fixture
def waiting(client, account, phone) -> Client:
    """Alice's browser after she gave her number."""
    client.post(LOGIN, {"phone_number": phone})
    return client


def test_login_happy_path(client, account, phone, outbox, logins):
    answer = client.post(f"{LOGIN}?next=/desk/alice/", {"phone_number": "06 12 34 56 78"})
    assert (answer.status_code, answer.url) == (302, LOGIN_CODE)
    assert client.get(LOGIN_CODE).context["shown_number"] == phone
    assert client.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/desk/alice/"
    assert client.get("/").text == "home of alice"
    assert logins == [account]


@pytest.mark.parametrize(
    ("typed", "number", "country"),
    [
        ("06 12 34 56 78", "+33\xa06\xa012\xa034\xa056\xa078", "🇫🇷</span>&nbsp;<bdi>France"),
        ("+52 1 55 1234 5678", "+52\xa055\xa01234\xa05678", "🇲🇽</span>&nbsp;<bdi>Mexico"),
    ],
)
def test_code_page_shows_the_number_as_it_was_understood(client, typed, number, country):
    client.post(LOGIN, {"phone_number": typed})
    text = client.get(LOGIN_CODE).text
    assert f">{number}</bdi>" in text
    assert country in text


def test_login_from_a_territory_that_gets_no_codes_names_it(client):
    with sandbox(ALLOWED_COUNTRIES=["GB"]):
        assert "We can&#x27;t send codes to Jersey." in client.post(LOGIN, {"phone_number": "+447797712345"}).text


def test_login_after_a_form_lost_the_plus_reaches_no_stranger(client, outbox):
    text = client.post(LOGIN, {"phone_number": " 3725123456", "phone_number_country": "IT"}).text
    assert "Start the number with + and the country code" in text
    assert len(outbox) == 0


def test_login_cycles_the_session_key(waiting, outbox):
    before = waiting.cookies["sessionid"].value
    waiting.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert waiting.cookies["sessionid"].value != before


def test_number_is_shown_to_no_one_who_planted_the_session(client, account, phone):
    client.post(LOGIN, {"phone_number": "+447400123456"})
    planted = Client()
    planted.cookies["sessionid"] = client.cookies["sessionid"].value
    client.post(LOGIN, {"phone_number": phone})
    assert planted.get(LOGIN_CODE).url == LOGIN


def test_login_asks_in_the_language_of_the_page(client, account, phone, outbox, simulator, settings):
    settings.LANGUAGE_CODE = "pt-br"
    client.post(LOGIN, {"phone_number": phone}, HTTP_USER_AGENT="any")
    request = simulator.inspect(Authentication.objects.get().authentication_uuid).request
    assert request.locale == "pt-BR"
    assert request.signals == {"ip": "127.0.0.1", "device_type": "WEB"}


def test_login_speaks_the_language_of_the_browser(multilingual, client, account, phone, outbox):
    french = {"headers": {"Accept-Language": "fr"}}
    assert "<h1>Connectez-vous avec votre téléphone</h1>" in client.get(LOGIN, **french).text
    client.post(LOGIN, {"phone_number": phone}, **french)
    client.post(LOGIN_CODE, {"code": wrong(outbox[-1].code)}, **french)
    text = client.get(LOGIN_CODE, **french).text
    assert "Code incorrect. Il vous reste 4 tentatives." in text


def test_login_of_a_guest_is_anonymous(waiting):
    row = Authentication.objects.get()
    assert (row.user, row.purpose) == (None, "login")


def test_login_page_sends_nothing_when_looked_at(waiting, outbox):
    for url in (LOGIN, LOGIN_CODE, RESEND):
        waiting.get(url)
    assert len(outbox) == 1


def test_login_back_button_sends_once(waiting, phone, outbox):
    assert waiting.post(LOGIN, {"phone_number": phone}).url == LOGIN_CODE
    assert len(outbox) == 1


def test_login_clicked_twice_goes_on_with_the_code_that_is_being_sent(clock, client, account, phone, simulator, outbox):
    shown = []

    def click_again(message):
        assert client.post(LOGIN, {"phone_number": phone}).url == LOGIN_CODE
        shown.append(client.get(LOGIN_CODE).context["status_message"])
        shown.append(client.post(LOGIN_CODE, {"code": message.code}).text)
        shown.append(client.post(RESEND).text)

    unsubscribe = simulator.subscribe(click_again)
    Client().post(LOGIN, {"phone_number": phone})
    unsubscribe()
    looked, checked, resent = shown
    assert looked == ""
    assert "We couldn&#x27;t check the code. Try again." in checked
    assert "You can request another code in 30 seconds." in resent
    assert len(outbox) == 1
    client.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(client) == str(account.pk)


def test_login_cut_short_by_a_crash_starts_again_after_the_cooldown(clock, waiting, phone, outbox):
    Authentication.objects.update(status="created")
    clock.shift(30)
    assert waiting.get(LOGIN_CODE).context["status_message"] == "No code was sent, so there is none to enter."
    assert waiting.post(LOGIN, {"phone_number": phone}).url == LOGIN_CODE
    assert len(outbox) == 2


def test_login_with_the_next_number_takes_the_former_one_s_place(waiting, bob, phone, outbox):
    waiting.post(LOGIN, {"phone_number": "+33612345679"})
    assert waiting.get(LOGIN_CODE).context["shown_number"] == "+33612345679"
    waiting.post(LOGIN_CODE, {"code": outbox.to("+33612345679")[-1].code})
    assert signed_in(waiting) == str(bob.pk)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ("", "phone_number", "Enter a phone number."),
        ("no number", "phone_number", "This isn't a phone number."),
        ("+12025550111", "phone_number", "We can't send codes to this number."),
        ("+12025550113", "phone_number", "Use a mobile number."),
        ("+12025550116", "__all__", "temporarily unavailable"),
    ],
)
def test_login_refused(client, db, typed, field, sentence):
    """What the number is not to blame for is no error of its field."""
    answer = client.post(LOGIN, {"phone_number": typed})
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert sentence in errors[field][0]
    assert f'value="{typed}"' in answer.text or not typed
    assert client.get(LOGIN_CODE).url == LOGIN


def test_login_too_often_tells_when_only(client, phone, db):
    with sandbox(RATE_LIMITS={"send": "1/h/ip"}):
        client.post(LOGIN, {"phone_number": phone}, REMOTE_ADDR="198.51.100.2")
        answer = client.post(LOGIN, {"phone_number": UNKNOWN}, REMOTE_ADDR="198.51.100.2")
    assert str(answer.context["refusal"].wait) == "You can request another code in 60 minutes."
    assert ("phone_number", UNKNOWN) in answer.context["inputs"]
    assert answer.context["open_code_url"] == LOGIN_CODE  # The code to the first number can be entered.


def test_login_signed_in_leads_on(client, account):
    client.force_login(account)
    assert client.get(f"{LOGIN}?next=/desk/alice/").url == "/desk/alice/"


def test_login_of_a_signed_in_user_who_becomes_another_one(client, account, bob, phone, outbox):
    client.force_login(bob)
    client.post("/signin/", {"phone_number": phone})
    assert Authentication.objects.get().user is None
    assert client.get(LOGIN_CODE).context["restart_url"] == "/signin/"
    assert client.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/desk/new/"
    assert signed_in(client) == str(account.pk)


@pytest.mark.parametrize("method", ["get", "post"])
def test_login_without_its_backend_is_not_there(client, db, settings, phone, outbox, method):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert getattr(client, method)(LOGIN, {"phone_number": phone}).status_code == 404
    assert len(outbox) == 0


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
def test_next_of_another_host_is_ignored(client, account, phone, outbox, evil):
    client.post(f"{LOGIN}?next={evil}", {"phone_number": phone})
    assert client.post(LOGIN_CODE, {"code": outbox[-1].code, "next": evil}).url == "/"


def test_next_that_leads_back_ends_elsewhere(client, account, phone, outbox):
    client.post(f"{LOGIN}?next={LOGIN}", {"phone_number": phone})
    client.post(LOGIN_CODE, {"code": outbox[-1].code})
    answer = client.get(f"{LOGIN}?next={LOGIN}", follow=True)
    assert answer.status_code == 200
    assert answer.text == "home of alice"


# Codes


def test_code_wrong(waiting, outbox):
    shown = followed(waiting, waiting.post(LOGIN_CODE, {"code": wrong(outbox[-1].code)}))
    assert "Incorrect code." in shown
    assert signed_in(waiting) == ""


def test_code_exhausted(waiting, outbox):
    for _ in range(5):
        waiting.post(LOGIN_CODE, {"code": wrong(outbox[-1].code)})
    waiting.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(waiting) == ""
    assert str(waiting.get(LOGIN_CODE).context["refusal"].wait) == "You can request another code in 10 minutes."


@pytest.mark.parametrize("typed", [" {} {} ", "{}-{}", "\u2066{}\u2069 {}"])
def test_code_typed_with_spaces_and_dashes(waiting, outbox, typed):
    code = outbox[-1].code
    waiting.post(LOGIN_CODE, {"code": typed.format(code[:3], code[3:])})
    assert signed_in(waiting) != ""


@pytest.mark.parametrize("zero", ["٠", "\uff10"])
def test_code_typed_with_other_digits(waiting, outbox, zero):
    typed = "".join(chr(ord(zero) + int(digit)) for digit in outbox[-1].code)
    waiting.post(LOGIN_CODE, {"code": typed})
    assert signed_in(waiting) != ""


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter a code."),
        ("12", "This can't be a code. Enter the code that you received."),
        ("1" * 65, "This can't be a code. Enter the code that you received."),
    ],
)
def test_code_that_is_none_is_shown_again_and_not_counted(waiting, simulator, typed, sentence):
    answer = waiting.post(LOGIN_CODE, {"code": typed})
    assert answer.context["form"].errors == {"code": [sentence]}
    assert f'value="{typed}"' in answer.text or not typed
    assert (answer.context["check_count"], simulator.calls["check"]) == (0, 0)


def test_code_expired(clock, waiting, outbox):
    clock.shift(601)
    waiting.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(waiting) == ""
    assert waiting.get(LOGIN_CODE).context["status_message"] == "This code has expired. Request a new one."


@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (36, "No code was sent"),
        (39, "t check the code. Try again."),
        (62, "Incorrect code."),
        (63, "temporarily unavailable"),
    ],
)
def test_code_special(client, db, outbox, last_digits, sentence):
    client.post(LOGIN, {"phone_number": f"+120255501{last_digits}"})
    assert sentence in reached(client, client.post(LOGIN_CODE, {"code": outbox[-1].code}))


def test_code_posted_twice(waiting, outbox, logins):
    answers = [waiting.post(LOGIN_CODE, {"code": outbox[-1].code}) for _ in range(2)]
    assert [answer.url for answer in answers] == ["/", "/"]
    assert len(logins) == 1


def test_code_of_a_second_factor_page_is_another_flow(waiting):
    assert waiting.get("/phone/second-factor/").url == "/password/"


def test_session_lost_half_way(waiting, outbox):
    code = outbox[-1].code
    waiting.cookies.clear()
    answer = waiting.post(LOGIN_CODE, {"code": code})
    assert answer.url == LOGIN
    assert "This page has expired." in followed(waiting, answer)


def test_another_user_logs_in_half_way(waiting, bob, outbox):
    waiting.force_login(bob)
    assert waiting.post(LOGIN_CODE, {"code": outbox[-1].code}).url == LOGIN
    assert signed_in(waiting) == str(bob.pk)


def test_user_deactivated_half_way(waiting, account, outbox, logins):
    account.is_active = False
    account.save()
    answer = waiting.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert "No account has this phone number." in followed(waiting, answer)
    assert (signed_in(waiting), logins) == ("", [])


def test_resend_after_the_cooldown(clock, waiting, outbox):
    waiting.post(RESEND)
    assert len(outbox) == 1
    clock.shift(30)
    waiting.post(RESEND)
    assert len(outbox) == 2
    waiting.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert signed_in(waiting) != ""


@pytest.mark.parametrize(
    ("last_digits", "sentence"),
    [
        (34, "You can request another code in 24 hours."),
        (35, "No more codes can be sent right now."),
        (65, "No code was sent"),
    ],
)
def test_resend_special(clock, client, db, last_digits, sentence):
    client.post(LOGIN, {"phone_number": f"+120255501{last_digits}"})
    clock.shift(31)
    assert sentence in client.post(RESEND).text


def test_resend_provider_down(clock, waiting):
    clock.shift(30)
    script("retry", "too_many_requests")
    assert "temporarily unavailable" in waiting.post(RESEND).text


# Newcomers


def test_unknown_number_learns_it_from_the_right_code_only(client, db, outbox, logins):
    client.post(f"{LOGIN}?next=/desk/", {"phone_number": UNKNOWN})
    answer = client.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert answer.url == f"{LOGIN}?next=%2Fdesk%2F"
    text = followed(client, answer)
    assert "No account has this phone number." in text
    assert f'value="{spaced(UNKNOWN)}"' in text
    assert UNKNOWN not in str(dict(client.session))
    assert (signed_in(client), logins) == ("", [])
    assert not get_user_model().objects.exists()


def test_unknown_number_is_offered_to_sign_up(client, db, outbox):
    page = "/phone/signin/"
    assert "No account yet?" in client.get(page).text
    client.post(f"{page}?next=/desk/new/", {"phone_number": UNKNOWN})
    text = followed(client, client.post(LOGIN_CODE, {"code": outbox[-1].code}))
    assert '<a class="ding-button ding-quiet" href="/signup/?next=%2Fdesk%2Fnew%2F">Sign up</a>' in text
    assert "No account yet?" not in text
    assert "Sign up" not in client.get(LOGIN).text


def test_unknown_number_is_forgotten_with_its_verification(client, db, outbox):
    client.post(LOGIN, {"phone_number": UNKNOWN})
    answer = client.post(LOGIN_CODE, {"code": outbox[-1].code})
    Authentication.objects.all().delete()
    text = followed(client, answer)
    assert "No account has this phone number." in text
    assert spaced(UNKNOWN) not in text


def test_unknown_number_makes_a_user_if_the_settings_say_so(client, db, outbox, logins):
    with sandbox(LOGIN_CREATES_USER=True) as outbox:
        client.post(LOGIN, {"phone_number": UNKNOWN})
        assert not get_user_model().objects.exists()
        assert client.post(LOGIN_CODE, {"code": outbox[-1].code}).url == "/"
    user = get_user_model().objects.get()
    assert user.ding_phone_numbers.get().phone_number == UNKNOWN
    assert logins == [user]


def test_account_that_cannot_be_created_is_said_so(client, account):
    """Not a server error, after the code was right."""
    factory = f"{__name__}.create_another_alice"
    with sandbox(LOGIN_CREATES_USER=True, USER_FACTORY=factory) as outbox:
        client.post(LOGIN, {"phone_number": UNKNOWN})
        answer = client.post(LOGIN_CODE, {"code": outbox[-1].code})
    assert answer.url == LOGIN
    assert "We couldn&#x27;t create your account. Contact support." in followed(client, answer)
    assert signed_in(client) == ""
    assert get_user_model().objects.get() == account


def create_another_alice(authentication):
    return get_user_model().objects.create_user("alice")


def _seen(answer, outbox):
    """Return what a visitor sees of an answer, without what is random or theirs."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    body = re.sub(r"\+33[0-9*\xa0]+", "", body)
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    return answer.status_code, headers, body, sorted(answer.cookies), len(outbox)


def _walk(number, clock, outbox):
    """Ask, look, ask again, resend early and in time, enter a wrong code: what is seen, with the statements it took."""
    client = Client()
    steps = [
        ("post", LOGIN, {"phone_number": number}),
        ("get", LOGIN_CODE, None),
        ("post", LOGIN, {"phone_number": number}),
        ("post", RESEND, {}),
        ("get", LOGIN_CODE, None),
        ("wait", 31, None),
        ("post", RESEND, {}),
        ("get", LOGIN_CODE, None),
        ("post", LOGIN_CODE, {"code": "000000"}),
        ("get", LOGIN_CODE, None),
        ("post", LOGIN_CODE, {"code": "12"}),
        ("wait", 601, None),
        ("post", LOGIN_CODE, {"code": "000000"}),
        ("get", LOGIN_CODE, None),
    ]
    for method, target, data in steps:
        if method == "wait":
            clock.shift(target)
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(client, method)(target, data)
        yield *_seen(answer, outbox), [re.sub(r"'[^']*'|[0-9]+", "?", query["sql"]) for query in queries]


def test_known_and_unknown_numbers_look_the_same(clock, client, account, phone, outbox, simulator):
    known = list(_walk(phone, clock, outbox))
    calls = dict(simulator.calls)
    clock.move_to("2026-06-01T12:00:00Z")
    outbox.clear()
    Authentication.objects.all().delete()
    assert list(_walk(UNKNOWN, clock, outbox)) == known
    assert dict(simulator.calls) == calls
    assert len({step[2] for step in known}) > 5  # They are pages, and not all the same.
