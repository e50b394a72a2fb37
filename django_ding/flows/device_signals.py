"""Device signals from the user's own HTTP request."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_ding.backends.types import DeviceSignals
from django_ding.conf import check_known_keys, ding_settings

if TYPE_CHECKING:
    from rest_framework.request import Request  # REST framework is optional.

_NAMES = frozenset(field.name for field in fields(DeviceSignals))
_MAX_LENGTH = 512
_MAX_LENGTHS = {"ja4_fingerprint": 128}  # Of its kind, the longest known has 80 characters.


def get_device_signals(request: "HttpRequest | Request") -> dict[str, str]:
    """Return the user agent of a request. This is the default of ``DING["DEVICE_SIGNALS"]``.

    :return: texts by the names of fields of :class:`DeviceSignals`. A function of your own may add others.
    """
    return {"user_agent": request.headers.get("User-Agent", "")}


def complete_device_signals(given: DeviceSignals, request: "HttpRequest | Request") -> DeviceSignals:
    """Return the caller's signals, and for those without a value what ``DING["DEVICE_SIGNALS"]`` returns.

    What can't be used as a signal, such as an empty header, is left out.

    :raises ImproperlyConfigured: when the function returns a signal that doesn't exist. Its own errors are raised, too:
        a mistake in it must show, and nothing has been counted or sent yet.
    """
    found: Mapping[str, Any] = import_string(ding_settings.DEVICE_SIGNALS)(request)
    check_known_keys(found, _NAMES, 'DING["DEVICE_SIGNALS"]')
    missing = {name: value for name, value in found.items() if getattr(given, name) is None}
    usable = {name: _clean(value, _MAX_LENGTHS.get(name, _MAX_LENGTH)) for name, value in missing.items()}
    found_signals: dict[str, Any] = {name: text for name, text in usable.items() if text}
    return replace(given, **found_signals)


def _clean(value: object, max_length: int) -> str:
    """Return a text without control characters and of bounded length: anyone may write a header."""
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value if char.isprintable())[:max_length].strip()
