"""The bodies of requests and responses.

A serializer's name is also that of its component in an OpenAPI schema, which all apps of a project share.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_ding.api.shared_fields import SharedFieldsModelSerializer, SharedFieldsSerializer
from django_ding.backends.types import DeviceType
from django_ding.channels import SELECTABLE_CHANNELS
from django_ding.conf import ding_settings
from django_ding.exceptions import InputError
from django_ding.models import Authentication, PhoneNumber, RememberedDevice

DEVICE_FIELDS = ("device_type", "device_id", "device_model", "os_version", "app_version", "app_realm")


class TextField(serializers.CharField):
    """A string. ``CharField`` also accepts a JSON number, which has lost its leading zeros."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PhoneNumberField(TextField):
    """A number as typed. A blank before it is kept: a form may have lost its plus sign, and then it means another."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)


class SignalField(TextField):
    """A text about a device, without control characters, which providers reject as a malformed request."""

    default_error_messages = {"unprintable": _("This has control characters.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text.isprintable():
            self.fail("unprintable")
        return text


class LiveChoiceField(serializers.ChoiceField):
    """A choice of what is in the settings, which are read for each request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[], **kwargs)

    def get_choices(self) -> dict[str, str]:
        """Return the choices and their labels."""
        raise NotImplementedError

    choices = property(lambda self: self.get_choices(), serializers.ChoiceField._set_choices)

    @property
    def grouped_choices(self) -> dict[str, str]:
        """The same, for the forms of the browsable API."""
        return self.get_choices()

    @grouped_choices.setter
    def grouped_choices(self, choices: Any) -> None:
        """Ignore what the constructor sets."""


class PurposeField(LiveChoiceField):
    """One of the purposes in the settings."""

    default_error_messages = {"invalid_choice": _("Unknown purpose.")}

    def get_choices(self) -> dict[str, str]:
        names = (*ding_settings.PURPOSES, *ding_settings.ANONYMOUS_PURPOSES)
        return {name: name for name in names}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice")
        return data


class RequestedChannelField(LiveChoiceField):
    """One of the channels in the settings. The services reject the others, and those that the backend lacks."""

    # REST framework's own sentence repeats the input, which may hold characters that can't be encoded.
    default_error_messages = {"invalid_choice": _("Unknown channel.")}

    def get_choices(self) -> dict[str, str]:
        return {channel.value: str(channel.label) for channel in ding_settings.CHANNELS}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in SELECTABLE_CHANNELS:
            self.fail("invalid_choice")
        return data


class ChannelField(serializers.CharField):
    """A channel in a response, ``None`` when it is unknown."""

    # No choice field: to a client a channel that a later version adds must be no surprise.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value if value in SELECTABLE_CHANNELS else None


class UtcDateTimeField(serializers.DateTimeField):
    """A time in UTC, whatever the project's settings."""

    def to_representation(self, value: datetime) -> str:
        return format_utc(value)


