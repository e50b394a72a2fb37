"""The inbox: the messages "sent", the requests refused and the webhooks posted, as a page and as JSON for programs."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from .handler import SIMULATOR, inbox_view, not_found
from .memory import Message
from .refusals import SimRefusal
from .rows import message_row, number_counts, refusal_row, special_rows, webhook_row
from .simulator import Simulator
from .site import start_url
from .status import rfc3339
from .webhook_log import SimWebhook

#: Messages listed at most, and as many of the others; older ones are found by their number.
MAX_MESSAGES = 100

_PACKAGE = Path(__file__).parent
_THEME = _PACKAGE.parent / "static" / "django_ding" / "theme.css"  # Without a project, nothing serves static files.
#: Name in the URL → file and content type.
_ASSETS = {
    "theme.css": (_THEME, "text/css; charset=utf-8"),
    "inbox.css": (_PACKAGE / "assets" / "inbox.css", "text/css; charset=utf-8"),
    "inbox.js": (_PACKAGE / "assets" / "inbox.js", "text/javascript; charset=utf-8"),
    "icon.svg": (_PACKAGE / "assets" / "icon.svg", "image/svg+xml"),
}
# An engine of its own: a project need not have APP_DIRS, and its context processors may want a user.
_engine = Engine(dirs=[str(_PACKAGE.parent / "templates")])


@inbox_view()
def page(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Show everything. The page asks for itself again and moves what is new into place."""
    return _with_token(_page)(request, simulator)


def _page(request: HttpRequest, simulator: Simulator) -> HttpResponse:
    selected = _selected_number(request)
    recent = _entries(simulator)
    webhooks = _webhooks(simulator, selected)
    context = {
        "selected": selected,
        "entries": [_entry_row(entry, simulator) for entry in _entries(simulator, selected)],
        "webhooks": [webhook_row(webhook, simulator.clock()) for webhook in webhooks],
        "undelivered": sum(webhook.status != "delivered" for webhook in webhooks),
        "recent_count": len(recent),
        "numbers": number_counts(recent),
        "special_numbers": special_rows(),
        "start_url": start_url(request),
        "csrf_token": None if SIMULATOR in request.META else get_token(request),
        "api_key": "YOUR_API_KEY" if simulator.options.api_key else "test",
    }
    template = _engine.get_template("django_ding/sandbox/inbox.html")
    # Counts and codes are written as they are, whatever digits or separators a project's locale has.
    return HttpResponse(template.render(Context(context, use_l10n=False)))


# DELETE needs no token: browsers say where one comes from, and send it to another site only if that allows it (CORS).
@csrf_exempt
@inbox_view("GET", "HEAD", "DELETE")
def messages(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Return everything as JSON, or clear it."""
    if request.method == "DELETE":
        if _is_from_another_site(request):  # A project may allow any (CORS) for the sake of its API.
            return _refused()
        simulator.clear_inbox()
        return HttpResponse(status=204)
    selected = _selected_number(request)
    return JsonResponse(
        {
            "messages": [_message_json(message) for message in simulator.messages(selected, limit=MAX_MESSAGES)],
            "refused": [_refusal_json(refusal) for refusal in simulator.refusals(selected, limit=MAX_MESSAGES)],
            "webhooks": [_webhook_json(webhook) for webhook in _webhooks(simulator, selected)],
        }
    )


@inbox_view("POST")
def clear(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Clear everything, and show the page again."""
    # To the standalone server, which has no tokens, another site could post as well.
    if SIMULATOR in request.META and _is_from_another_site(request):
        return _refused()
    return _with_token(_clear)(request, simulator)


def _is_from_another_site(request: HttpRequest) -> bool:
    """Return whether a browser says so: programs say nothing."""
    origin = request.headers.get("Origin")
    try:
        return origin is not None and urlsplit(origin).netloc != request.headers.get("Host")
    except ValueError:  # No browser's.
        return True


def _refused() -> HttpResponse:
    return HttpResponse("This request came from another site.", status=403, content_type="text/plain; charset=utf-8")


def _with_token(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a view that sets and checks Django's CSRF token in a project, whatever its middleware does."""

    def wrapped(request: HttpRequest, simulator: Simulator) -> HttpResponse:
        checked = view if SIMULATOR in request.META else csrf_protect(view)
        return checked(request, simulator)

    return wrapped


def _clear(request: HttpRequest, simulator: Simulator) -> HttpResponse:
    simulator.clear_inbox()
    return HttpResponseRedirect("./")


@inbox_view()
def asset(request: HttpRequest, simulator: Simulator, name: str, **kwargs: Any) -> HttpResponse:
    """Return a file of the page."""
    if name not in _ASSETS:
        return not_found(request)
    path, content_type = _ASSETS[name]
    return HttpResponse(_read(path), content_type=content_type)


@inbox_view()
def webhook_key(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Return the public key that verifies the webhooks of version 2."""
    key = simulator.public_key
    if key is None:
        text = "Webhooks are not signed. To sign them, install cryptography and leave sign_webhooks on."
        return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
    return HttpResponse(key, content_type="application/x-pem-file")


def _selected_number(request: HttpRequest) -> str | None:
    """Return the number to filter by. A plus sign typed into a URL arrives as a space, so the digits alone count."""
    digits = "".join(char for char in request.GET.get("phone_number", "") if char.isascii() and char.isdigit())
    return f"+{digits}" if digits else None


def _entries(simulator: Simulator, phone_number: str | None = None) -> list[Message | SimRefusal]:
    """Return messages and refused requests, newest first."""
    found: list[Message | SimRefusal] = [
        *simulator.messages(phone_number, limit=MAX_MESSAGES),
        *simulator.refusals(phone_number, limit=MAX_MESSAGES),
    ]
    return sorted(found, key=lambda entry: entry.created_at, reverse=True)[:MAX_MESSAGES]


def _entry_row(entry: Message | SimRefusal, simulator: Simulator) -> dict[str, object]:
    now = simulator.clock()
    return message_row(entry, now) if isinstance(entry, Message) else refusal_row(entry, now)


def _webhooks(simulator: Simulator, phone_number: str | None) -> list[SimWebhook]:
    posted = simulator.webhooks.posted()
    return [webhook for webhook in posted if phone_number in (None, webhook.phone_number)][:MAX_MESSAGES]


def _message_json(message: Message) -> dict[str, object]:
    return {
        "phone_number": message.phone_number,
        "code": message.code,
        "content": message.content,
        "channel": message.channel,
        "attempt_number": message.attempt_number,
        "created_at": rfc3339(message.created_at),
        "status": message.status,
    }


def _refusal_json(refusal: SimRefusal) -> dict[str, object]:
    return {
        "phone_number": refusal.phone_number,
        "api": refusal.api,
        "operation": refusal.operation,
        "http_status": refusal.http_status,
        "code": refusal.code,
        "reason": refusal.reason,
        "created_at": rfc3339(refusal.created_at),
    }


def _webhook_json(webhook: SimWebhook) -> dict[str, object]:
    return {
        "phone_number": webhook.phone_number,
        "type": webhook.type,
        "url": webhook.url,
        "status": webhook.status,
        "attempts": webhook.attempts,
        "http_status": webhook.http_status,
        "reason": webhook.reason,
        "attempted_at": rfc3339(webhook.attempted_at),
    }


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()
