from pathlib import Path

import pytest
from django.utils import translation

import django_ding
from django_ding.login.forms import CodeForm, CountrySelect, PhoneNumberForm, countries, initial_region, language_region


def options(form: PhoneNumberForm) -> str:
    return str(form["phone_number"][0])


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("07400 123456", "GB", "+447400123456"),
        ("+33 6 12 34 56 78", "GB", "+33612345678"),
        ("0033612345678", "US", "+33612345678"),
        ("٠٦١٢٣٤٥٦٧٨", "FR", "+33612345678"),
        ("+33612345678", "", "+33612345678"),
        ("06 12 34 56 78", "US", "+33612345678"),
        ("07911 123456", "GB", "+447911123456"),
    ],
)
def test_number_cleaned(typed, country, number):
    form = PhoneNumberForm({"phone_number": typed, "phone_number_country": country})
    assert form.is_valid()
    assert form.cleaned_data == {"phone_number": number}


@pytest.mark.parametrize(
    ("typed", "country", "sentence"),
    [
        ("", "FR", "Enter a phone number."),
        ("06 12", "FR", "This phone number is too short. Check for missing digits."),
        ("0612345678", "", "Start the number with + and the country code, such as +33 6 12 34 56 78."),
        ("0612345678", "ZZ", "Start the number with + and the country code, such as +33 6 12 34 56 78."),
        ("x", "FR", "This isn't a phone number. Use digits, such as +33 6 12 34 56 78."),
    ],
)
def test_number_refused(typed, country, sentence):
    form = PhoneNumberForm({"phone_number": typed, "phone_number_country": country})
    assert form.errors == {"phone_number": [sentence]}
    assert form.errors.as_data()["phone_number"][0].code == "invalid_phone_number"


def test_number_of_the_usual_country_needs_that_setting(settings):
    settings.DING = {**settings.DING, "DEFAULT_REGION": None}
    assert not PhoneNumberForm({"phone_number": "06 12 34 56 78", "phone_number_country": "US"}).is_valid()


def test_number_without_country_is_of_the_usual_one():
    assert PhoneNumberForm({"phone_number": "07400 123456"}, region="GB").is_valid()
    assert not PhoneNumberForm({}, region="GB").is_valid()


def test_number_input_carries_the_field_and_not_the_country():
    country, number = map(str, PhoneNumberForm({"a-phone_number": "x"}, prefix="a")["phone_number"])
    assert 'name="a-phone_number_country" aria-label="Country"' in country
    assert 'id="id_a-phone_number_country"' in country
    assert "aria-invalid" not in country
    assert "required" not in country
    assert 'name="a-phone_number"' in number
    assert 'id="id_a-phone_number"' in number
    assert 'aria-describedby="id_a-phone_number_helptext id_a-phone_number_error"' in number
    assert 'aria-invalid="true"' in number
    assert 'value="x"' in number


def test_number_label_names_the_number():
    assert '<label for="id_phone_number">' in str(PhoneNumberForm())


def test_number_typed_is_shown_again():
    typed = {"phone_number": "06 12", "phone_number_country": "GB"}
    form = PhoneNumberForm({**typed, "other": "x"})
    assert not form.is_valid()
    assert 'value="GB"' in options(form)
    assert "selected>United Kingdom" in options(form)
    assert 'value="06 12"' in str(form["phone_number"][1])


def test_number_initial_is_shown():
    form = PhoneNumberForm(initial={"phone_number": "+33612345678"}, region="GB")
    assert "selected>United Kingdom" in options(form)
    assert 'value="+33612345678"' in str(form["phone_number"][1])


def test_country_has_one_template_for_both_engines():
    sources = {
        (Path(django_ding.__file__).parent / engine / CountrySelect.template_name).read_text()
        for engine in ("templates", "jinja2")
    }
    assert len(sources) == 1
    assert "{% load" not in sources.pop()


def test_country_unguessed_is_asked_for():
    assert '<option value="" selected>Select a country</option>' in options(PhoneNumberForm())
    assert 'value=""' not in options(PhoneNumberForm(region="FR"))


def test_countries_named_and_sorted_by_language():
    with translation.override("de"):
        named = [country.name for country in countries()]
    assert named.index("Oman") < named.index("Österreich") < named.index("Pakistan")
    with translation.override("pt-br"):
        assert "Alemanha (\u2066+49\u2069)" in map(str, countries())


def test_countries_all_have_a_name():
    assert {"Kosovo", "Ascension Island", "Tristan da Cunha"} <= {country.name for country in countries()}
    assert all(country.name != country.region for country in countries())


def test_countries_only_those_served(settings):
    settings.DING = {**settings.DING, "ALLOWED_COUNTRIES": ["FR", "GB", "DE"], "BLOCKED_COUNTRIES": ["DE"]}
    assert [country.region for country in countries()] == ["FR", "GB"]


@pytest.mark.parametrize(
    ("accepted", "region"),
    [
        ("fr-CA", "CA"),
        ("ar-EG,ar;q=0.9,en-US;q=0.8", "EG"),
        ("en,en-AU;q=0.9", "AU"),
        ("zh-Hant-TW", "TW"),
        ("zh-yue-Hant-HK", "HK"),
        ("en-US-u-hc-h23", "US"),
        ("sl-IT-nedis", "IT"),
        ("ar-u-nu-latn", None),
        ("de-u-co-phonebk", None),
        ("ja-u-ca-japanese", None),
        ("de-DE-u-co-phonebk", "DE"),
        ("en-t-jp", None),
        ("de-x-fr", None),
        ("x-fr", None),
        ("de-1996-ch", None),
        ("de,en-US;q=0.7", None),
        ("es-419", None),
        ("en-ZZ", None),
        ("en-GB", None),
        ("*", None),
        ("nonsense;;", None),
        ("", None),
    ],
)
def test_language_region(rf, settings, accepted, region):
    settings.DING = {**settings.DING, "BLOCKED_COUNTRIES": ["GB"]}
    assert language_region(rf.get("/", headers={"Accept-Language": accepted})) == region


@pytest.mark.parametrize(
    ("default", "guess", "accepted", "region"),
    [
        ("FR", False, "en-US", "FR"),
        ("FR", True, "en-US", "US"),
        ("FR", True, "en", "FR"),
        (None, False, "en-US", "US"),
        (None, False, "en", None),
    ],
)
def test_initial_region(rf, settings, default, guess, accepted, region):
    settings.DING = {**settings.DING, "DEFAULT_REGION": default, "GUESS_COUNTRY": guess}
    assert initial_region(rf.get("/", headers={"Accept-Language": accepted})) == region


def test_code_offers_to_remember_on_request():
    assert "remember" not in CodeForm().fields
    form = CodeForm({"code": "123456", "remember": "on"}, remember_days=30)
    assert form.is_valid()
    assert form.cleaned_data["remember"] is True
    assert CodeForm({"code": "123456"}, remember_days=30).is_valid()
    assert form["remember"].label == "Remember this device for 30 days"
    assert CodeForm(remember_days=1)["remember"].label == "Remember this device for 1 day"
