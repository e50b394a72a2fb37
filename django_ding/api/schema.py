"""What drf-spectacular is told of the endpoints, in a project that has it installed.

``AppConfig.ready`` imports this module then; nothing else does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.settings import api_settings

from django_ding.api.serializers import (
    AuthenticationSerializer,
    CheckSerializer,
    LoginSerializer,
    PhoneNumberSerializer,
    SendSerializer,
    UtcField,
)
from django_ding.backends.base import CheckStatus, RetryStatus
from django_ding.conf import ding_settings

if TYPE_CHECKING:
    from rest_framework.views import APIView

_TAG = "phone verification"

# The names and docstrings of these serializers are those of the schema's components, which all apps of a project share.


class SendCodeSerializer(SendSerializer):
    """A number to send a code to, and what the app knows of the device. The latter helps against fraud."""

    def get_fields(self) -> dict[str, Any]:
        """Name the purposes that the project has at present."""
        purposes = dict.fromkeys((*ding_settings.PURPOSES, *ding_settings.ANONYMOUS_PURPOSES))
        told = f"What for. Callers who are not signed in may use {_listed(ding_settings.ANONYMOUS_PURPOSES)}."
        return {
            **super().get_fields(),
            "purpose": serializers.ChoiceField(choices=list(purposes), required=False, help_text=told),
        }


class SendLoginCodeSerializer(LoginSerializer):
    """A number to log in with, and what the app knows of the device."""


class CheckCodeSerializer(CheckSerializer):
    """A code, as text: a number would lose its leading zeros."""


class PhoneAuthenticationSerializer(AuthenticationSerializer):
    """A request to prove control of a phone number, and where it stands."""


class VerifiedPhoneNumberSerializer(PhoneNumberSerializer):
    """A number that the user proved to control."""


class CodeAcceptedSerializer(serializers.Serializer[Any]):
    """The right code was entered, and the number is proven."""

    status = serializers.ChoiceField(choices=[CheckStatus.VALID.value])
    id = serializers.UUIDField(help_text="The authentication.")
    phone_number = serializers.CharField(help_text="E.164, such as +33612345678")
    purpose = serializers.CharField()
    validated_at = UtcField()
    proof = serializers.CharField(
        required=False, help_text="For callers who are not signed in: what signing up takes. It holds for a while only."
    )


class CodeSentAgainSerializer(serializers.Serializer[Any]):
    """A new message is on its way."""

    status = serializers.ChoiceField(choices=[RetryStatus.APPROVED.value])
    next_retry_at = UtcField(allow_null=True, help_text="The earliest time of another retry, if there will be one.")
    remaining_retry = serializers.IntegerField(min_value=0, help_text="Retries left.")


class PhoneFailureSerializer(serializers.Serializer[Any]):
    """Why it can't be done."""

    code = serializers.CharField(help_text="For programs, and stable. Be ready for codes you don't know.")
    detail = serializers.CharField(help_text="A sentence for people, in the request's language.")


class PhoneInputFailureSerializer(PhoneFailureSerializer):
    """Why it can't be done, with what is wrong with each malformed field."""

    def get_fields(self) -> dict[str, Any]:
        """Add those that can be malformed."""
        names = ("non_field_errors", *SendSerializer().fields)
        problems = {name: serializers.ListField(child=serializers.CharField(), required=False) for name in names}
        return {**super().get_fields(), **problems}


class WrongCodeSerializer(PhoneFailureSerializer):
    """Why the code was not accepted."""

    remaining_checks = serializers.IntegerField(
        required=False, min_value=0, help_text="Codes that may still be tried; with `invalid` only."
    )
    non_field_errors = serializers.ListField(child=serializers.CharField(), required=False)


_MEANINGS = {
    "already_validated": "the code was used already",
    "app_realm_require_device_type": "`app_realm` needs `device_type`",
    "authentication_failed": "the credentials are wrong",
    "blocked": "this number, or this caller, gets no code",
    "denied": "no further code can be sent for this authentication",
    "expired_auth": "the time to enter the code is over; send a new one",
    "invalid": "the code is wrong; `remaining_checks` tells how many more may be tried",
    "invalid_app_realm": "`app_realm` is not the hash of Android's SMS Retriever",
    "invalid_app_version": "`app_version` is not valid",
    "invalid_code": "it can't be a code, which has 4 to 8 digits; it was not counted",
    "invalid_device_id": "`device_id` is not valid",
    "invalid_device_model": "`device_model` is not valid",
    "invalid_input": "some fields are malformed, and named beside the code",
    "invalid_line": "this kind of line can't receive a code",
    "invalid_os_version": "`os_version` is not valid",
    "invalid_phone_number": "there is no such number",
    "no_attempt": "no code was sent, so it can't be sent again",
    "no_account": "the code was right, but no account has this number",
    "not_acceptable": "the answer isn't there in the format that `Accept` asks for",
    "not_authenticated": "the caller has to sign in",
    "not_found": "it doesn't exist, or belongs to somebody else",
    "parse_error": "the body can't be read",
    "permission_denied": "the caller may not do this",
    "phone_number_taken": "the code was right, but the number belongs to another account",
    "rate_limited": "too many; try again after the seconds of `Retry-After`",
    "unavailable": "an outage; try again after the seconds of `Retry-After`. Nothing is known to have been sent",
    "unsupported_app_realm_device_type": "`app_realm` is for `ANDROID` only",
    "unsupported_media_type": "the body has a content type that is not understood",
    "unsupported_region": "no code goes to this country",
    "without_attempt": "no code was sent, so there is none to enter",
}


