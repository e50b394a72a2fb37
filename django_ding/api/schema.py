"""The endpoints as drf-spectacular documents them, in a project that has it installed.

``AppConfig.ready`` imports this module then; nothing else does.
"""

from collections import defaultdict
from collections.abc import Iterable
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiViewExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from django_ding.api.responses import HTTP_STATUS
from django_ding.api.serializers import (
    ChannelField,
    PhoneAuthenticationSerializer,
    UtcDateTimeField,
    VerifiedPhoneNumberSerializer,
)
from django_ding.backends.types import CheckStatus, RetryStatus
from django_ding.codes import user_message
from django_ding.exceptions import Blocked, LastPhoneNumber, NoAccount, PhoneNumberTaken

if TYPE_CHECKING:
    from rest_framework.views import APIView


class CodeAcceptedSerializer(serializers.Serializer[Any]):
    """The code was correct: the number is verified."""

    status = serializers.ChoiceField(choices=[CheckStatus.VALID.value])
    id = serializers.UUIDField(help_text="The `id` of the authentication.")
    phone_number = serializers.CharField(help_text="In E.164 format, such as +33612345678.")
    purpose = serializers.CharField()
    validated_at = UtcDateTimeField()
    proof = serializers.CharField(
        required=False, help_text="For anonymous callers: proves the verification when they sign up. It expires."
    )


class SilentVerificationSerializer(serializers.Serializer[Any]):
    """How to get the code without a message."""

    request_url = serializers.URLField(help_text="Open it over the cellular network. What it returns is the code.")


class SentAuthenticationSerializer(serializers.Serializer[Any]):
    """The authentication whose code can be entered."""

    silent = SilentVerificationSerializer(required=False)


class SentAuthenticationExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Adds what ``send_response`` adds to the authentication."""

    # Not by inheritance: a second component with the same enumerations gets them names of their own, and a warning.
    target_class = "django_ding.api.schema.SentAuthenticationSerializer"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the components of both."""
        own = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {"allOf": [auto_schema.resolve_serializer(PhoneAuthenticationSerializer, direction).ref, own]}


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


#: The codes that need other words here than in a response, and REST framework's own.
_EXPLANATIONS = {
    "authentication_failed": "The credentials are not valid.",
    "blocked": Blocked.message,
    "content_too_large": "The body is too long.",
    "invalid": "Incorrect code. `remaining_checks` says how many more can be tried.",
    "invalid_input": "Some fields are not valid. `errors` says which.",
    "last_phone_number": LastPhoneNumber.message,
    "not_acceptable": "The response is not available in the format that `Accept` asks for.",
    "not_authenticated": "The caller must log in.",
    "no_account": NoAccount.message,
    "not_found": "It doesn't exist, or it belongs to another user.",
    "parse_error": "The body can't be parsed.",
    "permission_denied": "The caller lacks a permission or a CSRF token.",
    "phone_number_taken": PhoneNumberTaken.message,
    "rate_limited": "Too many requests. Wait for `retry_after` seconds.",
    "unavailable": "An outage. Wait for `retry_after` seconds. A message may have been sent.",
    "unsupported_media_type": "The content type of the body is not supported.",
}
_STATUS = HTTP_STATUS | {
    "not_found": 404,
    "not_acceptable": 406,
    "content_too_large": 413,
    "unsupported_media_type": 415,
}

_HEADERS = [
    OpenApiParameter(
        "Retry-After",
        {"type": "integer", "minimum": 0},
        OpenApiParameter.HEADER,
        required=True,
        response=[429, 503],
        description="Seconds to wait before trying again.",
    ),
    OpenApiParameter("WWW-Authenticate", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[401]),
]
_AUTHENTICATION = OpenApiParameter(
    "public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the authentication."
)
_PHONE_NUMBER = OpenApiParameter(
    "public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the number."
)

_DESTINATION_CODES = ("invalid_line", "unsupported_region", "unsupported_channel", "untrusted_number")
_BODY_CODES = ("invalid_input", "parse_error", "content_too_large", "unsupported_media_type")
_WAIT_CODES = ("rate_limited", "unavailable")
_RETRY_CODES = ("already_validated", "no_attempt", "denied", "expired_auth", "blocked", *_WAIT_CODES)
_CHECK_CODES = ("not_found", "invalid", "invalid_code", "already_validated", "without_attempt", "expired_auth")

