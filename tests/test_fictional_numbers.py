"""Numbers that are reserved for films and books: where they get codes, and where they don't."""

from pathlib import Path

import pytest

from django_ding import phone
from django_ding.backends.fiction import is_out_of_place, parse_number
from django_ding.exceptions import InputError, InvalidPhoneNumber
from django_ding.fictional_numbers import FICTIONAL_RANGES, find_range, read_fictional
from django_ding.guard.destinations import check_destination
from django_ding.login.forms import PhoneNumberForm
from django_ding.phone import LineType, NotAPhoneNumber
from django_ding.services import check, send
from django_ding.testing import sandbox

DRAMA = "+447700900123"
#: A real provider, which nothing in these tests calls.
PRELUDE = {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": "key"}}
SANDBOX = {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}


def configure(settings, **changes):
    settings.DING = {**settings.DING, **changes}


def local(url):
    return {**PRELUDE, "OPTIONS": {"api_key": "key", "base_url": url}}


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        (DRAMA, None, DRAMA),
        ("+44 (0)7700 900123", None, DRAMA),
        ("0044 7700 900 123", "FR", DRAMA),
        (" 44 7700 900123", "FR", DRAMA),
        ("tel:+44-7700-900123", None, DRAMA),
        ("07700 900123", "GB", DRAMA),
        ("7700 900123", "GB", DRAMA),
        ("06 39 98 12 34", "FR", "+33639981234"),
        ("0171 39200 12", "DE", "+491713920012"),
        ("0491 570 156", "AU", "+61491570156"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("+1 555 555 0123", None, "+15555550123"),
    ],
)
def test_fictional_number_is_read_however_it_is_typed(typed, region, number):
    assert read_fictional(typed, region) == number


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("07700 900123", "FR"),
        ("07700 900123", None),
        ("+44 7700 900123 ext. 4", None),
        ("+44 7700 901123", None),
        ("+7700900123", "GB"),
        ("+63 998 1234", "FR"),
        ("+44 7700 9001234", None),
        ("+33 6 12 34 56 78", None),
        ("+61 491 570 001", None),
        ("+1 202 555 0200", None),
        ("7700 nine", "GB"),
        ("", "GB"),
    ],
)
def test_other_text_is_no_fictional_number(typed, region):
    assert read_fictional(typed, region) is None


def test_each_range_has_its_example():
    for found in FICTIONAL_RANGES:
        number = read_fictional(found.example, found.country)
        assert number is not None
        assert find_range(number) is found
        assert phone.destination(number) == found.country
        assert phone.line_type(number) in (LineType.MOBILE, LineType.FIXED_LINE_OR_MOBILE)


def test_documentation_lists_every_range():
    docs = (Path(__file__).parents[1] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for found in FICTIONAL_RANGES:
        assert found.example in docs
        assert found.source in docs


@pytest.mark.django_db
def test_sandbox_sends_to_a_fictional_number():
    with sandbox() as outbox:
        authentication = send("+44 7700 900123").authentication
        assert (authentication.phone_number, authentication.country) == (DRAMA, "GB")
        assert check(authentication, outbox[0].code).status == "valid"


def test_form_takes_a_fictional_number():
    form = PhoneNumberForm({"phone_number": "07700 900123", "phone_number_country": "GB"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone_number"] == DRAMA


@pytest.mark.django_db
def test_real_provider_gets_no_fictional_number(settings):
    for debug in (True, False):
        settings.DEBUG = debug
        configure(settings, BACKENDS={"default": PRELUDE})
        with pytest.raises(NotAPhoneNumber):
            parse_number(DRAMA)
        with pytest.raises(InvalidPhoneNumber):
            send(DRAMA)
    # Reserved as well, but their country's plan has them, and a provider may be told to test with them.
    assert parse_number("+1 202 555 0123") == "+12025550123"
    assert not is_out_of_place("+12025550123")


def test_one_real_provider_among_sandboxes_is_enough(settings):
    configure(settings, BACKENDS={"default": SANDBOX, "other": PRELUDE})
    with pytest.raises(NotAPhoneNumber):
        parse_number(DRAMA)


@pytest.mark.parametrize(
    ("debug", "url", "accepted"),
    [
        (True, "http://127.0.0.1:8010", True),
        (True, "http://localhost:8010", True),
        (True, "https://api.prelude.dev", False),
        (True, "http://10.0.0.1:8010", False),
        # In production, a proxy to the real API may be on this machine.
        (False, "http://127.0.0.1:8010", False),
    ],
)
def test_api_on_this_machine_is_a_sandbox_with_debug(settings, debug, url, accepted):
    settings.DEBUG = debug
    configure(settings, BACKENDS={"default": local(url)})
    assert is_out_of_place(DRAMA) is not accepted


def test_gateway_on_this_machine_is_no_sandbox(settings):
    settings.DEBUG = True
    options = {
        "gateway": "django_ding.backends.sms.HTTPGateway",
        "gateway_options": {"url": "http://127.0.0.1:13013/sms", "form": {"to": "{phone_number}", "text": "{text}"}},
    }
    configure(settings, BACKENDS={"default": {"BACKEND": "django_ding.backends.sms.SMSBackend", "OPTIONS": options}})
    assert is_out_of_place(DRAMA)


@pytest.mark.django_db
def test_number_of_a_sandbox_is_refused_by_the_guard_of_a_real_provider(settings):
    """The rows of a developer's database may come to a real provider."""
    with sandbox():
        authentication = send(DRAMA).authentication
    configure(settings, BACKENDS={"default": PRELUDE})
    with pytest.raises(InputError) as caught:
        check_destination(authentication.phone_number)
    assert caught.value.code == "outdated_phone_number"


@pytest.mark.django_db
def test_test_numbers_may_be_fictional(settings):
    configure(settings, BACKENDS={"default": PRELUDE}, TEST_NUMBERS={DRAMA: "123456"})
    authentication = send("+44 7700 900123").authentication
    assert check(authentication, "123456").status == "valid"
    with pytest.raises(InvalidPhoneNumber):
        send("+44 7700 900124")
