"""Where the provider reports to. Anything but 200 makes it report again, for two weeks."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from django_ding import logs, services
from django_ding.backends.ding.callbacks import read_callback
from django_ding.logs import kinds
from django_ding.non_atomic import NonAtomicView
from django_ding.services.callbacks import is_callback_token

#: Bytes. A callback has a few hundred.
MAX_BODY = 64 * 1024


@method_decorator(csrf_exempt, name="dispatch")
class DingCallbackView(NonAtomicView, View):
    """Takes the callbacks of Ding's API, version 1, at an address that only this site can make.

    200 means that the report is recorded, was recorded before, or is of no use here; 503 that the database can't be
    reached now. 404 is the answer to whoever made up an address, or reports on another authentication.
    """

    http_method_names = ["post"]

    @sensitive_variables()
    def post(self, request: HttpRequest, public_id: UUID, token: str) -> HttpResponse:
        """Authenticate, parse, record; the database is asked last."""
        if not is_callback_token(public_id, token):
            return _refusal(public_id, "forged", status=404)
        body = _body(request)
        if len(body) > MAX_BODY:
            return _refusal(public_id, "too_long", status=413)
        payload = _parse(body)
        if payload is None:
            return _refusal(public_id, "not_json", status=400)
        try:
            is_ours = services.receive(public_id, read_callback(payload))
        except (OperationalError, InterfaceError, IntegrityError):
            return _refusal(public_id, "database_unavailable", status=503)
        return HttpResponse() if is_ours else _refusal(public_id, "of_another", status=404)


def _refusal(public_id: UUID, reason: str, *, status: int) -> HttpResponse:
    logs.log(kinds.CALLBACK_REFUSED, correlation_id=str(public_id), reason=reason, http_status=status)
    return HttpResponse(status=status)


def _body(request: HttpRequest) -> bytes:
    """Read no more than it takes to see that it is too much, whatever length was announced."""
    try:
        return request.read(MAX_BODY + 1)
    except UnreadablePostError:
        return b""


@sensitive_variables()
def _parse(body: bytes) -> Mapping[str, Any] | None:
    """Return the JSON object, ``None`` for anything else."""
    try:
        payload = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None