_ANDROID = {"device_type": "ANDROID", "device_model": "Pixel 9", "app_realm": "abcdefghijk", "locale": "fr"}
_SEND: dict[str, Any] = {
    "method": "post",
    "successes": {
        201: OpenApiResponse(SentAuthenticationSerializer, description="A new authentication."),
        200: OpenApiResponse(SentAuthenticationSerializer, description="The live one for the same number."),
    },
    "codes": (
        *_BODY_CODES,
        *_DESTINATION_CODES,
        "invalid_phone_number",
        "app_realm_require_device_type",
        "unsupported_app_realm_device_type",
        "invalid_app_realm",
        "invalid_app_version",
        "invalid_os_version",
        "invalid_device_model",
        "invalid_device_id",
        *_RETRY_CODES,
    ),
    "examples": [
        OpenApiExample("The number alone", {"phone_number": "+33612345678"}, request_only=True),
        OpenApiExample("From Android", {"phone_number": "+33 6 12 34 56 78", **_ANDROID}, request_only=True),
    ],
}
_CHECK: dict[str, Any] = {
    "method": "post",
    "parameters": [_AUTHENTICATION],
    "successes": {200: CodeAcceptedSerializer},
    "codes": (*_CHECK_CODES, "phone_number_taken", *_BODY_CODES, *_WAIT_CODES),
    "error": WrongCodeSerializer,
    "examples": [OpenApiExample("A code", {"code": "012345"}, request_only=True)],
}
_RETRY: dict[str, Any] = {
    "method": "post",
    "parameters": [_AUTHENTICATION],
    "successes": {200: RetryApprovedSerializer},
    "codes": ("not_found", *_BODY_CODES, *_DESTINATION_CODES, *_RETRY_CODES),
}
_ENDPOINTS: dict[str, dict[str, Any]] = {
    "SendView": {"operation_id": "send_code", **_SEND},
    "AuthenticationView": {
        "operation_id": "get_phone_authentication",
        "method": "get",
        "parameters": [_AUTHENTICATION],
        "successes": {200: PhoneAuthenticationSerializer},
        "codes": ("not_found",),
    },
    "CheckView": {"operation_id": "check_code", **_CHECK},
    "RetryView": {"operation_id": "retry_code", **_RETRY},
    "LoginSendView": {"operation_id": "send_login_code", **_SEND},
    "LoginCheckView": {
        **_CHECK,
        "operation_id": "log_in",
        "successes": {
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="What the project's token issuer returns.")
        },
        "codes": (*_CHECK_CODES, "no_account", *_BODY_CODES, *_WAIT_CODES),
    },
    "LoginRetryView": {"operation_id": "retry_login_code", **_RETRY},
    "PhoneNumberListView": {
        "operation_id": "list_phone_numbers",
        "method": "get",
        "successes": {200: VerifiedPhoneNumberSerializer(many=True)},
    },
    "PhoneNumberView": {
        "operation_id": "remove_phone_number",
        "method": "delete",
        "parameters": [_PHONE_NUMBER],
        "successes": {204: OpenApiResponse(description="Removed.")},
        "codes": ("not_found", "last_phone_number"),
    },
    "MakePrimaryView": {
        "operation_id": "make_phone_number_primary",
        "method": "post",
        "parameters": [_PHONE_NUMBER],
        "request": None,
        "successes": {200: VerifiedPhoneNumberSerializer},
        "codes": ("not_found",),
    },
}


class DingViewExtension(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    """Documents the app's views, and a project's subclasses of them."""

    target_class = "django_ding.api.views.DingView"
    match_subclasses = True

    def view_replacement(self) -> "type[APIView]":
        """Return the view with its documentation, or unchanged when it is of none of the app's classes."""
        names = [cls.__name__ for cls in self.target.__mro__]
        endpoint = next((_ENDPOINTS[name] for name in names if name in _ENDPOINTS), None)
        return _documented(self.target, **endpoint) if endpoint else self.target


def _documented(
    view: "type[APIView]",
    *,
    method: str,
    successes: dict[int, Any],
    codes: Iterable[str] = (),
    error: type[PhoneErrorSerializer] = PhoneErrorSerializer,
    parameters: Iterable[OpenApiParameter] = (),
    **more: Any,
) -> "type[APIView]":
    # The description is the docstring of the method, which drf-spectacular reads by itself.
    schema = extend_schema(
        tags=["phone verification"],
        summary=(getdoc(view) or "").partition("\n")[0].rstrip("."),
        parameters=[*parameters, *_HEADERS],
        responses=dict(sorted({**successes, **_failures(codes, error)}.items())),
        **more,
    )
    # Of a subclass, since ``extend_schema_view`` writes to the class that it is given.
    replacement = type(view.__name__, (view,), {"__doc__": view.__doc__})
    return extend_schema_view(**{method: schema})(replacement)


def _failures(codes: Iterable[str], error: type[PhoneErrorSerializer]) -> dict[int, OpenApiResponse]:
    by_status = defaultdict(list)
    for code in (*codes, "not_acceptable"):
        by_status[_STATUS.get(code, 400)].append(code)
    # The project's authentication classes decide which of the two it is.
    by_status[401] += ["not_authenticated", "authentication_failed"]
    by_status[403] += ["not_authenticated", "authentication_failed", "permission_denied"]
    return {
        status: OpenApiResponse(
            error if status == 400 else PhoneErrorSerializer,
            description="\n".join(f"- `{code}`: {_EXPLANATIONS.get(code) or user_message(code)}" for code in codes),
        )
        for status, codes in by_status.items()
    }
