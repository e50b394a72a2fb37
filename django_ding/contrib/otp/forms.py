"""django-otp's forms, without the transaction in which they check a token: no code can be sent or checked in one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from django_otp import forms as otp_forms
from django_otp.admin import OTPAdminAuthenticationForm as BaseOTPAdminAuthenticationForm
from django_otp.forms import otp_verification_failed
from django_otp.models import Device

from django_ding.codes import user_message
from django_ding.contrib.otp.models import PhoneDevice
from django_ding.exceptions import DingError, PhoneNumberTaken
from django_ding.login import texts
from django_ding.services import CheckStatus


@sensitive_variables()
def check_code(device: PhoneDevice, token: str, *, request: HttpRequest | None = None) -> None:
    """Check a code that was sent to a device.

    :raises ValidationError: when it isn't right, or can't be checked, with a sentence for the user.
    """
    try:
        result = device.check_code(token, request=request)
    except DingError as error:
        raise ValidationError(texts.error_message(error), code=error.code) from error
    if result is None:
        raise ValidationError(user_message("without_attempt"), code="without_attempt")
    if result.status is CheckStatus.NUMBER_TAKEN:
        raise ValidationError(PhoneNumberTaken.message, code=result.status)
    if result.status is CheckStatus.ALREADY_VALIDATED:
        raise ValidationError(user_message(result.status), code=result.status)
    if result.status is not CheckStatus.VALID:
        raise ValidationError(texts.check_message(result), code=result.status)


class PhoneOTPFormMixin(otp_forms.OTPAuthenticationFormMixin):
    """A form of django-otp's that checks codes of a phone outside a transaction, and tokens of other devices as before.

    List it before the form among the bases.
    """

    def clean_otp(self, user: Any) -> None:
        """Send a code, or check the one that was entered."""
        device = self.get_phone_device(user)
        if device is None:
            super().clean_otp(user)
            return
        user.otp_device = None
        try:
            self._clean_phone(device)
        except ValidationError:
            self._offer_devices(user)
            raise
        user.otp_device = device

    def get_phone_device(self, user: Any) -> PhoneDevice | None:
        """Return the device that was chosen if it is a phone of this user's."""
        device = Device.from_persistent_id(self.cleaned_data.get("otp_device") or "")
        is_theirs = isinstance(device, PhoneDevice) and user is not None and device.user_id == user.pk
        return device if is_theirs and device.confirmed else None

    def _clean_phone(self, device: PhoneDevice) -> None:
        request = getattr(self, "request", None)
        if self.cleaned_data.get("otp_challenge"):
            raise ValidationError(device.generate_challenge(request), code="challenge_message")
        token = self.cleaned_data.get("otp_token")
        if not token:
            raise ValidationError(self.otp_error_messages["token_required"], code="token_required")
        try:
            check_code(device, token, request=request)
        except ValidationError:
            otp_verification_failed.send(sender=type(self), user=device.user)
            raise

    def _offer_devices(self, user: Any) -> None:
        if "otp_device" in self.fields:
            self.fields["otp_device"].widget.choices = self.device_choices(user)
        if "password" in self.fields:
            self.fields["password"].widget.render_value = True


class OTPAuthenticationForm(PhoneOTPFormMixin, otp_forms.OTPAuthenticationForm):
    """Username, password and token."""


class OTPTokenForm(PhoneOTPFormMixin, otp_forms.OTPTokenForm):
    """The token of a user who has logged in."""

    def __init__(self, user: Any, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, request, *args, **kwargs)
        self.request = request


class OTPAdminAuthenticationForm(PhoneOTPFormMixin, BaseOTPAdminAuthenticationForm):
    """Username, password and token, for the admin."""
