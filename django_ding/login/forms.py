"""What visitors fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_ding import phone
from django_ding.exceptions import InputError, InvalidPhoneNumber
from django_ding.login.widgets import PhoneNumberWidget
from django_ding.phone import NotAPhoneNumber
from django_ding.services.checking import normalize_code


class PhoneNumberField(forms.Field):
    """A number as people write it, with the country it belongs to. Its clean value is E.164."""

    widget = PhoneNumberWidget

    def clean(self, value: tuple[str | None, str | None]) -> str:
        """Return the E.164 form. A number typed with ``+`` or ``00`` wins over the country.

        :raises forms.ValidationError: with the sentence of :class:`~django_ding.exceptions.InvalidPhoneNumber`.
        """
        country, typed = value
        try:
            return phone.parse(typed or "", country if country and phone.is_region(country) else None)
        except NotAPhoneNumber as error:
            raise _refused(InvalidPhoneNumber(error.reason)) from None


class PhoneNumberForm(forms.Form):
    """Asks for a number.

    :param region: ISO 3166-1 alpha-2 code of the country that is chosen at first, ``None`` for none.
    """

    phone_number = PhoneNumberField(
        label=_("Phone number"),
        help_text=_("Any way of writing it will do. With + and a country code, it may be of any country."),
    )

    def __init__(self, *args: Any, region: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone_number"].widget.region = region

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, as data for another form that shows it again."""
        names = [self.add_prefix("phone_number"), self.add_prefix("phone_number_country")]
        return {name: self.data[name] for name in names if name in self.data}


class CodeForm(forms.Form):
    """Asks for the code that was sent.

    :param offer_to_remember: whether the visitor may choose that this device is not asked again.
    """

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The digits of the message you received."),
        error_messages={"required": _("Enter the code of the message.")},
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "dir": "ltr"}
        ),
    )
    remember = forms.BooleanField(
        label=_("Don't ask for a code on this device for a while"),
        help_text=_("Not on a device that others use, too."),
        required=False,
    )

    def __init__(self, *args: Any, offer_to_remember: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offer_to_remember:
            del self.fields["remember"]

    def clean_code(self) -> str:
        """Return the ASCII digits.

        :raises forms.ValidationError: with the sentence of :class:`~django_ding.exceptions.InvalidCode`.
        """
        try:
            return normalize_code(self.cleaned_data["code"])
        except InputError as error:
            raise _refused(error) from None


def _refused(error: InputError) -> forms.ValidationError:
    return forms.ValidationError(error.message, code=error.code)