def _failure(*codes: str, shape: type[PhoneFailureSerializer] = PhoneFailureSerializer) -> OpenApiResponse:
    return OpenApiResponse(shape, description="\n".join(f"- `{code}`: {_MEANINGS[code]}" for code in codes))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


_SIGN_IN = ("not_authenticated", "authentication_failed", "permission_denied")
_EVERYWHERE = {401: _failure(*_SIGN_IN[:2]), 403: _failure(*_SIGN_IN), 406: _failure("not_acceptable")}
_NOT_FOUND = {404: _failure("not_found")}
_UNREADABLE = {415: _failure("unsupported_media_type")}
_MAY_WAIT = {429: _failure("rate_limited"), 503: _failure("unavailable")}
_REFUSED_RETRY = {
    403: _failure("blocked", *_SIGN_IN),
    409: _failure("already_validated", "no_attempt", "denied"),
    410: _failure("expired_auth"),
    **_MAY_WAIT,
}
_HEADERS = [
    OpenApiParameter(
        "Retry-After",
        {"type": "integer", "minimum": 0},
        OpenApiParameter.HEADER,
        required=True,
        response=[429, 503],
        description="Seconds after which to try again.",
    ),
    OpenApiParameter("WWW-Authenticate", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[401]),
]

_AUTHENTICATION = OpenApiParameter(
    "public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the authentication."
)
_NUMBER = OpenApiParameter(
    "id" if api_settings.SCHEMA_COERCE_PATH_PK else "pk",
    {"type": "integer", "minimum": 1},
    OpenApiParameter.PATH,
    description="The `id` of the number.",
)

_SEND: dict[str, Any] = {
    "operation_id": "send_code",
    "summary": "Send a code",
    "description": (
        "Posting the same number again before `next_retry_at` sends nothing and answers the same authentication; "
        "after it, the authentication is retried. A retry that is refused is answered as that of the retry endpoint."
    ),
    "request": SendCodeSerializer,
    "responses": {
        201: OpenApiResponse(PhoneAuthenticationSerializer, description="A new authentication."),
        200: OpenApiResponse(PhoneAuthenticationSerializer, description="The one that lives for the same number."),
        400: _failure(
            "invalid_input",
            "parse_error",
            "invalid_phone_number",
            "invalid_line",
            "unsupported_region",
            "app_realm_require_device_type",
            "unsupported_app_realm_device_type",
            "invalid_app_realm",
            "invalid_app_version",
            "invalid_os_version",
            "invalid_device_model",
            "invalid_device_id",
            shape=PhoneInputFailureSerializer,
        ),
        **_UNREADABLE,
        **_REFUSED_RETRY,
    },
    "examples": [
        OpenApiExample("In short", {"phone_number": "+33612345678"}, request_only=True),
        OpenApiExample(
            "From Android",
            {
                "phone_number": "+33 6 12 34 56 78",
                "device_type": "ANDROID",
                "device_model": "Pixel 9",
                "os_version": "16",
                "app_version": "1.2",
                "app_realm": "abcdefghijk",
                "locale": "fr",
            },
            request_only=True,
        ),
    ],
}
_RETRIEVE = {
    "operation_id": "get_phone_authentication",
    "summary": "Look where an authentication stands",
    "description": (
        "Its `status`:\n"
        "- `pending`: a code is on its way, and can be entered until `expires_at`\n"
        "- `created`: it is being sent; look again\n"
        "- `unknown`: the provider answered something new; a code may come, and can be entered\n"
        "- `validated`, `expired`, `failed`: it is over\n"
        "- `rate_limited`, `spam_detected`: the provider refused to send"
    ),
    "parameters": [_AUTHENTICATION],
    "responses": {200: PhoneAuthenticationSerializer, **_NOT_FOUND},
}
_CHECK: dict[str, Any] = {
    "operation_id": "check_code",
    "summary": "Check the code a user received",
    "parameters": [_AUTHENTICATION],
    "description": (
        "Spaces, dashes and any Unicode digits are understood. A code that is right is good once. For the purpose "
        "`link` the number is the user's own then."
    ),
    "request": CheckCodeSerializer,
    "responses": {
        200: CodeAcceptedSerializer,
        400: _failure("invalid", "invalid_code", "invalid_input", "parse_error", shape=WrongCodeSerializer),
        **_NOT_FOUND,
        409: _failure("already_validated", "without_attempt", "phone_number_taken"),
        410: _failure("expired_auth"),
        **_UNREADABLE,
        **_MAY_WAIT,
    },
    "examples": [OpenApiExample("A code", {"code": "012345"}, request_only=True)],
}
_RETRY: dict[str, Any] = {
    "operation_id": "retry_code",
    "summary": "Send another message",
    "parameters": [_AUTHENTICATION],
    "description": "By another route, where the provider has one. It works from `next_retry_at` on.",
    "request": None,
    "responses": {
        200: CodeSentAgainSerializer,
        400: _failure("invalid_line", "unsupported_region"),
        **_NOT_FOUND,
        **_REFUSED_RETRY,
    },
}
_LIST = {
    "operation_id": "list_phone_numbers",
    "summary": "List the user's verified numbers",
    "description": "The primary one comes first.",
    "responses": {200: VerifiedPhoneNumberSerializer(many=True)},
}
_RELEASE = {
    "operation_id": "release_phone_number",
    "summary": "Release a number",
    "parameters": [_NUMBER],
    "description": "It belongs to nobody then. The oldest remaining one stands in for a primary one.",
    "responses": {204: OpenApiResponse(description="It is released."), **_NOT_FOUND},
}
_MAKE_PRIMARY = {
    "operation_id": "make_phone_number_primary",
    "summary": "Make a number the primary one",
    "parameters": [_NUMBER],
    "description": "It stands in for the former one.",
    "request": None,
    "responses": {200: VerifiedPhoneNumberSerializer, **_NOT_FOUND},
}

