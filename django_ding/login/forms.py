"""The forms for a phone number and for a code, and the countries to choose from."""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from django_ding import phone
from django_ding.backends.fiction import parse_number
from django_ding.conf import ding_settings
from django_ding.countries import localized_name
from django_ding.exceptions import InvalidPhoneNumber
from django_ding.models import PhoneNumber
from django_ding.numbering_plans import NumberingPlan, numbering_plan
from django_ding.phone import NotAPhoneNumber, Reason

#: The country in a language tag follows the language and the script. What comes later, as in ``ar-u-nu-latn``, are
#: variants and extensions, which have subtags of two letters, too (RFC 5646, 2.1).
_TAG_REGION = re.compile(r"[a-z]{2,8}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?-([a-z]{2})(?:-.*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """A country to choose; ``str()`` is its name and calling code, ``France (+33)``."""

    region: str
    name: str
    plan: NumberingPlan

    def __str__(self) -> str:
        # Isolated, so that the plus sign stays before its digits in a right-to-left name.
        return f"{self.name} (\u2066+{self.plan.calling_code}\u2069)"


def countries() -> tuple[Country, ...]:
    """Return the countries that codes can be sent to, sorted by their names in the active language."""
    allowed = _allowed_regions()
    return tuple(country for country in _all_countries(get_language() or "en") if country.region in allowed)


def initial_region(request: HttpRequest, *, near: str = "") -> str | None:
    """Return the country that a visitor's number is most likely of: ``DING["DEFAULT_REGION"]``.

    With ``DING["GUESS_COUNTRY"]``, and where there is no default, it is that of their language.

    :param near: a number of the visitor's, whose country comes first.
    """
    if near and (region := phone.destination(near)) in _allowed_regions():
        return region
    default = ding_settings.DEFAULT_REGION
    if default and not ding_settings.GUESS_COUNTRY:
        return default
    return language_region(request) or default


def language_region(request: HttpRequest) -> str | None:
    """Guess a visitor's country from their preferred language: ``fr-CA`` is ``"CA"``, ``fr`` is ``None``."""
    tags = [tag for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    # "de,en-US;q=0.7" is no American: only the variants of the first language count.
    preferred = [tag for tag in tags if tag.partition("-")[0] == tags[0].partition("-")[0]]
    regions = (match[1].upper() for match in map(_TAG_REGION.fullmatch, preferred) if match)
    allowed = _allowed_regions()
    return next((region for region in regions if region in allowed), None)


@lru_cache(maxsize=64)  # Bounded although the active language is one of LANGUAGES: those may be many.
def _all_countries(language: str) -> tuple[Country, ...]:
    every = (
        Country(region=region, name=localized_name(region), plan=numbering_plan(region)) for region in phone.regions()
    )
    return tuple(sorted(every, key=_sort_key))


def _sort_key(country: Country) -> str:
    # Without its accents, so that Österreich is at O, where most people look for it.
    letters = unicodedata.normalize("NFKD", country.name)
    return "".join(char for char in letters if not unicodedata.combining(char)).casefold()


def _allowed_regions() -> frozenset[str]:
    allowed, blocked = ding_settings.ALLOWED_COUNTRIES, ding_settings.BLOCKED_COUNTRIES
    return (phone.regions() if allowed is None else frozenset(allowed)).difference(blocked or ())


class CountrySelect(forms.Widget):
    """The countries that codes can be sent to, with the patterns that the script spaces their numbers by."""

    # Not Django's Select, which renders three templates per option: 50 ms for all countries. As Django's own widgets,
    # it has one template for DjangoTemplates and the same one for Jinja2.
    template_name = "django_ding/login/widgets/country.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        choices = countries()
        context["widget"]["countries"] = choices  # For a template of the project's own.
        context["widget"]["chosen"] = next((country.region for country in choices if country.region == value), None)
        context["widget"]["placeholder"] = _("Select a country")
        context["widget"]["options"] = SafeString("".join(_option(country, value) for country in choices))
        return context


def _option(country: Country, chosen: Any) -> str:
    start, end = _halves_of_option(country)
    return f"{start} selected{end}" if country.region == chosen else start + end


@lru_cache(maxsize=2048)
def _halves_of_option(country: Country) -> tuple[str, str]:
    """Return a country's option before and after ``selected``. In a template, all countries would take 4 ms a page."""
    plan = country.plan
    start = format_html(
        '<option value="{}" data-national="{}" data-international="{}"',
        country.region,
        plan.national,
        plan.international,
    )
    return start + (" data-main" if plan.main else ""), format_html(">{}</option>", str(country))


class PhoneNumberWidget(forms.MultiWidget):
    """A country and a number as people write it. Its value is the pair of them.

    The number's input has the field's own name and id; those of the country end in ``_country``. A form without a
    country, and one without data, has ``region``.
    """

    use_fieldset = False
    region: str | None = None

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        country = CountrySelect({"aria-label": _("Country"), "autocomplete": "country"})
        number = forms.TextInput(
            {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True, "dir": "ltr"}
        )
        super().__init__({"country": country, "": number}, attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        country, number = context["widget"]["subwidgets"]
        # The field's label, error and help text describe the number, so a screen reader must not repeat them here.
        for attribute in ("required", "aria-describedby", "aria-invalid"):
            country["attrs"].pop(attribute, None)
        if field_id := context["widget"]["attrs"].get("id"):
            country["attrs"]["id"] = f"{field_id}_country"
            number["attrs"]["id"] = field_id
        return context

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Any:
        """Return the two inputs, which templates render as ``{{ field.0 }}`` and ``{{ field.1 }}``."""
        return self.get_context(name, value, attrs)["widget"]["subwidgets"]

    def id_for_label(self, id_: str) -> str:
        """Return the id of the number's input."""
        return id_

    def decompress(self, value: str | None) -> list[str | None]:
        return [self.region, value]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str | None]:
        country, number = super().value_from_datadict(data, files, name)
        return [self.region if country is None else country, number]


class PhoneNumberField(forms.Field):
    """A number as people write it, with its country. The cleaned value is E.164."""

    widget = PhoneNumberWidget

    def clean(self, value: tuple[str | None, str | None]) -> str:
        """Return the E.164 form. A number typed with ``+`` or ``00`` overrides the country.

        So does one that is wrong there and right in ``DING["DEFAULT_REGION"]``: its visitor overlooked the country.
        """
        country, number = value
        try:
            return _parse(number or "", country if country and phone.is_region(country) else None)
        except NotAPhoneNumber as error:
            invalid = InvalidPhoneNumber(error.reason)
            raise forms.ValidationError(invalid.message, code=invalid.code) from None


def _parse(typed: str, region: str | None) -> str:
    try:
        return parse_number(typed, region)
    except NotAPhoneNumber as error:
        if region and error.reason is not Reason.NEEDS_COUNTRY:  # That is of a number with two readings.
            with suppress(NotAPhoneNumber):
                return parse_number(typed, ding_settings.DEFAULT_REGION)
        raise


class PhoneNumberForm(forms.Form):
    """The form that asks for a phone number.

    :param region: ISO 3166-1 alpha-2 code of the country that is selected at first, ``None`` for none.
    """

    phone_number = PhoneNumberField(
        label=_("Phone number"),
        help_text=_("Spaces and dashes are fine. For another country, start with + and the country code."),
    )

    def __init__(self, *args: Any, region: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone_number"].widget.region = region


def fill_in(form: forms.BaseForm, phone_number: str) -> None:
    """Show a number, in E.164, in a form that asks for one."""
    form.initial["phone_number"] = phone.spaced(phone_number)
    form.fields["phone_number"].widget.region = phone.destination(phone_number)


class StepUpForm(forms.Form):
    """The form that asks for the password, or to which of the user's numbers to send a code.

    :param user: whose. Without a usable password, there is no field for one.
    """

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = PhoneNumber.write_db.of_user(user)
        self.fields["number"] = forms.ModelChoiceField(numbers, to_field_name="public_id", required=False)
        if not user.has_usable_password():
            del self.fields["password"]

    def clean(self) -> dict[str, Any] | None:
        """Require one of the two."""
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("password" if "password" in self.fields else None, _("Enter your password."))
        return self.cleaned_data


class RecoveryCodeForm(forms.Form):
    """The form that asks for a recovery code."""

    code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("The ten digits from support. They're valid for 15 minutes."),
        error_messages={"required": _("Enter a code.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "autofocus": True, "dir": "ltr"}),
    )


class NumberRecoveryForm(PhoneNumberForm, RecoveryCodeForm):
    """The form that asks for a number and the recovery code of its user."""

    field_order = ("phone_number", "code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone_number"].label = _("The phone number that you lost")
        self.fields["code"].widget.attrs["autofocus"] = False  # The number comes first.

    def focus_on_code(self) -> None:
        """Move the focus from the number to the recovery code."""
        self.fields["code"].widget.attrs["autofocus"] = True
        self.fields["phone_number"].widget.widgets[1].attrs["autofocus"] = False


class CodeForm(forms.Form):
    """The form that asks for the code.

    :param remember_days: how many days the visitor may have this device remembered for; 0 offers no choice.
    """

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Enter the code that you received."),
        error_messages={"required": _("Enter a code.")},
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "dir": "ltr"}
        ),
    )
    remember = forms.BooleanField(help_text=_("Don't use this on a shared device."), required=False)

    def __init__(self, *args: Any, remember_days: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = ngettext(
            "Remember this device for %(days)s day", "Remember this device for %(days)s days", remember_days
        )
        self.fields["remember"].label = label % {"days": remember_days}
        if not remember_days:
            del self.fields["remember"]
