"""What the operations of version 2 share: a bearer key, JSON in the body, errors with a type, a request ID."""

import hmac
import uuid
from collections.abc import Mapping

from .. import validation
from ..errors import ProviderError
from ..handler import ApiResponse
from ..translation import to_v2_error
from ..validation import Body
from ..views import ApiView

Content = dict[str, object]

#: The ``type`` of an error. The provider documents the field, not its values.
_TYPES = {401: "authentication", 404: "not_found", 405: "method_not_allowed", 429: "rate_limit", 500: "internal"}

_LIMITS = ("too_many_attempts", "too_many_checks")


class V2View(ApiView):
    """An operation of version 2."""

    api = "v2"

    def is_authorized(self) -> bool:
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        accepted = self.simulator.options.api_key
        if accepted is None:
            return bool(key.strip())
        # A header may hold what UTF-8 cannot encode.
        return hmac.compare_digest(key.strip().encode(errors="replace"), accepted.encode())

    def unauthorized_response(self) -> ApiResponse:
        return self.error_response(ProviderError("invalid_api_key"))

    def error_response(self, error: ProviderError) -> ApiResponse:
        options, code = self.simulator.options, to_v2_error(error.code)
        status = error.status or (options.limit_status if code in _LIMITS else options.error_status)
        content = {"code": code, "message": error.message, "type": _TYPES.get(status, "bad_request")}
        return self.json_response(content, status=status, headers=error.headers)

    def too_many_requests_response(self, headers: Mapping[str, str]) -> ApiResponse:
        content = {"code": "too_many_requests", "message": "Too Many Requests", "type": _TYPES[429]}
        return self.json_response(content, status=429, headers=headers)

    def json_response(
        self, content: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> ApiResponse:
        # Not of the generator: a seed shall make codes repeatable, whatever is asked in between.
        answer = {**content, "request_id": str(uuid.uuid4())}
        return ApiResponse(answer, status=status, headers=dict(headers or {}))

    def json_body(self) -> Body:
        """Return the body of a request."""
        raw = self.read_body()
        if self.request.content_type != "application/json":
            raise ProviderError("invalid_request", "The Content-Type must be application/json.")
        body = validation.parse_body(raw)
        target = body.get("target")
        self.requested_number = validation.shown_text(target, "value") if isinstance(target, dict) else ""
        return body


class NotFoundView(V2View):
    """Whatever path has no operation. It is not counted as a call."""

    def respond(self) -> ApiResponse:
        raise ProviderError("invalid_request", "There is nothing at this path.", status=404)
