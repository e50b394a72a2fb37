"""The bodies that only the documentation of the endpoints has: the views write them without a serializer."""

from typing import Any

from rest_framework import serializers

from django_ding.api.serializers import ChannelField, UtcDateTimeField
from django_ding.backends.types import CheckStatus, RetryStatus


class CodeAcceptedSerializer(serializers.Serializer[Any]):
    """The code was correct: the number is verified."""

    status = serializers.ChoiceField(choices=[CheckStatus.VALID.value])
    id = serializers.UUIDField(help_text="The `id` of the authentication.")
    phone_number = serializers.CharField(help_text="In E.164 format, such as +33612345678.")
    purpose = serializers.CharField()
    validated_at = UtcDateTimeField()
    proof = serializers.CharField(
        required=False,
        help_text="For anonymous callers: proves the verification when they sign up. With `step_up`: for the header "
        "`Step-Up-Proof`. It expires.",
    )


class SilentVerificationSerializer(serializers.Serializer[Any]):
    """How to get the code without a message."""

    request_url = serializers.URLField(help_text="Open it over the cellular network. What it returns is the code.")


class SentAuthenticationSerializer(serializers.Serializer[Any]):
    """The authentication whose code can be entered."""

    silent = SilentVerificationSerializer(required=False)


class StepUpProofSerializer(serializers.Serializer[Any]):
    """The caller has confirmed that they are still the user."""

    proof = serializers.CharField(help_text="For the header `Step-Up-Proof`. It expires.")


class LoggedInSerializer(serializers.Serializer[Any]):
    """The session cookie authenticates the user from now on."""

    # No choice field: two components with the same enumeration get it a name of its own, and a warning.
    status = serializers.CharField(help_text="`valid`.")


class LoginTokenSerializer(serializers.Serializer[Any]):
    """The token of the user."""

    token = serializers.CharField()


class KnoxTokenSerializer(LoginTokenSerializer):
    """The new token of the user."""

    expiry = UtcDateTimeField(allow_null=True)


class JSONWebTokensSerializer(serializers.Serializer[Any]):
    """The tokens of the user."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class RetryApprovedSerializer(serializers.Serializer[Any]):
    """Another message was sent."""

    status = serializers.ChoiceField(choices=[RetryStatus.APPROVED.value])
    channel = ChannelField(help_text="How the message was sent, if known.")
    next_retry_at = UtcDateTimeField(allow_null=True, help_text="The earliest time of another retry, if one is left.")
    remaining_retry = serializers.IntegerField(min_value=0, help_text="Retries left.")


class PhoneErrorSerializer(serializers.Serializer[Any]):
    """What went wrong."""

    code = serializers.CharField(help_text="Stable, for programs. Be ready for codes that you don't know.")
    detail = serializers.CharField(help_text="A sentence for the user, in the language of the request.")
    # REST framework takes declared fields off the class, so this one doesn't hide ``Serializer.errors``.
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="With 400: sentences by the name of the field.",
    )
    retry_after = serializers.IntegerField(
        required=False, min_value=0, help_text="Seconds to wait before trying again, as in `Retry-After`."
    )


class WrongCodeSerializer(PhoneErrorSerializer):
    """Why the code was not accepted."""

    remaining_checks = serializers.IntegerField(required=False, min_value=0, help_text="With `invalid` only.")
