"""The shapes of requests and answers."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_ding.backends.base import DeviceType
from django_ding.conf import ding_settings
from django_ding.exceptions import InputError
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import Signals

_SIGNALS = {field.name for field in fields(Signals)}


class TextField(serializers.CharField):
    """Text only. ``CharField`` takes a JSON number too, which has lost its leading zeros."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SendSerializer(serializers.Serializer[Any]):
    """A number to send a code to, and what the app knows of the device."""

    phone_number = TextField(
        max_length=64, help_text="As typed: E.164, or a national number of the country that the project reads them in."
    )
    purpose = TextField(max_length=32, required=False)
    device_type = serializers.ChoiceField(
        choices=[DeviceType.ANDROID, DeviceType.IOS, DeviceType.WEB],
        required=False,
        help_text="The platform of the device.",
        # REST framework's own sentence repeats the input, which may hold what can't be encoded.
        error_messages={"invalid_choice": _("Use ANDROID, IOS or WEB.")},
    )
    device_id = TextField(max_length=128, required=False, help_text="Identifies the device.")
    device_model = TextField(max_length=128, required=False, help_text="The model of the device, such as Pixel 9.")
    os_version = TextField(max_length=64, required=False, help_text="The version of the device's system.")
    app_version = TextField(max_length=64, required=False, help_text="The version of your app.")
    app_realm = serializers.RegexField(
        r"^[A-Za-z0-9+/]{11}\Z",
        required=False,
        help_text="The hash of Android's SMS Retriever, so that the app reads the code by itself. ANDROID only.",
        error_messages={"invalid": _("The hash of Android's SMS Retriever has eleven characters.")},
    )
    locale = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
        max_length=35,
        required=False,
        help_text="The language of the message, a BCP 47 tag such as pt-BR. Default: that of the number's country.",
        error_messages={"invalid": _("Use a BCP 47 language tag, such as fr or pt-BR.")},
    )

    def validate_purpose(self, purpose: str) -> str:
        """Refuse a purpose that the project doesn't have: each has a cooldown of its own."""
        if purpose not in {*ding_settings.PURPOSES, *ding_settings.ANONYMOUS_PURPOSES}:
            raise serializers.ValidationError(_("There is no such purpose."), code="invalid_choice")
        return purpose

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an ``app_realm`` where the provider would (its docs: Android only)."""
        if attrs.get("app_realm") and attrs.get("device_type") != DeviceType.ANDROID:
            missing = "device_type" not in attrs
            raise InputError.from_code(
                "app_realm_require_device_type" if missing else "unsupported_app_realm_device_type"
            )
        return attrs


class LoginSerializer(SendSerializer):
    """A number to log in with. It is verified for nothing else."""

    purpose = None  # type: ignore[assignment]  # As REST framework takes an inherited field away.


class CheckSerializer(serializers.Serializer[Any]):
    """A code. Its digits are for the service to find."""

    code = TextField(max_length=64, help_text="As typed: 4 to 8 digits, spaces and dashes between them allowed.")


class UtcField(serializers.DateTimeField):
    """A time in UTC, whatever the time zone of the project or the request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class AuthenticationSerializer(serializers.ModelSerializer[Authentication]):
    """An authentication as its requester sees it."""

    id = serializers.UUIDField(source="public_id")
    created_at = UtcField()
    expires_at = UtcField()
    next_retry_at = UtcField(allow_null=True)

    class Meta:
        model = Authentication
        fields = [
            "id",
            "phone_number",
            "purpose",
            "status",
            "created_at",
            "expires_at",
            "next_retry_at",
            "remaining_retry",
            "remaining_checks",
        ]
        read_only_fields = fields


def signals_of(asked: Mapping[str, Any], ip: str | None) -> Signals:
    """Return what was said of the device, with the address it was said from."""
    return Signals(ip=ip, **{name: value for name, value in asked.items() if name in _SIGNALS})


class PhoneNumberSerializer(serializers.ModelSerializer[PhoneNumber]):
    """A verified number as its owner sees it."""

    verified_at = UtcField()

    class Meta:
        model = PhoneNumber
        fields = ["id", "phone_number", "verified_at", "is_primary"]
        read_only_fields = fields


# Made once: REST framework copies the fields of a serializer anew for each instance, which costs more than the rest.
SEND = SendSerializer()
CHECK = CheckSerializer()
LOGIN = LoginSerializer()
AUTHENTICATION = AuthenticationSerializer()
