"""Version 1 of the provider's API: paths, credentials, the fields of requests and answers, errors."""

import hmac

from django.urls import path, re_path

from . import validation
from .errors import ProviderError
from .handler import ApiResponse
from .status import authentication_status, rfc3339
from .validation import Body, require_customer, require_phone_number, required_text, shown_text
from .views import ApiView

_DOCUMENTATION = "https://docs.prelude.so/verify/v1/documentation/errors"
_UNAUTHORIZED = {401: "Unauthorized", 403: "Forbidden"}

Content = dict[str, object]


class V1View(ApiView):
    """An operation of version 1: an API key in a header, JSON in the body."""

    api = "v1"

    def is_authorized(self) -> bool:
        key, accepted = self.request.headers.get("x-api-key", ""), self.simulator.options.api_key
        if accepted is None:
            return bool(key.strip())
        # A header may hold what UTF-8 cannot encode.
        return hmac.compare_digest(key.encode(errors="replace"), accepted.encode())

    def unauthorized_response(self) -> ApiResponse:
        # The provider's gateway answers this one, so it has no error code.
        status = self.simulator.options.unauthorized_status
        return ApiResponse({"message": _UNAUTHORIZED.get(status, "Forbidden")}, status=status)

    def error_response(self, error: ProviderError) -> ApiResponse:
        content = {
            "code": error.code,
            "message": error.message,
            "doc_url": f"{_DOCUMENTATION}#{error.code}",
        }
        status = error.status or self.simulator.options.error_status
        return ApiResponse(content, status=status, headers=dict(error.headers))

    def json_body(self) -> Body:
        """Return the body of a request, of this account."""
        raw = self.read_body()
        if self.request.content_type != "application/json":
            raise ProviderError("bad_request", "The Content-Type must be application/json.")
        body = validation.parse_body(raw)
        self.requested_number = shown_text(body, "phone_number")
        require_customer(required_text(body, "customer_uuid"), self.simulator.options)
        return body


class SendView(V1View):
    operation = "send"

    def parse(self) -> str:
        self.send_request = validation.send_request(self.json_body(), self.simulator.options)
        self.require_destination(self.send_request.callback_url, "bad_request")
        return self.send_request.phone_number

    def execute(self, outcome: str) -> Content:
        sent = self.simulator.send(self.send_request, outcome)
        refused = sent.is_new and sent.status != "pending"
        has_uuid = not refused or self.simulator.options.refusals_have_uuid
        return {
            **({"authentication_uuid": sent.authentication_uuid} if has_uuid else {}),
            "status": sent.status,
            "created_at": rfc3339(sent.created_at),
            "expires_at": rfc3339(sent.expires_at),
        }


class CheckView(V1View):
    operation = "check"

    def parse(self) -> str:
        body = self.json_body()
        self.uuid = required_text(body, "authentication_uuid")
        self.code = required_text(body, "check_code")
        return self.simulator.inspect(self.uuid).phone_number

    def execute(self, outcome: str) -> Content:
        return {"authentication_uuid": self.uuid, "status": self.simulator.check(self.uuid, self.code, outcome)}


class RetryView(V1View):
    operation = "retry"

    def parse(self) -> str:
        self.uuid = required_text(self.json_body(), "authentication_uuid")
        return self.simulator.inspect(self.uuid).phone_number

    def execute(self, outcome: str) -> Content:
        result = self.simulator.retry(self.uuid, outcome)
        next_retry_at = result.next_retry_at
        return {
            "authentication_uuid": self.uuid,
            "status": result.status,
            "created_at": rfc3339(result.created_at),
            **({"next_retry_at": rfc3339(next_retry_at)} if next_retry_at else {}),
            "remaining_retry": result.remaining_retry,
        }


class FeedbackView(V1View):
    operation = "feedback"

    def parse(self) -> str:
        body = self.json_body()
        self.phone_number = require_phone_number(required_text(body, "phone_number"))
        self.status = required_text(body, "status")
        if self.status not in ("onboarded", "not_onboarded"):
            raise ProviderError("invalid_feedback_status")
        return self.phone_number

    def execute(self, outcome: str) -> Content:
        return {"uuid": self.simulator.feedback(self.phone_number, self.status)}


class StatusView(V1View):
    operation = "status"
    methods = ("GET",)

    def parse(self) -> str:
        self.uuid = self.kwargs["uuid"]
        return self.simulator.inspect(self.uuid).phone_number

    def execute(self, outcome: str) -> Content:
        simulator = self.simulator
        return authentication_status(simulator.inspect(self.uuid), simulator.clock(), simulator.options)


class LookupView(V1View):
    operation = "lookup"
    methods = ("GET",)

    def parse(self) -> str:
        require_customer(self.request.headers.get("customer-uuid"), self.simulator.options)
        self.types = self.request.GET.getlist("type")
        self.phone_number = require_phone_number(self.kwargs["phone_number"])
        if set(self.types) - {"cnam"}:
            raise ProviderError("bad_request", "type must be cnam.")
        return self.phone_number

    def execute(self, outcome: str) -> Content:
        line = self.simulator.lookup(self.phone_number, outcome)
        return {
            "phone_number": self.phone_number,
            "country_code": line.country_code,
            "mcc": line.mcc,
            "mnc": line.mnc,
            "carrier": self.simulator.options.carrier,
            "number_ported": line.number_ported,
            "line_type": line.line_type,
            "temporary_phone_number": line.temporary_phone_number,
            **({"caller_name": line.caller_name} if self.types else {}),
        }


class NotFoundView(V1View):
    """Whatever path has no operation. It is not counted as a call."""

    def respond(self) -> ApiResponse:
        raise ProviderError("bad_request", "There is nothing at this path.", status=404)


urlpatterns = [
    path("authentication", SendView.as_view()),
    path("check", CheckView.as_view()),
    path("retry", RetryView.as_view()),
    path("authentication/feedback", FeedbackView.as_view()),
    path("authentication/<str:uuid>", StatusView.as_view()),
    # Anything may follow, including a slash: the view rejects what isn't a number.
    path("lookup/<path:phone_number>", LookupView.as_view()),
    re_path("", NotFoundView.as_view()),
]
