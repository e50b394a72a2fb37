"""Create, retry and check a verification; look a number up."""

from django.http import HttpRequest

from ..errors import ProviderError
from ..handler import ApiResponse
from ..lookup import V2_LINE_TYPES
from ..translation import to_v1
from ..validation import require_phone_number, required_text
from ..windows import RISK_FACTORS, SimVerificationResult
from . import validation
from .views import Content, V2View


class CreateView(V2View):
    """A create, which is a retry inside the window of its target."""

    operation = "send"

    def parse(self) -> str:
        self.create = validation.verification_request(self.json_body(), self.simulator.options)
        self.require_destination(self.create.callback_url, "invalid_callback_url")
        if self.simulator.has_window(self.create.phone_number):
            self.operation = "retry"
        return self.create.phone_number

    def execute(self, outcome: str) -> Content:
        return _created(self.simulator.create(self.create, outcome), self.request)


class CheckView(V2View):
    operation = "check"

    def parse(self) -> str:
        body = self.json_body()
        self.phone_number = validation.require_target(body)
        self.code, self.psd2 = required_text(body, "code"), validation.psd2(body)
        return self.phone_number

    def execute(self, outcome: str) -> Content:
        result = self.simulator.check_code(self.phone_number, self.code, self.psd2, outcome)
        return {
            "status": result.status,
            **({"id": result.id} if result.id else {}),
            **_metadata(result.correlation_id),
        }


class LookupView(V2View):
    operation = "lookup"
    methods = ("GET",)

    def parse(self) -> str:
        self.phone_number = require_phone_number(self.kwargs["phone_number"])
        # The Python SDK joins the values with commas.
        types = ",".join(self.request.GET.getlist("type"))
        self.has_caller_name = bool(types)
        if set(types.split(",")) - {"cnam", ""}:
            raise ProviderError("invalid_request", "type must be cnam.")
        return self.phone_number

    def execute(self, outcome: str) -> Content:
        line = self.simulator.lookup(self.phone_number, to_v1("lookup", outcome))
        network = {"carrier_name": self.simulator.options.carrier, "mcc": line.mcc, "mnc": line.mnc}
        flags = {"ported": line.number_ported, "temporary": line.temporary_phone_number}
        return {
            "phone_number": self.phone_number,
            "country_code": line.country_code,
            "network_info": network,
            "original_network_info": network,
            "flags": [flag for flag, is_set in flags.items() if is_set],
            "line_type": V2_LINE_TYPES[line.line_type],
            **({"caller_name": line.caller_name} if self.has_caller_name else {}),
        }


class SilentView(V2View):
    """What a device opens over its mobile network: it gets the code of a silent attempt."""

    methods = ("GET",)

    def respond(self) -> ApiResponse:
        self.check_method()
        code = self.simulator.silent_code(self.kwargs["token"])
        if code is None:
            raise ProviderError("invalid_request", "This silent verification has ended.", status=404)
        return self.json_response({"code": code})


def _created(result: SimVerificationResult, request: HttpRequest) -> Content:
    factors = RISK_FACTORS.get(result.reason or "", ())
    return {
        "id": result.id,
        "status": result.status,
        "method": result.method,
        **({"channels": list(result.channels)} if result.channels else {}),
        **({"reason": result.reason} if result.reason else {}),
        **({"risk_factors": list(factors)} if factors else {}),
        **({"silent": {"request_url": _silent_url(request, result.silent_token)}} if result.silent_token else {}),
        **_metadata(result.correlation_id),
    }


def _metadata(correlation_id: str | None) -> Content:
    return {"metadata": {"correlation_id": correlation_id}} if correlation_id is not None else {}


def _silent_url(request: HttpRequest, token: str) -> str:
    """Return the URL of a silent attempt, beside the path of this request.

    Not ``build_absolute_uri()``: the standalone server has no ``ALLOWED_HOSTS`` and checks the host by itself.
    """
    host = request.META.get("HTTP_HOST", "localhost")
    return f"{request.scheme}://{host}{request.path.rpartition('/')[0]}/silent/{token}"
