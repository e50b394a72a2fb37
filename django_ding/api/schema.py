"""The endpoints as drf-spectacular documents them, in a project that has it installed.

``AppConfig.ready`` imports this module then; nothing else does.
"""

from collections import defaultdict
from collections.abc import Iterable
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiViewExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_view,
)

from django_ding.api.exceptions import HTTP_STATUS
from django_ding.api.responses import exception_handler
from django_ding.api.schema_serializers import (
    CodeAcceptedSerializer,
    PhoneErrorSerializer,
    RetryApprovedSerializer,
    SentAuthenticationSerializer,
    StepUpProofSerializer,
    WrongCodeSerializer,
)
from django_ding.api.serializers import (
    PhoneAuthenticationSerializer,
    RememberedDeviceSerializer,
    VerifiedPhoneNumberSerializer,
)
from django_ding.codes import user_message
from django_ding.conf import ding_settings
from django_ding.exceptions import (
    AccountNotCreated,
    Blocked,
    IncorrectPassword,
    LastPhoneNumber,
    NoAccount,
    PhoneNumberTaken,
)

if TYPE_CHECKING:
    from rest_framework.views import APIView


class SentAuthenticationExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Adds what ``send_response`` adds to the authentication."""

    # Not by inheritance: a second component with the same enumerations gets them names of their own, and a warning.
    target_class = "django_ding.api.schema_serializers.SentAuthenticationSerializer"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the components of both."""
        own = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {"allOf": [auto_schema.resolve_serializer(PhoneAuthenticationSerializer, direction).ref, own]}


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
    "account_not_created": AccountNotCreated.message,
    "not_found": "It doesn't exist, or it belongs to another user.",
    "parse_error": "The body can't be parsed.",
    "permission_denied": "The caller lacks a permission or a CSRF token.",
    "phone_number_taken": PhoneNumberTaken.message,
    "incorrect_password": IncorrectPassword.message,
    "invalid_proof": "The number was removed while its code was entered.",
    "step_up_required": "The caller must confirm that they are still the user: see `step-up/`.",
    "rate_limited": "Too many requests. Wait for `retry_after` seconds.",
    "throttled": "Too many requests of this client. Wait for `retry_after` seconds, if it is there.",
    "unavailable": "An outage. Wait for `retry_after` seconds. A message may have been sent.",
    "unsupported_media_type": "The content type of the body is not supported.",
}
_STATUS = HTTP_STATUS | {
    "not_found": 404,
    "not_acceptable": 406,
    "content_too_large": 413,
    "unsupported_media_type": 415,
    "throttled": 429,
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

_DEVICE = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The `id` of the device.")
_PROOF = OpenApiParameter(
    "Step-Up-Proof",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `proof` that `step-up/` or the check of its code returned. Not needed with a session cookie.",
)

_DESTINATION_CODES = (
    "invalid_line",
    "unsupported_region",
    "unsupported_channel",
    "untrusted_number",
    "outdated_phone_number",
)
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
    "SendView": {
        **_SEND,
        "operation_id": "send_code",
        "parameters": [_PROOF],
        "codes": (*_SEND["codes"], "step_up_required"),
    },
    "AuthenticationView": {
        "operation_id": "get_phone_authentication",
        "method": "get",
        "parameters": [_AUTHENTICATION],
        "successes": {200: PhoneAuthenticationSerializer},
        "codes": ("not_found",),
    },
    "CheckView": {**_CHECK, "operation_id": "check_code", "codes": (*_CHECK["codes"], "invalid_proof")},
    "RetryView": {"operation_id": "retry_code", **_RETRY},
    "LoginSendView": {"operation_id": "send_login_code", **_SEND},
    "LoginCheckView": {
        **_CHECK,
        "operation_id": "log_in",
        "successes": {
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="What the project's token issuer returns.")
        },
        "codes": (*_CHECK_CODES, "no_account", "account_not_created", *_BODY_CODES, *_WAIT_CODES),
    },
    "LoginRetryView": {"operation_id": "retry_login_code", **_RETRY},
    "StepUpView": {
        **_SEND,
        "operation_id": "step_up",
        "successes": {
            200: OpenApiResponse(
                PolymorphicProxySerializer(
                    "StepUpAnswer", [StepUpProofSerializer, SentAuthenticationSerializer], resource_type_field_name=None
                ),
                description="The proof, for the right password; the live authentication otherwise.",
            ),
            201: OpenApiResponse(SentAuthenticationSerializer, description="A new authentication."),
        },
        "codes": (*_SEND["codes"], "incorrect_password", "not_found"),
        "examples": [OpenApiExample("The password", {"password": "correct horse"}, request_only=True)],
    },
    "PhoneNumberListView": {
        "operation_id": "list_phone_numbers",
        "method": "get",
        "successes": {200: VerifiedPhoneNumberSerializer(many=True)},
    },
    "PhoneNumberView": {
        "operation_id": "remove_phone_number",
        "method": "delete",
        "parameters": [_PHONE_NUMBER, _PROOF],
        "successes": {204: OpenApiResponse(description="Removed.")},
        "codes": ("not_found", "step_up_required", "last_phone_number"),
    },
    "MakePrimaryView": {
        "operation_id": "make_phone_number_primary",
        "method": "post",
        "parameters": [_PHONE_NUMBER, _PROOF],
        "request": None,
        "successes": {200: VerifiedPhoneNumberSerializer},
        "codes": ("not_found", "step_up_required"),
    },
    "DeviceListView": {
        "operation_id": "list_devices",
        "method": "get",
        "successes": {200: RememberedDeviceSerializer(many=True)},
    },
    "DeviceView": {
        "operation_id": "forget_device",
        "method": "delete",
        "parameters": [_DEVICE],
        "successes": {204: OpenApiResponse(description="Forgotten.")},
        "codes": ("not_found",),
    },
}


class DingViewExtension(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    """Documents the app's views, and a project's subclasses of them."""

    target_class = "django_ding.api.base.DingView"
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
    if view.throttle_classes:
        codes = (*codes, "throttled")
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
    # What a handler of the project's makes of a failure is not known.
    is_own = import_string(ding_settings.REST_EXCEPTION_HANDLER) is exception_handler
    return {
        status: OpenApiResponse(
            (error if status == 400 else PhoneErrorSerializer) if is_own else OpenApiTypes.OBJECT,
            description="\n".join(f"- `{code}`: {_EXPLANATIONS.get(code) or user_message(code)}" for code in codes),
        )
        for status, codes in by_status.items()
    }