_LOGIN_SEND = {
    **_SEND,
    "operation_id": "send_login_code",
    "summary": "Send a code to log in with",
    "description": "Whoever calls, and whether or not an account has the number, the answer is the same.",
    "request": SendLoginCodeSerializer,
}
_LOGIN_CHECK = {
    **_CHECK,
    "operation_id": "log_in",
    "summary": "Log in with the code a user received",
    "description": (
        "Spaces, dashes and any Unicode digits are understood. The right code is good once. What is answered is for "
        "the project to say: a token, or a session, which needs Django's CSRF token."
    ),
    "responses": {
        **_CHECK["responses"],
        200: OpenApiResponse(OpenApiTypes.OBJECT, description="What the project's token issuer makes for the user."),
        403: _failure("no_account", *_SIGN_IN),
        409: _failure("already_validated", "without_attempt"),
    },
}
_LOGIN_RETRY = {**_RETRY, "operation_id": "retry_login_code", "summary": "Send another message to log in with"}

#: The method of each view, and what is told of it.
_ENDPOINTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "AuthenticationListView": ("post", _SEND),
    "AuthenticationView": ("get", _RETRIEVE),
    "CheckView": ("post", _CHECK),
    "RetryView": ("post", _RETRY),
    "LoginListView": ("post", _LOGIN_SEND),
    "LoginCheckView": ("post", _LOGIN_CHECK),
    "LoginRetryView": ("post", _LOGIN_RETRY),
    "PhoneNumberListView": ("get", _LIST),
    "PhoneNumberView": ("delete", _RELEASE),
    "MakePrimaryView": ("post", _MAKE_PRIMARY),
}


class DingViewExtension(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    """Describes the app's views, and those that a project derives from them."""

    target_class = "django_ding.api.views.DingView"
    match_subclasses = True

    def view_replacement(self) -> "type[APIView]":
        """Return the view with its description, or as it is when it isn't one of those above."""
        names = [cls.__name__ for cls in self.target.__mro__]
        name = next((name for name in names if name in _ENDPOINTS), None)
        return _described(self.target, *_ENDPOINTS[name]) if name else self.target


def _described(view: "type[APIView]", method: str, told: Mapping[str, Any]) -> "type[APIView]":
    complete = {
        **told,
        "tags": [_TAG],
        "parameters": [*told.get("parameters", ()), *_HEADERS],
        "responses": dict(sorted((_EVERYWHERE | told["responses"]).items())),
    }
    replacement = type(view.__name__, (view,), {"__doc__": view.__doc__})
    return extend_schema_view(**{method: extend_schema(**complete)})(replacement)
