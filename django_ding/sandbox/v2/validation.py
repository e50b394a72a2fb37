"""Checks of the fields of version 2's requests, each with its own error code."""

import re
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import urlsplit

from ..errors import ProviderError
from ..options import CHANNELS, Options
from ..validation import (
    APP_HASH,
    LOCALE,
    PRINTABLE,
    Body,
    boolean,
    ip_signal,
    is_sender_id,
    is_web_url,
    matching,
    optional_text,
    require_phone_number,
    required_text,
)
from ..windows import PSD2_TEMPLATE, SimVerificationRequest

METHODS = ("auto", "voice", "message")
PLATFORMS = ("android", "ios", "ipados", "tvos", "web")

_DISPATCH_ID_LENGTH = 36
_CODE = re.compile(r"[0-9]{4,8}", re.ASCII)
_CODE_SIZES = range(4, 9)
_PSD2_FIELDS = ("amount", "currency", "recipient")
_MAX_BATCH = 100
_MAX_USER_AGENT = 1024
_MAX_VARIABLES = 100  # Names and values, so that a client in a loop can't fill the memory.
_MAX_VARIABLE = 256


def require_target(body: Body) -> str:
    """Return the number of a target."""
    target = _object(body, "target")
    if target is None:
        raise ProviderError("invalid_request", "target is required.")
    kind, value = required_text(target, "type"), required_text(target, "value")
    if kind == "email_address":
        raise ProviderError("email_verification_not_allowed")
    if kind != "phone_number":
        raise ProviderError("invalid_request", "target.type must be phone_number or email_address.")
    return require_phone_number(value)


def verification_request(body: Body, options: Options) -> SimVerificationRequest:
    """Return the fields of a create."""
    phone_number = require_target(body)
    given = _object(body, "options") or {}
    code_size, custom_code = _code_size(given), _custom_code(given, options)
    if code_size is not None and custom_code is not None:
        raise ProviderError("custom_size_conflict")
    template_id, variables = _template(given, options)
    channels, preferred_channel = _channels(given, options)
    return SimVerificationRequest(
        phone_number=phone_number,
        dispatch_id=dispatch_id(body),
        correlation_id=correlation_id(body, options),
        signals={**signals(body, options), **_app_realm(given)},
        template_id=template_id,
        variables=variables,
        locale=matching(given, "locale", LOCALE, "invalid_locale"),
        sender_id=_sender_id(given, options),
        callback_url=_callback_url(given),
        code_size=code_size,
        custom_code=custom_code,
        method=_one_of(given, "method", METHODS) or "auto",
        preferred_channel=preferred_channel,
        channels=channels,
        force_challenge=boolean(given, "force_challenge") or False,
    )


def dispatch_id(body: Body) -> str | None:
    """Return the ID that a front-end SDK was given for its signals."""
    value = optional_text(body, "dispatch_id")
    if value is not None and len(value) != _DISPATCH_ID_LENGTH:
        raise ProviderError("invalid_request", f"dispatch_id must have {_DISPATCH_ID_LENGTH} characters.")
    return value


def correlation_id(body: Body, options: Options) -> str | None:
    """Return the caller's own ID."""
    value = optional_text(_object(body, "metadata") or {}, "correlation_id")
    if value is not None and len(value) > options.max_correlation_id:
        raise ProviderError("invalid_correlation_id")
    return value


def signals(body: Body, options: Options) -> dict[str, str | bool]:
    """Return what is known of the user's device."""
    given = _object(body, "signals") or {}
    codes = {"device_id": "invalid_device_id", "os_version": "invalid_os_version"}
    names = ("device_id", "os_version", "device_model", "app_version", "ja4_fingerprint")
    found: dict[str, str | bool | None] = {
        "ip": ip_signal(given, options),
        "device_platform": _one_of(given, "device_platform", PLATFORMS),
        "is_trusted_user": boolean(given, "is_trusted_user"),
        "user_agent": matching(given, "user_agent", PRINTABLE, "invalid_request", longest=_MAX_USER_AGENT),
        **{name: matching(given, name, PRINTABLE, codes.get(name, "invalid_request")) for name in names},
    }
    return {name: value for name, value in found.items() if value is not None}


def psd2(body: Body) -> Mapping[str, str] | None:
    """Return the payment that a code is entered for."""
    payment = _object(body, "psd2")
    return None if payment is None else {name: required_text(payment, name) for name in _PSD2_FIELDS}


def batch(body: Body, name: str) -> list[Body]:
    """Return the objects of a list with 1 to 100 of them."""
    items = body.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProviderError("invalid_request", f"{name} must be a list of objects.")
    if not items:
        raise ProviderError("empty_batch")
    if len(items) > _MAX_BATCH:
        raise ProviderError("batch_size_exceeded")
    return items


def require_one_of(body: Body, name: str, values: Iterable[str]) -> str:
    """Return a required field that has one of some values."""
    required_text(body, name)
    return cast("str", _one_of(body, name, tuple(values)))


