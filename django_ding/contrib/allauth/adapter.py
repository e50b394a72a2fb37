"""django-allauth's adapter."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding import services
from django_ding.conf import ding_settings
from django_ding.contrib.allauth import references
from django_ding.contrib.allauth.fields import PhoneField
from django_ding.contrib.allauth.models import UnverifiedPhoneNumber
from django_ding.exceptions import BackendUnavailable, DingError, InvalidPhoneNumber
from django_ding.login import texts
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import user_key
from django_ding.phone import NotAPhoneNumber, parse

_SENT_MESSAGES = ("account/messages/phone_verification_sent.txt", "account/messages/login_code_sent.txt")
#: Of the request, in which code after code may be requested.
_FAILURE = "_django_ding_not_sent"


class PhoneAdapterMixin:
    """Send django-allauth's codes to phones by the services of this app, and keep users' numbers in it.

    List it before the adapter among the bases. Outside a transaction only: no code can be sent or checked in one.
    """

    request: HttpRequest

    # --- numbers

    def phone_form_field(self, **kwargs: Any) -> Any:
        """Return a field that takes numbers as people write them."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """Return the E.164 form of a number. National ones are read with ``DING["DEFAULT_REGION"]``."""
        try:
            return parse(phone, ding_settings.DEFAULT_REGION)
        except NotAPhoneNumber as error:
            raise ValidationError(str(InvalidPhoneNumber(error.reason)), code="invalid_phone") from None

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """Return the user's primary number, or the one that they have entered and not verified."""
        number = services.primary_number(user)
        if number is not None:
            return number.phone_number, True
        entered = UnverifiedPhoneNumber.objects.filter(user_id=user.pk).first()
        return (entered.phone_number, False) if entered else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        """Keep a number that a user has entered, or one that another system has verified."""
        if verified:
            services.import_numbers([services.NumberToImport(user=user.pk, phone_number=phone)])
        elif not _owns(user, phone):
            UnverifiedPhoneNumber.objects.update_or_create(user_id=user.pk, defaults={"phone_number": phone})

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Forget that a number is unverified. The forms of this app have linked it to its user.

        :raises PermissionDenied: when they haven't: another form has accepted the code.
        """
        if not _owns(user, phone):
            raise PermissionDenied
        UnverifiedPhoneNumber.objects.filter(user_id=user.pk).delete()

    def get_user_by_phone(self, phone: str) -> Any:
        """Return the user who has verified a number. A number that isn't verified keeps nobody from using it."""
        number = PhoneNumber.write_db.filter(phone_number=phone).select_related("user").first()
        return number.user if number else None

    # --- codes

    @sensitive_variables()
    def generate_phone_verification_code(self, *, user: Any, phone: str) -> str:
        """Send a code. Return what django-allauth keeps in place of it, "" when none was sent.

        The page that follows says so.
        """
        visitor = getattr(self.request, "user", None)
        if visitor is not None and visitor.is_authenticated:
            purpose = Authentication.Purpose.STEP_UP if _owns(user, phone) else Authentication.Purpose.LINK
            sent = self._send(phone, purpose=purpose, user=user)
        else:
            # The visitor isn't identified: the limits of visitors apply, whether or not the number has an account.
            purpose = Authentication.Purpose.LOGIN if _owns(user, phone) else Authentication.Purpose.SIGNUP
            sent = self._send(phone, purpose=purpose)
        return references.write(sent, user=user) if sent else ""

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        """Do nothing: the code was sent when django-allauth asked for one."""

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Send a code that opens nothing, so that limits and outages don't reveal which numbers have accounts."""
        self._send(phone, purpose=Authentication.Purpose.LOGIN)

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Send a code that opens nothing, so that limits and outages don't reveal which numbers have accounts."""
        self._send(phone, purpose=Authentication.Purpose.SIGNUP)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Add a message; in place of the one that a code was sent, why none was."""
        failure = request.__dict__.pop(_FAILURE, "") if message_template in _SENT_MESSAGES else ""
        if failure:
            super().add_message(request, messages.ERROR, message=failure)  # type: ignore[misc]
            return
        super().add_message(request, level, message_template, *args, **kwargs)  # type: ignore[misc]

    def _send(self, phone: str, *, purpose: str, user: Any = None) -> Authentication | None:
        self.request.__dict__.pop(_FAILURE, None)
        try:
            return services.send(phone, user=user, purpose=purpose, request=self.request).authentication
        except DingError as error:
            if isinstance(error, BackendUnavailable) and error.authentication is not None:
                setattr(self.request, _FAILURE, texts.sent_message(error.authentication))
                sent: Authentication = error.authentication
                return sent
            setattr(self.request, _FAILURE, texts.error_message(error))
            return None


class AccountAdapter(PhoneAdapterMixin, DefaultAccountAdapter):
    """For ``ACCOUNT_ADAPTER``, in projects that have no adapter of their own."""


def _owns(user: Any, phone: str) -> bool:
    numbers = PhoneNumber.write_db.of_user(user)
    return bool(user_key(user.pk)) and numbers.filter(phone_number=phone).exists()
