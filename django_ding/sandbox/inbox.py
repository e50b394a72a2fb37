"""The inbox: the messages "sent", as a page for people and as JSON for programs."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine

from .handler import inbox_view, not_found
from .memory import Message
from .simulator import Simulator
from .special_numbers import SPECIAL_NUMBERS
from .status import rfc3339

#: Messages listed at most; older ones are found by their number.
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
_CHANNEL_NAMES = {
    "sms": "SMS",
    "rcs": "RCS",
    "whatsapp": "WhatsApp",
    "viber": "Viber",
    "zalo": "Zalo",
    "telegram": "Telegram",
    "voice": "Voice call",
    "silent": "Silent verification",
}
# An engine of its own: a project need not have APP_DIRS, and its context processors may want a user.
_engine = Engine(dirs=[str(_PACKAGE.parent / "templates")])


@inbox_view
def page(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Show the messages. The page asks for itself again and moves what is new into place."""
    selected = _selected_number(request)
    now = simulator.clock()
    recent = simulator.messages(limit=MAX_MESSAGES)
    context = {
        "selected": selected,
        "messages": [_row(message, now) for message in simulator.messages(selected, limit=MAX_MESSAGES)],
        "recent_count": len(recent),
        # A list: to a template, ``.items`` of a Counter is the count of the key "items".
        "numbers": list(Counter(message.phone_number for message in recent).items()),
        # The odd parts of a description are code: those between backquotes.
        "special_numbers": [
            (special.phone_number, special.description.split("`"), special.v2.split("`"))
            for special in SPECIAL_NUMBERS.values()
        ],
        "api_key": "YOUR_API_KEY" if simulator.options.api_key else "test",
    }
    template = _engine.get_template("django_ding/sandbox/inbox.html")
    # Counts and codes are written as they are, whatever digits or separators a project's locale has.
    return HttpResponse(template.render(Context(context, use_l10n=False)))


@inbox_view
def messages(request: HttpRequest, simulator: Simulator, **kwargs: Any) -> HttpResponse:
    """Return the messages as JSON."""
    found = simulator.messages(_selected_number(request), limit=MAX_MESSAGES)
    return JsonResponse({"messages": [_as_json(message) for message in found]})


@inbox_view
def asset(request: HttpRequest, simulator: Simulator, name: str, **kwargs: Any) -> HttpResponse:
    """Return a file of the page."""
    if name not in _ASSETS:
        return not_found(request)
    path, content_type = _ASSETS[name]
    return HttpResponse(_read(path), content_type=content_type)


@inbox_view
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


def _as_json(message: Message) -> dict[str, object]:
    return {
        "phone_number": message.phone_number,
        "code": message.code,
        "content": message.content,
        "channel": message.channel,
        "attempt_number": message.attempt_number,
        "created_at": rfc3339(message.created_at),
        "status": message.status,
    }


def _row(message: Message, now: datetime) -> dict[str, object]:
    return {
        "message": message,
        "channel": _CHANNEL_NAMES.get(message.channel, message.channel),
        "status": message.status.replace("_", " ").capitalize(),
        "created_at": rfc3339(message.created_at),
        "time": message.created_at.astimezone(UTC).strftime("%d %b %Y, %H:%M:%S UTC"),
        "age": _age((now - message.created_at).total_seconds()),
    }


def _age(seconds: float) -> str:
    """Return an age in the words of ``inbox.js``, which goes on counting."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()