def format_utc(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, such as ``2026-06-01T12:00:00Z``."""
    if timezone.is_naive(moment):  # With ``USE_TZ = False``, Django keeps times in ``TIME_ZONE``.
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- requests


class SendCodeSerializer(SharedFieldsSerializer):
    """A number to send a code to, and what the app knows about the device, which helps against fraud."""

    phone_number = PhoneNumberField(
        max_length=64, help_text="As typed: E.164, or a national number of the project's default country."
    )
    purpose = PurposeField(
        required=False,
        # Lazy, since the settings may change after the import, as in tests.
        help_text=lazy(
            lambda: (
                f"Default: `link`, for anonymous callers the first of: {', '.join(ding_settings.ANONYMOUS_PURPOSES)}."
            ),
            str,
        )(),
    )
    channel = RequestedChannelField(required=False, help_text="How to send the code. By default, the provider decides.")
    dispatch_id = serializers.RegexField(
        r"^[A-Za-z0-9-]{36}\Z",
        required=False,
        help_text="From the provider's SDK, if your app uses it.",
        error_messages={"invalid": _("The ID of the provider's SDK has 36 letters, digits and dashes.")},
    )
    device_type = serializers.ChoiceField(
        choices=DeviceType.values,
        required=False,
        help_text="The platform of the device.",
        error_messages={"invalid_choice": _("Use ANDROID, IOS, WEB, IPADOS or TVOS.")},
    )
    device_id = SignalField(max_length=128, required=False, help_text="Identifies the device.")
    device_model = SignalField(max_length=128, required=False, help_text="The model of the device, such as Pixel 9.")
    os_version = SignalField(max_length=64, required=False, help_text="The version of the operating system.")
    app_version = SignalField(max_length=64, required=False, help_text="The version of your app.")
    app_realm = serializers.RegexField(
        r"^[A-Za-z0-9+/]{11}\Z",
        required=False,
        help_text="The hash of Android's SMS Retriever, which lets the app read the code itself. ANDROID only.",
        error_messages={"invalid": _("The hash of Android's SMS Retriever has eleven characters.")},
    )
    locale = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
        max_length=35,
        required=False,
        help_text="The language of the message, a BCP 47 tag such as pt-BR. Default: that of the number's country.",
        error_messages={"invalid": _("Use a BCP 47 language tag, such as fr or pt-BR.")},
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Reject an ``app_realm`` that the provider would reject: it is for Android only."""
        if attrs.get("app_realm") and attrs.get("device_type") != DeviceType.ANDROID:
            missing = "device_type" not in attrs
            raise InputError.from_code(
                "app_realm_require_device_type" if missing else "unsupported_app_realm_device_type"
            )
        return attrs


class SendLoginCodeSerializer(SendCodeSerializer):
    """A number to log in with, and what the app knows about the device."""

    purpose = None  # type: ignore[assignment]  # REST framework's way to remove an inherited field.


class StepUpSerializer(SendCodeSerializer):
    """The password, or to which of the user's numbers to send a code, and what the app knows about the device."""

    phone_number = purpose = None  # type: ignore[assignment]  # REST framework's way to remove an inherited field.
    password = TextField(
        max_length=4096, trim_whitespace=False, required=False, write_only=True, help_text="Instead of a code."
    )
    phone_number_id = serializers.UUIDField(
        required=False, help_text="The `id` of one of the user's numbers. Default: the primary one."
    )


class CheckCodeSerializer(SharedFieldsSerializer):
    """A code, as text: a number would lose its leading zeros."""

    code = TextField(max_length=64, help_text="As typed: 4 to 8 digits, with or without spaces and dashes.")


class RetryCodeSerializer(SharedFieldsSerializer):
    """How to send the next message."""

    channel = RequestedChannelField(required=False, help_text="By default, the provider decides.")


# --- responses


class PhoneAuthenticationSerializer(SharedFieldsModelSerializer):
    """A request to prove control of a phone number, and its state."""

    id = serializers.UUIDField(source="public_id")
    channel = ChannelField(help_text="How the last message was sent, such as `sms`, if known.")
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    next_retry_at = UtcDateTimeField(allow_null=True)

    class Meta:
        model = Authentication
        fields = [
            "id",
            "phone_number",
            "purpose",
            "status",
            "channel",
            "created_at",
            "expires_at",
            "next_retry_at",
            "remaining_retry",
            "remaining_checks",
        ]
        read_only_fields = fields


class VerifiedPhoneNumberSerializer(SharedFieldsModelSerializer):
    """A number that the user has verified."""

    id = serializers.UUIDField(source="public_id")
    verified_at = UtcDateTimeField()

    class Meta:
        model = PhoneNumber
        fields = ["id", "phone_number", "verified_at", "is_primary"]
        read_only_fields = fields


class RememberedDeviceSerializer(SharedFieldsModelSerializer):
    """A device that needs no second factor."""

    id = serializers.UUIDField(source="public_id")
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()

    class Meta:
        model = RememberedDevice
        fields = ["id", "name", "created_at", "expires_at"]
        read_only_fields = fields
