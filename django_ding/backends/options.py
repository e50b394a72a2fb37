"""Validation of backends' options. Messages name the option and never its value when that is a secret."""

from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured


class MissingOption(ImproperlyConfigured):
    """An option that the class of a backend requires is missing or empty."""


def seconds(name: str, value: float) -> float:
    """Return a duration above zero, at most a day."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 86_400:
        return value
    raise ImproperlyConfigured(f"{name} must be a number of seconds above zero, at most 86400, not {value!r}.")


def whole(name: str, value: int, *, least: int) -> int:
    """Return a whole number, ``least`` or more."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise ImproperlyConfigured(f"{name} must be a whole number, {least} or more, not {value!r}.")


def web_url(name: str, value: str) -> str:
    """Return the URL of an API, without a slash at its end."""
    if not _is_web_url(value):
        raise ImproperlyConfigured(
            f'{name} must be a URL such as "https://api.ding.live/v1", without credentials, query or fragment.'
        )
    return value.rstrip("/")


def api_key(value: str) -> str:
    """Return a key that can travel in a header."""
    if isinstance(value, str) and value and value.isascii() and value.isprintable() and value == value.strip():
        return value
    raise ImproperlyConfigured("api_key must be printable ASCII text without spaces around it.")


def customer_uuid(value: str | UUID) -> str:
    """Return a UUID as its 36 characters."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise ImproperlyConfigured("customer_uuid must be a UUID, as the provider's dashboard shows it.") from None


def _is_web_url(value: object) -> bool:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and bare
