"""A method of django-two-factor-auth's: text messages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from two_factor.forms import AuthenticationTokenForm as BaseAuthenticationTokenForm
from two_factor.plugins.registry import MethodBase

from django_ding import services
from django_ding.conf import ding_settings
from django_ding.contrib.otp.forms import PhoneOTPFormMixin, check_code
from django_ding.contrib.otp.models import PhoneDevice
from django_ding.exceptions import InvalidPhoneNumber
from django_ding.phone import NotAPhoneNumber, mask, parse


def _code_field() -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    return forms.CharField(label=_("Code"), max_length=64, widget=forms.TextInput(attrs=attributes))


class AuthenticationTokenForm(PhoneOTPFormMixin, BaseAuthenticationTokenForm):
    """The step of a login in which the code is entered. Codes may have other lengths than tokens."""

    otp_token = _code_field()

    def __init__(self, user: Any, initial_device: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(user, initial_device, **kwargs)
        self.request = request

    def get_phone_device(self, user: Any) -> PhoneDevice | None:
        return self.initial_device if isinstance(self.initial_device, PhoneDevice) else None


class PhoneNumberForm(forms.Form):
    """The step in which a user without a verified number enters one."""

    number = forms.CharField(
        label=_("Phone number"), max_length=64, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )

    def clean_number(self) -> str:
        try:
            return parse(self.cleaned_data["number"], ding_settings.DEFAULT_REGION)
        except NotAPhoneNumber as error:
            raise ValidationError(str(InvalidPhoneNumber(error.reason)), code=error.reason) from None


class ValidationForm(forms.Form):
    """The last step of the setup: the code."""

    token = _code_field()
    #: It can be checked once only.
    idempotent = False

    def __init__(self, device: PhoneDevice, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device, self.request = device, request

    def clean_token(self) -> str:
        check_code(self.device, self.cleaned_data["token"], request=self.request)
        return ""  # The wizard keeps it in the session.


class PhoneMethod(MethodBase):
    """Sends codes to the user's primary number, in place of ``two_factor.plugins.phonenumber``."""

    code = "sms"  # The wizard saves the devices of the methods that it knows.
    verbose_name = _("Text message")

    def get_devices(self, user: Any) -> Any:
        return PhoneDevice.objects.devices_for_user(user, confirmed=True)

    def recognize_device(self, device: Any) -> bool:
        return isinstance(device, PhoneDevice)

    def get_setup_forms(self, wizard: Any) -> dict[str, type[forms.Form]]:
        """Return the steps of the setup: the code alone for a user who has a verified number."""
        has_number = services.has_verified_number(wizard.request.user)
        return {**({} if has_number else {"phone": PhoneNumberForm}), "validation": ValidationForm}

    def get_device_from_setup_data(self, request: HttpRequest, setup_data: Any, **kwargs: Any) -> PhoneDevice:
        """Return the user's device under the name of django-two-factor-auth's first one."""
        device: PhoneDevice | None = PhoneDevice.objects.filter(user=request.user).first()
        if device is None:
            device = PhoneDevice(user=request.user, confirmed=False)
        device.name = "default"
        device.raises_errors = True
        device.new_phone_number = (setup_data.get("phone") or {}).get("number", "")
        return device

    def get_token_form_class(self) -> type[forms.Form]:
        return AuthenticationTokenForm

    def get_action(self, device: PhoneDevice) -> str:
        number = services.primary_number(device.user)
        return _("Text %(number)s") % {"number": mask(number.phone_number) if number else ""}

    def get_verbose_action(self, device: PhoneDevice) -> str:
        return device.challenge
