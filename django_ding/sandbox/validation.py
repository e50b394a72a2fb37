"""Checks of input: the fields of version 1's requests, each with its own error code, and what version 2 has, too."""

import ipaddress
import json
import re
import uuid
from collections.abc import Mapping
from urllib.parse import urlsplit

from django_ding import phone
from django_ding.fictional_numbers import find_range

from .errors import ProviderError
from .memory import SimSendRequest
from .options import Options

Body = Mapping[str, object]

# Stricter than uuid.UUID(), which also accepts braces, URNs and no hyphens at all.
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*")
APP_HASH = re.compile(r"[A-Za-z0-9+/]{11}")
# As GSM carries them: at most eleven characters, one of them a letter, or a number.
_ALPHANUMERIC_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _\-]{1,11}")
_NUMERIC_SENDER = re.compile(r"\+?[0-9]{3,15}")
LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
_DEVICE_TYPES = ("IOS", "ANDROID", "WEB")
_MAX_TEXT = 128
_MAX_URL = 2048


def parse_body(body: bytes) -> Body:
    """Return the JSON object in ``body``."""
    try:
        parsed = json.loads(body.decode(), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise ProviderError("bad_request", "The body is not valid JSON.") from None
    if not isinstance(parsed, dict):
        raise ProviderError("bad_request", "The body must be a JSON object.")
    return parsed


def required_text(body: Body, name: str) -> str:
    """Return a required text field."""
    value = optional_text(body, name)
    if value is None:
        raise ProviderError("bad_request", f"{name} is required.")
    return value


def optional_text(body: Body, name: str) -> str | None:
    """Return a text field, ``None`` when it is absent or null."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ProviderError("bad_request", f"{name} must be a string.")
    return value


def shown_text(body: Body, name: str) -> str:
    """Return a text field to show it, whatever is wrong with it."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def require_customer(customer_uuid: str | None, options: Options) -> None:
    """Raise for a customer UUID that is missing, malformed or another account's."""
    if customer_uuid is None:
        raise ProviderError("bad_request", "The customer UUID is required.")
    if not _UUID.fullmatch(customer_uuid):
        raise ProviderError("account_invalid")
    if options.customer_uuid is not None and uuid.UUID(customer_uuid) != uuid.UUID(options.customer_uuid):
        raise ProviderError("account_invalid")


def require_phone_number(text: str) -> str:
    """Return ``text`` when it is a valid number in E.164, or one that is reserved for films and books."""
    try:
        # E.164 by its form may still be a number that no country has: only the parser knows.
        if phone.is_e164(text) and (find_range(text) or phone.parse(text) == text):
            return text
    except phone.NotAPhoneNumber:
        pass
    raise ProviderError("invalid_phone_number")


def send_request(body: Body, options: Options) -> SimSendRequest:
    """Return the fields of a send."""
    return SimSendRequest(
        phone_number=require_phone_number(required_text(body, "phone_number")),
        callback_url=_callback_url(body),
        correlation_id=_correlation_id(body, options),
        template_id=_template_id(body, options),
        sender_id=_sender_id(body, options),
        locale=matching(body, "locale", LOCALE, "bad_request"),
        signals=_signals(body, options),
    )


def _signals(body: Body, options: Options) -> dict[str, str | bool]:
    signals: dict[str, str | bool | None] = {
        "ip": ip_signal(body, options),
        "device_type": _device_type(body),
        "app_realm": _app_realm(body),
        "is_returning_user": boolean(body, "is_returning_user"),
    }
    for name in ("device_id", "app_version", "os_version", "device_model"):
        signals[name] = matching(body, name, PRINTABLE, f"invalid_{name}")
    return {name: value for name, value in signals.items() if value is not None}


def matching(body: Body, name: str, pattern: re.Pattern[str], code: str, *, longest: int = _MAX_TEXT) -> str | None:
    """Return a text field that has to match, ``None`` when it is absent or null."""
    value = optional_text(body, name)
    if value is not None and (len(value) > longest or not pattern.fullmatch(value)):
        raise ProviderError(code, f"{name} is not valid.")
    return value


def boolean(body: Body, name: str) -> bool | None:
    """Return a field that is true or false, ``None`` when it is absent or null."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise ProviderError("bad_request", f"{name} must be true or false.")
    return value


def ip_signal(body: Body, options: Options) -> str | None:
    """Return the IP address of the user, ``None`` when it is absent or null."""
    value = optional_text(body, "ip")
    if value is None:
        return None
    if not is_ip_address(value):
        raise ProviderError("bad_request", "ip must be an IP address.")
    if ":" in value and not options.accept_ipv6:
        raise ProviderError("bad_request", "ip must be an IPv4 address.")
    return value


def _device_type(body: Body) -> str | None:
    value = optional_text(body, "device_type")
    if value is not None and value not in _DEVICE_TYPES:
        raise ProviderError("bad_request", f"device_type must be one of {', '.join(_DEVICE_TYPES)}.")
    return value


def _app_realm(body: Body) -> str | None:
    if optional_text(body, "app_realm") is None:
        return None
    device_type = optional_text(body, "device_type")
    if device_type is None:
        raise ProviderError("app_realm_require_device_type")
    if device_type != "ANDROID":
        raise ProviderError("unsupported_app_realm_device_type")
    return matching(body, "app_realm", APP_HASH, "invalid_app_realm")


def _template_id(body: Body, options: Options) -> str | None:
    value = matching(body, "template_id", PRINTABLE, "invalid_template_id")
    if value is not None and options.templates is not None and value not in options.templates:
        raise ProviderError("invalid_template_id")
    return value


def is_sender_id(text: str) -> bool:
    """Return whether a network carries this as the sender of a message."""
    return bool(_ALPHANUMERIC_SENDER.fullmatch(text) or _NUMERIC_SENDER.fullmatch(text))


def _sender_id(body: Body, options: Options) -> str | None:
    value = optional_text(body, "sender_id")
    if value is None:
        return None
    if not is_sender_id(value):
        raise ProviderError("invalid_sender_id")
    if options.sender_ids is not None and value not in options.sender_ids:
        raise ProviderError("unauthorized_sender_id")
    return value


def _correlation_id(body: Body, options: Options) -> str | None:
    value = optional_text(body, "correlation_id")
    if value is not None and len(value) > options.max_correlation_id:
        raise ProviderError("bad_request", "correlation_id is too long.")
    return value


def _callback_url(body: Body) -> str | None:
    value = optional_text(body, "callback_url")
    if value is not None and not is_web_url(value):
        raise ProviderError("bad_request", "callback_url must be an http or https URL.")
    return value


def is_web_url(text: str) -> bool:
    """Return whether something can be posted to a URL."""
    if len(text) > _MAX_URL or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _reject_constant(name: str) -> object:
    # NaN and the infinities, which Python reads and JSON does not have (RFC 8259, 6).
    raise ValueError(name)


def is_ip_address(host: str) -> bool:
    """Return whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
