"""Where providers report. Most of them repeat what isn't answered with 200, some for two weeks."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from django_ding import log, services
from django_ding.backends import get_backend
from django_ding.backends.types import WebhookEvent, WebhookRequest
from django_ding.conf import ding_settings
from django_ding.database import OUTAGES, report_outage
from django_ding.error_reports import without_variables
from django_ding.exceptions import InvalidWebhook
from django_ding.transactions import NonAtomicView

#: Bytes. A webhook has some hundreds, a batch of them some thousands.
MAX_BODY = 64 * 1024


# No provider has a CSRF token or a session; the URL or the body is signed instead.
@method_decorator([csrf_exempt, login_not_required, without_variables], name="dispatch")
class BaseWebhookView(NonAtomicView, View):
    """Rejects what is cheap to reject, lets the backend authenticate and parse, and records.

    200 means that the webhook is recorded, was recorded before, or is of no use here; 503 that the database can't be
    reached now. A forged URL and one of a backend that isn't there are both answered with 404.
    """

    http_method_names = ["post"]

    #: The kind of backend that reports here.
    webhooks: ClassVar[str]

    def record(self, request: HttpRequest, alias: str, public_id: UUID | None = None) -> HttpResponse:
        """Record what was posted, and answer. The database is used last."""
        if alias not in ding_settings.BACKENDS or (backend := get_backend(alias)).webhooks != self.webhooks:
            return self.reject("unknown_backend", status=404)
        # Read by hand: request.body would read whatever length was announced.
        body = _read(request)
        if len(body) > MAX_BODY:
            return self.reject("too_long", status=413)
        webhook = WebhookRequest(url=_url(request), headers=request.headers, body=body, public_id=public_id)
        try:
            events = backend.parse_webhook(webhook)
        except InvalidWebhook as error:
            return self.reject(error.code, status=403 if error.code == "bad_signature" else 400)
        return self.record_events(alias, events, public_id)

    def record_events(self, alias: str, events: Sequence[WebhookEvent], public_id: UUID | None) -> HttpResponse:
        """Record events, and answer."""
        try:
            is_recorded = services.record_webhook(alias, events, public_id=public_id)
        except (*OUTAGES, IntegrityError) as error:  # After retries: the provider tries again later.
            report_outage(error)
            return self.reject("database_unavailable", status=503)
        return HttpResponse() if is_recorded else self.reject("other_authentication", status=404)

    def reject(self, reason: str, *, status: int) -> HttpResponse:
        """Log why a webhook was rejected, and answer with the status."""
        alias, public_id = self.kwargs["alias"], self.kwargs.get("public_id")
        log.write(
            log.WEBHOOK_REJECTED,
            # Any other alias is untrusted text in the URL.
            backend=alias if alias in ding_settings.BACKENDS else None,
            correlation_id=public_id and str(public_id),
            reason=reason,
            http_status=status,
        )
        return HttpResponse(status=status)


class PerRequestWebhookView(BaseWebhookView):
    """Takes the webhooks about one authentication, at a URL that only this site can make."""

    webhooks = "per_request"

    def post(
        self, request: HttpRequest, *args: Any, alias: str, public_id: UUID, token: str, **kwargs: Any
    ) -> HttpResponse:
        """Check the URL's token before anything is read."""
        if not services.is_webhook_token(alias, public_id, token):
            return self.reject("forged", status=404)
        return self.record(request, alias, public_id)


class PerAccountWebhookView(BaseWebhookView):
    """Takes all the webhooks of a provider's account. The backend verifies their signature."""

    webhooks = "per_account"

    def post(self, request: HttpRequest, *args: Any, alias: str, **kwargs: Any) -> HttpResponse:
        """Record a webhook that the provider signed."""
        return self.record(request, alias)


def _read(request: HttpRequest) -> bytes:
    """Return no more of the body than it takes to see that it is too long, whatever length was announced."""
    try:
        return request.read(MAX_BODY + 1)
    except UnreadablePostError:
        return b""


def _url(request: HttpRequest) -> str:
    """Return the URL as the provider sees it: behind a proxy, the request's own may have another host or path."""
    base = ding_settings.WEBHOOK_BASE_URL
    return f"{base}{request.get_full_path()}" if base else request.build_absolute_uri()