def require_code(text: str) -> str:
    """Return a fixed code."""
    if not _CODE.fullmatch(text):
        raise ProviderError("invalid_code_size", "The code must have 4 to 8 digits.")
    return text


def require_sender_id(text: str) -> str:
    """Return a Sender ID."""
    if not is_sender_id(text):
        raise ProviderError("invalid_sender_id")
    return text


def _object(body: Body, name: str) -> Body | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise ProviderError("invalid_request", f"{name} must be an object.")
    return value


def _one_of(body: Body, name: str, values: tuple[str, ...]) -> str | None:
    value = optional_text(body, name)
    if value is not None and value not in values:
        raise ProviderError("invalid_request", f"{name} must be one of {', '.join(values)}.")
    return value


def _code_size(given: Body) -> int | None:
    value = given.get("code_size")
    # To Python, True and 4.0 are whole numbers.
    if value is not None and (type(value) is not int or value not in _CODE_SIZES):
        raise ProviderError("invalid_code_size")
    return value


def _custom_code(given: Body, options: Options) -> str | None:
    value = optional_text(given, "custom_code")
    if value is None:
        return None
    if not options.custom_code_allowed:
        raise ProviderError("custom_code_not_allowed")
    return require_code(value)


def _template(given: Body, options: Options) -> tuple[str | None, Mapping[str, str]]:
    template_id = matching(given, "template_id", PRINTABLE, "invalid_template_id")
    variables = _variables(given)
    if template_id == PSD2_TEMPLATE:
        if not set(_PSD2_FIELDS) <= set(variables):
            raise ProviderError("invalid_template_variables", f"Required: {', '.join(_PSD2_FIELDS)}.")
    elif template_id is not None and options.templates is not None and template_id not in options.templates:
        raise ProviderError("template_not_found")
    return template_id, variables


def _variables(given: Body) -> Mapping[str, str]:
    variables = _object(given, "variables") or {}
    texts = [*variables.keys(), *variables.values()]
    are_short = all(isinstance(text, str) and len(text) <= _MAX_VARIABLE for text in texts)
    if not are_short or len(texts) > _MAX_VARIABLES:
        raise ProviderError("invalid_template_variables")
    return cast("Mapping[str, str]", variables)


def _channels(given: Body, options: Options) -> tuple[tuple[str, ...], str | None]:
    channels = given.get("channels")
    preferred = _one_of(given, "preferred_channel", CHANNELS)
    _check_fallbacks(given)
    if channels is None:
        # A hint that can't be followed is none.
        return (), None if preferred in options.disabled_channels else preferred
    if not isinstance(channels, list) or not channels or not all(channel in CHANNELS for channel in channels):
        raise ProviderError("invalid_request", f"channels must be a list of {', '.join(CHANNELS)}.")
    if len(set(channels)) < len(channels):
        raise ProviderError("invalid_request", "channels must not repeat one.")
    if preferred is not None:
        raise ProviderError("invalid_request", "preferred_channel and channels exclude each other.")
    if set(channels) & set(options.disabled_channels):
        raise ProviderError("channel_not_enabled_in_region")
    return tuple(channels), None


def _check_fallbacks(given: Body) -> None:
    value = given.get("max_auto_fallbacks")
    # The simulator makes no attempts of its own, so there is nothing to cap.
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ProviderError("invalid_request", "max_auto_fallbacks must be a whole number, 0 or more.")


def _sender_id(given: Body, options: Options) -> str | None:
    value = optional_text(given, "sender_id")
    if value is None:
        return None
    if options.sender_ids is not None and value not in options.sender_ids:
        raise ProviderError("invalid_sender_id", "The account may not use this Sender ID.")
    return require_sender_id(value)


def _callback_url(given: Body) -> str | None:
    value = optional_text(given, "callback_url")
    if value is not None and not is_web_url(value):
        raise ProviderError("invalid_callback_url")
    return value


def _app_realm(given: Body) -> dict[str, str]:
    """Return what ends the message: Android's SMS Retriever reads a hash there, WebOTP a domain and the code."""
    if given.get("app_realm") is None:
        return {}
    realm = given["app_realm"]
    if not isinstance(realm, dict) or not isinstance(realm.get("platform"), str) or "value" not in realm:
        raise ProviderError("invalid_app_realm")
    platform, value = realm["platform"], realm["value"]
    if platform not in ("android", "web"):
        raise ProviderError("invalid_app_realm_platform")
    is_valid = isinstance(value, str) and (APP_HASH.fullmatch(value) if platform == "android" else _is_origin(value))
    if not is_valid:
        raise ProviderError("invalid_app_realm_value")
    return {"app_realm": value} if platform == "android" else {"web_realm": value.rpartition("/")[2]}


def _is_origin(text: str) -> bool:
    """Return whether a text is a domain, with or without ``https://``."""
    try:
        host = urlsplit(text).netloc if "://" in text else text
    except ValueError:  # Of a malformed IPv6 address.
        return False
    return re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?", host) is not None
