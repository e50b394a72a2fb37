"""django-allauth's forms for codes, for ``ACCOUNT_FORMS``: they ask the services whether a code is right."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import ValidationError

from django_ding import services
from django_ding.contrib.allauth import references
from django_ding.contrib.allauth.references import Reference
from django_ding.exceptions import (
    BackendRejected,
    BackendUnavailable,
    DingError,
    InvalidProof,
    NoAccount,
    PhoneNumberTaken,
)
from django_ding.login import texts
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import user_key, write_alias
from django_ding.services import CheckResult, CheckStatus

Purpose = Authentication.Purpose


class _CodeFormMixin:
    """Checks a code of this app's. One of django-allauth's own, such as one sent by email, is compared as before."""

    cleaned_data: dict[str, Any]
    expected_code: str | None
    user: Any = None

    def clean_code(self) -> str:
        """Check the code. A right one is accepted once.

        For every other reason than an outage the answer is the same, as for a number that has no account.
        """
        if self.expected_code and not references.is_reference(self.expected_code):
            code: str = super().clean_code()  # type: ignore[misc]
            return code
        reference = references.read(self.expected_code)
        if reference is None or not self._is_right(reference):
            raise get_adapter().validation_error("incorrect_code")
        return str(self.cleaned_data["code"])

    def _is_right(self, reference: Reference) -> bool:
        try:
            result = services.check(reference.authentication, self.cleaned_data["code"], request=context.request)
            return self._complete(result, reference)
        except (BackendUnavailable, BackendRejected) as error:
            raise ValidationError(texts.error_message(error), code=error.code) from error
        except DingError:
            return False

    def _complete(self, result: CheckResult, reference: Reference) -> bool:
        """Return whether the code is right, and its number the user's. What follows from it is done."""
        authentication = result.authentication
        if result.status is CheckStatus.NUMBER_TAKEN:
            raise get_adapter().validation_error("phone_taken")
        if result.status is not CheckStatus.VALID:
            return False
        if authentication.purpose == Purpose.LOGIN:
            return self._redeem(reference)
        if authentication.purpose == Purpose.SIGNUP:
            return self._claim(reference)
        if result.phone_number is not None:
            _replace_others(result.phone_number)
        return user_key(authentication.user_id) == reference.user_key and bool(reference.user_key)

    def _redeem(self, reference: Reference) -> bool:
        numbers = PhoneNumber.objects.using(write_alias()).of_user(reference.user_key)
        if not numbers.filter(phone_number=reference.authentication.phone_number).exists():
            return False
        try:
            # Whether this user may log in is django-allauth's to say.
            services.redeem_login(
                reference.authentication, user_can_authenticate=lambda user: user_key(user.pk) == reference.user_key
            )
        except (InvalidProof, NoAccount):
            return False
        return True

    def _claim(self, reference: Reference) -> bool:
        if self.user is None or user_key(self.user.pk) != reference.user_key:
            return False
        try:
            services.claim(reference.authentication, user=self.user)
        except PhoneNumberTaken:
            raise get_adapter().validation_error("phone_taken") from None
        return True


def _replace_others(number: PhoneNumber) -> None:
    """Let a number that its user has just verified take the place of their primary one, as a change of numbers does."""
    former = services.primary_number(number.user)
    if former is not None and former.pk != number.pk:
        services.replace_number(former, number)


class VerifyPhoneForm(_CodeFormMixin, allauth_forms.VerifyPhoneForm):
    """For ``"verify_phone"``: the code of a sign-up, or of a change of numbers."""


class ConfirmLoginCodeForm(_CodeFormMixin, allauth_forms.ConfirmLoginCodeForm):
    """For ``"confirm_login_code"``."""


class ConfirmReauthenticationCodeForm(_CodeFormMixin, allauth_forms.ConfirmReauthenticationCodeForm):
    """For ``"confirm_reauthentication_code"``."""
