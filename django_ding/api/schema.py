"""The endpoints as drf-spectacular documents them, in a project that has it installed.

``AppConfig.ready`` imports this module then; nothing else does.
"""

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

from django_ding.api import schema_codes, tokens
from django_ding.api.responses import exception_handler
from django_ding.api.schema_serializers import (
    CodeAcceptedSerializer,
    JSONWebTokensSerializer,
    KnoxTokenSerializer,
    LoggedInSerializer,
    LoginTokenSerializer,
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
from django_ding.conf import ding_settings

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


_CHALLENGE = OpenApiParameter("WWW-Authenticate", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[401])
#: Failures whose response may say nothing of how long to wait, although others of their status do.
_WITHOUT_WAIT = {429: "throttled", 503: "account_not_created"}
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

_ANDROID = {"device_type": "ANDROID", "device_model": "Pixel 9", "app_realm": "abcdefghijk", "locale": "fr"}
_SEND: dict[str, Any] = {
    "method": "post",
    "successes": {
        201: OpenApiResponse(SentAuthenticationSerializer, description="A new authentication."),
        200: OpenApiResponse(SentAuthenticationSerializer, description="The live one for the same number."),
    },
    "codes": schema_codes.SEND,
    "examples": [
        OpenApiExample("The number alone", {"phone_number": "+33612345678"}, request_only=True),
        OpenApiExample("From Android", {"phone_number": "+33 6 12 34 56 78", **_ANDROID}, request_only=True),
    ],
}
_CHECK: dict[str, Any] = {
    "method": "post",
    "parameters": [_AUTHENTICATION],
    "successes": {200: CodeAcceptedSerializer},
    "codes": schema_codes.CHECK,
    "error": WrongCodeSerializer,
    "examples": [OpenApiExample("A code", {"code": "012345"}, request_only=True)],
}
_RETRY: dict[str, Any] = {
    "method": "post",
    "parameters": [_AUTHENTICATION],
    "successes": {200: RetryApprovedSerializer},
    "codes": schema_codes.RETRY,
}
_ENDPOINTS: dict[str, dict[str, Any]] = {
    "SendView": {
        **_SEND,
        "operation_id": "send_code",
        "parameters": [_PROOF],
        "codes": (*schema_codes.SEND, "not_authenticated", "step_up_required"),
    },
    "AuthenticationView": {
        "operation_id": "get_phone_authentication",
        "method": "get",
        "parameters": [_AUTHENTICATION],
        "successes": {200: PhoneAuthenticationSerializer},
        "codes": ("not_found",),
    },
    "CheckView": {**_CHECK, "operation_id": "check_code"},
    "RetryView": {"operation_id": "retry_code", **_RETRY},
    "LoginSendView": {**_SEND, "operation_id": "send_login_code", "codes": schema_codes.SEND_LOGIN},
    "LoginCheckView": {**_CHECK, "operation_id": "log_in", "codes": schema_codes.LOG_IN},
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
        "codes": (*schema_codes.SEND, "incorrect_password", "not_found"),
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
        more = _login() if "LoginCheckView" in names else {}
        return _documented(self.target, **{**endpoint, **more}) if endpoint else self.target


def _login() -> dict[str, Any]:
    """Return what depends on the project's token issuer."""
    issuer = tokens.get_issuer()
    body, codes, description = _ISSUERS.get(issuer, (OpenApiTypes.OBJECT, ["permission_denied"], ""))
    description = description or "What the project's token issuer returns."
    return {
        "successes": {200: OpenApiResponse(body, description=description)},
        "codes": (*schema_codes.LOG_IN, *codes),
    }


#: By the token issuer: the body, further codes, and what the answer means.
_ISSUERS: dict[Any, tuple[Any, list[str], str]] = {
    tokens.session: (LoggedInSerializer, ["permission_denied"], "The session cookie is in the header `Set-Cookie`."),
    tokens.authtoken: (LoginTokenSerializer, [], "Send it as `Authorization: Token …`."),
    tokens.simplejwt: (JSONWebTokensSerializer, [], "Send `access` as `Authorization: Bearer …`."),
    tokens.knox: (KnoxTokenSerializer, ["too_many_tokens"], "Send it as `Authorization: Token …`."),
}


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
    by_status = schema_codes.by_status(view, method, codes)
    # The description is the docstring of the method, which drf-spectacular reads by itself.
    schema = extend_schema(
        tags=["phone verification"],
        summary=(getdoc(view) or "").partition("\n")[0].rstrip("."),
        parameters=[*parameters, _CHALLENGE, *_waits(by_status)],
        responses=dict(sorted({**successes, **_failures(by_status, error)}.items())),
        **more,
    )
    # Of a subclass, since ``extend_schema_view`` writes to the class that it is given.
    replacement = type(view.__name__, (view,), {"__doc__": view.__doc__})
    return extend_schema_view(**{method: schema})(replacement)


def _waits(codes: dict[int, list[str]]) -> list[OpenApiParameter]:
    """Return the headers of the failures that end by waiting."""
    return [
        OpenApiParameter(
            "Retry-After",
            {"type": "integer", "minimum": 0},
            OpenApiParameter.HEADER,
            required=exception not in codes.get(status, ()),
            response=[status],
            description="Seconds to wait before trying again.",
        )
        for status, exception in _WITHOUT_WAIT.items()
    ]


def _failures(codes: dict[int, list[str]], error: type[PhoneErrorSerializer]) -> dict[int, OpenApiResponse]:
    # What a handler of the project's makes of a failure is not known.
    is_own = import_string(ding_settings.REST_EXCEPTION_HANDLER) is exception_handler
    return {
        status: OpenApiResponse(
            (error if status == 400 else PhoneErrorSerializer) if is_own else OpenApiTypes.OBJECT,
            description="\n".join(f"- `{code}`: {schema_codes.explain(code)}" for code in these),
        )
        for status, these in codes.items()
    }
