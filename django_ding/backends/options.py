"""Validation of backends' options. Messages name the option and never its value when that is a secret."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.conf import check_known_keys

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}", re.ASCII | re.IGNORECASE)


class MissingOption(ImproperlyConfigured):
    """An option that the class of a backend requires is missing or empty."""


@sensitive_variables()
def check_options(factory: Callable[..., Any], given: Any, where: str) -> None:
    """Compare options with the keyword-only arguments of a class, which are their documentation.

    A class with ``**options`` checks by itself what it knows.

    :raises ImproperlyConfigured: naming the first option that is unknown, or those that are missing.
    """
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f"{where} must be a dict, not {type(given).__name__}.")
    parameters = inspect.signature(factory).parameters.values()
    named = {parameter.name: parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        check_known_keys(given, named, where)
    required = [name for name, parameter in named.items() if parameter.default is parameter.empty]
    missing = [repr(name) for name in required if not given.get(name)]
    if missing:
        raise MissingOption(f"{where} needs {' and '.join(missing)}: missing or empty.")


def seconds(name: str, value: float) -> float:
    """Return a duration above zero, at most a day."""
    # True is an int to Python, and NaN compares as false with everything.
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 86_400:
        return value
    raise ImproperlyConfigured(f"{name} must be a number of seconds above zero, at most 86400, not {value!r}.")


def integer(name: str, value: int, *, minimum: int, maximum: int | None = None) -> int:
    """Return a whole number within bounds."""
    if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= (maximum or value):
        return value
    bounds = f"{minimum} or more" if maximum is None else f"{minimum} to {maximum}"
    raise ImproperlyConfigured(f"{name} must be a whole number, {bounds}, not {value!r}.")


def web_url(name: str, value: str) -> str:
    """Return the URL of an API, without a slash at its end."""
    if not _is_web_url(value):
        raise ImproperlyConfigured(
            f'{name} must be a URL such as "https://api.ding.live/v1", without credentials, query or fragment.'
        )
    return value.rstrip("/")


def domain(name: str, value: str) -> str:
    """Return the name of a host, without scheme, port and path."""
    if isinstance(value, str) and _DOMAIN.fullmatch(value):
        return value
    raise ImproperlyConfigured(f'{name} must be a domain such as "example.com", not {value!r}.')


@sensitive_variables()
def secret(name: str, value: str) -> str:
    """Return a key that can be sent in a header."""
    # http.client would refuse it later, in an error that quotes it.
    if isinstance(value, str) and value and value.isascii() and value.isprintable() and value == value.strip():
        return value
    raise ImproperlyConfigured(f"{name} must be printable ASCII text without spaces around it.")


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
        port = parts.port  # Raises for one above 65535.
    except ValueError:
        return False
    # Credentials would be logged with the URL, and a path is appended to it.
    bare = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and bare
