"""The inbox: the messages "sent", as a page for people and as JSON for programs."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode

from .numbers import SPECIAL_NUMBERS
from .options import ANY_UUID, Options
from .records import Message
from .simulator import Simulator
from .timeline import rfc3339
from .wire import Request, Response, json_response

#: Messages shown at once; older ones are found by their number.
SHOWN = 100

_ASSET_TYPES = {
    "inbox.css": "text/css; charset=utf-8",
    "inbox.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)

_STATES = {
    "submitted": "Submitted",
    "in_transit": "In transit",
    "delivered": "Delivered",
    "undeliverable": "Undeliverable",
    "unknown": "Unknown",
}
_CHANNELS = {
    "text": "SMS",
    "rcs": "RCS",
    "whatsapp": "WhatsApp",
    "viber": "Viber",
    "zalo": "Zalo",
    "telegram": "Telegram",
}


def respond(simulator: Simulator, request: Request) -> Response:
    """Answer a request for the page, its JSON or its assets."""
    found = _find(request.path)
    if found is None:
        return _plain(404, "There is nothing here. The inbox is at / and the API under /v1/.")
    if request.method not in ("GET", "HEAD"):
        return _plain(405, "Use GET here.", {"Allow": "GET, HEAD"})
    return found(simulator, request)


def _find(path: str) -> Callable[[Simulator, Request], Response] | None:
    name = path.removeprefix("/assets/")
    if path != name and name in _ASSET_TYPES:
        return lambda _simulator, _request: _asset(name)
    return {"/": _page, "/inbox.json": _json}.get(path)


def _plain(status: int, text: str, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    return Response(
        status=status,
        body=text.encode(),
        content_type="text/plain; charset=utf-8",
        headers={**_HEADERS, **headers},
    )


def _asset(name: str) -> Response:
    return Response(status=200, body=_read(name).encode(), content_type=_ASSET_TYPES[name], headers=_HEADERS)


def _json(simulator: Simulator, request: Request) -> Response:
    messages = simulator.messages(_wanted_number(request), limit=SHOWN)
    return json_response(200, {"messages": [_as_json(message) for message in messages]}, _HEADERS)


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


def _page(simulator: Simulator, request: Request) -> Response:
    wanted = _wanted_number(request)
    now = simulator.clock()
    messages = simulator.messages(wanted, limit=SHOWN)
    recent = simulator.messages(limit=SHOWN)
    page = _template("inbox.html").substitute(
        wanted=escape(wanted or ""),
        numbers=_numbers(recent, wanted),
        messages="".join(_message(message, now) for message in messages) or _empty(wanted, simulator.options),
        special_numbers=_special_numbers(),
    )
    return Response(status=200, body=page.encode(), content_type="text/html; charset=utf-8", headers=_HEADERS)


def _wanted_number(request: Request) -> str | None:
    """Return the number asked for. A plus sign typed into a URL arrives as a space."""
    typed = parse_qs(request.query).get("phone_number", [""])[-1]
    digits = "".join(char for char in typed if char.isascii() and char.isdigit())
    return f"+{digits}" if digits else None


def _numbers(recent: list[Message], wanted: str | None) -> str:
    counts = Counter(message.phone_number for message in recent)
    return _number_link(None, len(recent), wanted) + "".join(
        _number_link(number, count, wanted) for number, count in counts.items()
    )


def _number_link(number: str | None, count: int, wanted: str | None) -> str:
    return _template("number.html").substitute(
        key=escape(number or "all"),
        number=escape(number or ""),
        noun="message" if count == 1 else "messages",
        query=escape(f"?{urlencode({'phone_number': number})}" if number else "."),
        label=escape(number or "All messages"),
        count=count,
        current=' aria-current="page"' if number == wanted else "",
    )


def _message(message: Message, now: datetime) -> str:
    return _template("message.html").substitute(
        key=escape(message.id),
        number=escape(message.phone_number),
        query=escape(f"?{urlencode({'phone_number': message.phone_number})}"),
        code=escape(message.code),
        content=escape(message.content),
        channel=escape(_CHANNELS.get(message.channel, message.channel)),
        attempt=message.attempt_number,
        status=escape(message.status),
        state=escape(_STATES.get(message.status, message.status)),
        created_at=escape(rfc3339(message.created_at)),
        clock=escape(message.created_at.astimezone(UTC).strftime("%d %b %Y, %H:%M:%S UTC")),
        ago=escape(_ago((now - message.created_at).total_seconds())),
    )


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def _empty(wanted: str | None, options: Options) -> str:
    if wanted:
        return _template("empty_number.html").substitute(number=escape(wanted))
    return _template("empty.html").substitute(
        api_key="YOUR_API_KEY" if options.api_key else "test",
        customer_uuid=escape(options.customer_uuid or ANY_UUID),
    )


@cache
def _special_numbers() -> str:
    return "".join(
        f"<tr><td><code>{escape(special.phone_number)}</code></td><td>{_marked(special.description)}</td></tr>"
        for special in SPECIAL_NUMBERS.values()
    )


def _marked(description: str) -> str:
    """Turn the backquoted words of a description into code."""
    parts = escape(description).split("`")
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))


@cache
def _template(name: str) -> Template:
    return Template(_read(name))


@cache
def _read(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
