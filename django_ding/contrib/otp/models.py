"""The device."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django_otp.models import Device, DeviceManager, GenerateNotAllowed

from django_ding import clock, services
from django_ding.codes import user_message
from django_ding.exceptions import BackendUnavailable, Blocked, DingError, InputError
from django_ding.login import texts
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import write_alias
from django_ding.models.fields import UtcDateTimeField
from django_ding.phone import mask
from django_ding.services import CheckResult, CheckStatus

_IN_TRANSACTION = (
    "Codes can't be sent or checked inside a transaction, which django-otp's forms, verify_token() and match_token() "
    "open. Use those of django_ding.contrib.otp, and exempt your views from ATOMIC_REQUESTS with "
    "@transaction.non_atomic_requests."
)


class NoPhoneNumber(InputError):
    """The user has no verified number that a code could be sent to."""

    code = "no_phone_number"
    message = texts.NO_NUMBER


class PhoneDeviceManager(DeviceManager):
    """The manager of devices."""

    def create_missing(self) -> int:
        """Create a device for each user who has a verified number and none. Return how many users that were.

        Numbers that are verified get theirs on their own. Call it after an import of numbers.
        """
        users = PhoneNumber.objects.exclude(user__in=self.values("user")).values_list("user", flat=True)
        devices = [PhoneDevice(user_id=user_id) for user_id in users.order_by().distinct()]
        self.bulk_create(devices, batch_size=1000, ignore_conflicts=True)
        return len(devices)


class PhoneDevice(Device):
    """A user's phone. Codes are sent to the user's primary number, by the services of django-ding.

    It has no code of its own and no throttling: the limits, attempts and lockouts are django-ding's. Outside a
    transaction only.

    .. attribute:: authentication_id

        The ``public_id`` of the authentication whose code is entered next.
    """

    #: The purpose of its codes.
    PURPOSE = Authentication.Purpose.SECOND_FACTOR

    # All of django-otp's fields are this model's own: a release that changes theirs must want no migration in this app.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="ding_otp_device",
    )
    name = models.CharField(_("name"), max_length=64, default="phone")
    confirmed = models.BooleanField(_("confirmed"), default=True)
    created_at = UtcDateTimeField(_("created at"), default=clock.now, editable=False)
    last_used_at = UtcDateTimeField(_("last used at"), null=True, blank=True, editable=False)
    # No foreign key, since authentications are purged.
    authentication_id = models.UUIDField(null=True, editable=False)

    objects = PhoneDeviceManager()

    class Meta:
        verbose_name = _("phone device")
        verbose_name_plural = _("phone devices")

    #: A number that isn't verified yet: the code links it to the user. For pages that set a device up.
    new_phone_number: str = ""

    #: Whether :meth:`generate_challenge` raises errors. For callers that show them by themselves.
    raises_errors: bool = False

    #: What :meth:`generate_challenge` returned last, for pages that show it later.
    challenge: str = ""

    def generate_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Return whether a new message would be sent. Only the cooldown is known before the guard is asked."""
        pending = self._get_authentication()
        if pending is None or not pending.is_open(clock.now()) or not pending.is_cooling(clock.now()):
            return True, None
        reason = GenerateNotAllowed.COOLDOWN_DURATION_PENDING
        return False, {"reason": reason, "next_generation_at": pending.next_retry_at}

    def generate_challenge(self, request: HttpRequest | None = None) -> str:
        """Send a code. Return a sentence for the user: where it was sent, or why not.

        For an exception instead, call :meth:`send_code`.

        :param request: for the limits by IP address.
        """
        try:
            self.challenge = self._sent_message(self.send_code(request=request))
        except DingError as error:
            if self.raises_errors:
                raise
            self.challenge = texts.error_message(error)
        return self.challenge

    def send_code(self, *, request: HttpRequest | None = None) -> Authentication:
        """Send a code to the user's primary number. Return the authentication to check it with.

        A code whose response was lost in an outage is one to enter, too: its message may come.

        :raises NoPhoneNumber: when the user has none.
        :raises DingError: as :func:`django_ding.services.send`.
        """
        phone_number, purpose = self.new_phone_number, Authentication.Purpose.LINK
        if not phone_number:
            phone_number, purpose = self._primary_number(), self.PURPOSE
        try:
            authentication = services.send(
                phone_number, user=self.user, purpose=purpose, request=request
            ).authentication
        except TransactionManagementError as error:
            raise TransactionManagementError(_IN_TRANSACTION) from error
        except BackendUnavailable as error:
            if error.authentication is None:
                raise
            authentication = error.authentication
        self._set_authentication(authentication)
        return authentication

    def verify_is_allowed(self) -> tuple[bool, dict[str, Any] | None]:
        """Return whether there is a code to enter; if not, why, as ``error_message``."""
        pending = self._get_authentication()
        if pending is None:
            return False, {"error_message": user_message("without_attempt")}
        lockout = services.find_lockout(pending)
        if lockout is not None:
            return False, {"error_message": user_message("locked_out")}
        if message := texts.status_message(pending):
            return False, {"error_message": message}
        if not pending.remaining_checks:
            return False, {"error_message": user_message("rate_limited")}
        return True, None

    @sensitive_variables()
    def verify_token(self, token: str, request: HttpRequest | None = None) -> bool:
        """Return whether this is the code that was sent. One request in all gets ``True`` for it.

        :param request: for the receivers of ``user_login_failed``.
        :raises BackendUnavailable: in an outage, in which nobody knows. Other errors of the provider are raised, too.
        """
        try:
            result = self.check_code(token, request=request)
        except (InputError, Blocked):
            return False
        return result is not None and result.status is CheckStatus.VALID

    @sensitive_variables()
    def check_code(self, token: str, *, request: HttpRequest | None = None) -> CheckResult | None:
        """Check a code, as :func:`django_ding.services.check` does. Return ``None`` when there is none to enter."""
        pending = self._get_authentication()
        if pending is None:
            return None
        try:
            result = services.check(pending, str(token), request=request)
        except TransactionManagementError as error:
            raise TransactionManagementError(_IN_TRANSACTION) from error
        if result.status is CheckStatus.VALID:
            self.last_used_at = clock.now()
            PhoneDevice.objects.filter(pk=self.pk).update(last_used_at=self.last_used_at)
        return result

    def _primary_number(self) -> str:
        number = services.primary_number(self.user)
        if number is None:
            raise NoPhoneNumber
        return number.phone_number

    def _set_authentication(self, authentication: Authentication) -> None:
        self.authentication_id = authentication.public_id
        if self.pk is None:
            self.save()
        else:
            PhoneDevice.objects.filter(pk=self.pk).update(authentication_id=self.authentication_id)

    def _get_authentication(self) -> Authentication | None:
        """Return the authentication to check a code with. A number that the user no longer has is worth nothing."""
        if self.authentication_id is None:
            return None
        purpose = Authentication.Purpose.LINK if self.new_phone_number else self.PURPOSE
        mine = Authentication.objects.using(write_alias()).filter(user_id=self.user_id, purpose=purpose)
        found = mine.filter(public_id=self.authentication_id).first()
        if found is None or self.new_phone_number:
            return found
        is_mine = PhoneNumber.objects.using(write_alias()).of_user(self.user_id).filter(phone_number=found.phone_number)
        return found if is_mine.exists() else None

    def _sent_message(self, authentication: Authentication) -> str:
        return f"{texts.sent_message(authentication)} {mask(authentication.phone_number)}"
