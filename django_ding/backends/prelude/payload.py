"""The body of ``POST /v2/verification``: who, with which signals, and by which options."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.backends import options
from django_ding.backends.types import Channel, DeviceSignals, DeviceType, SendRequest
from django_ding.conf import check_known_keys
from django_ding.exceptions import BackendRejected

#: What ``preferred_channel`` and ``channels`` may name. A call is a method, and no channel.
MESSAGE_CHANNELS = tuple(
    channel.value
    for channel in (
        Channel.SMS,
        Channel.RCS,
        Channel.WHATSAPP,
        Channel.VIBER,
        Channel.ZALO,
        Channel.TELEGRAM,
    )
)
METHODS = ("auto", "voice", "message")

#: Options that exclude another at the provider.
_EXCLUDES = (("preferred_channel", "channels"), ("channels", "preferred_channel"), ("custom_code", "code_size"))

_CUSTOM_CODE = re.compile(r"[0-9]{4,8}", re.ASCII)

Validator = Callable[[str, Any], Any]


def target(phone_number: str) -> dict[str, str]:
    """Return a number as the API names it."""
    return {"type": "phone_number", "value": phone_number}


def _one_of(choices: Sequence[str], name: str, value: Any) -> str:
    if isinstance(value, str) and value in choices:
        return str(value)
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}.")


def _channel_list(name: str, value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ImproperlyConfigured(f"{name} must be a list of {', '.join(MESSAGE_CHANNELS)}.")
    return [_one_of(MESSAGE_CHANNELS, name, channel) for channel in value]


def _string_map(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(text, str) for pair in value.items() for text in pair):
        return dict(value)
    raise ImproperlyConfigured(f"{name} must be a dict of strings.")


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ImproperlyConfigured(f"{name} must be True or False.")


@sensitive_variables()
def _custom_code(name: str, value: Any) -> str:
    if isinstance(value, str) and _CUSTOM_CODE.fullmatch(value):
        return value
    raise ImproperlyConfigured(f"{name} must be a string of 4 to 8 digits.")


#: Options of the backend, and of a single call in ``extra``.
OPTIONS: Mapping[str, Validator] = {
    "code_size": partial(options.integer, minimum=4, maximum=8),
    "method": partial(_one_of, METHODS),
    "preferred_channel": partial(_one_of, MESSAGE_CHANNELS),
    "channels": _channel_list,
    "variables": _string_map,
    "max_auto_fallbacks": partial(options.integer, minimum=0),
    "force_challenge": _boolean,
}
#: What only a single call may have. ``psd2`` goes with the check.
CALL_OPTIONS: Mapping[str, Validator] = {**OPTIONS, "custom_code": _custom_code, "psd2": _string_map}


def validate_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a backend that are set.

    :raises ImproperlyConfigured: naming the first one that doesn't exist or can't be used.
    """
    check_known_keys(given, OPTIONS, "OPTIONS")
    return {name: OPTIONS[name](name, value) for name, value in given.items() if value is not None}


@sensitive_variables()
def call_options(extra: Mapping[str, Any], *, allow_custom_code: bool) -> dict[str, Any]:
    """Return the options of a single call.

    :raises BackendRejected: ``invalid_options``, for one that doesn't exist, isn't switched on or can't be used. It is
        a mistake of the project's, and nothing is sent.
    """
    known = {name: check for name, check in CALL_OPTIONS.items() if name != "custom_code" or allow_custom_code}
    unknown = [name for name in extra if name not in known]
    if "custom_code" in unknown:
        raise BackendRejected(
            "extra has a custom_code: switch OPTIONS['allow_custom_code'] on, if the account may choose codes.",
            code="invalid_options",
        )
    if unknown:
        raise BackendRejected(f"extra takes {', '.join(known)}, and no other options.", code="invalid_options")
    try:
        return {name: known[name](name, value) for name, value in extra.items()}
    except ImproperlyConfigured as error:
        # Without the cause: the frames of its traceback may hold a code.
        raise BackendRejected(f"extra: {error}", code="invalid_options") from None


@sensitive_variables()
def build_body(request: SendRequest, chosen: Mapping[str, Any], *, is_trusted: bool | None) -> dict[str, Any]:
    """Return the body of a create, without what is empty.

    :param chosen: its ``options``, as :func:`choose_options` returns them.
    :param is_trusted: the signal that the provider calls ``is_trusted_user``.
    """
    body = {
        "target": target(request.phone_number),
        "dispatch_id": request.dispatch_id,
        "metadata": _filled(correlation_id=request.correlation_id),
        "signals": _signals(request, is_trusted),
        "options": dict(chosen),
    }
    return _filled(**body)


@sensitive_variables()
def choose_options(
    request: SendRequest,
    *,
    defaults: Mapping[str, Any],
    extra: Mapping[str, Any],
    channel: Channel | None,
    skip_silent: bool,
    webotp_domain: str | None,
) -> dict[str, Any]:
    """Return the ``options`` of a create: the backend's, over them those of the call, over them the user's choice.

    :param defaults: the backend's options, :func:`validate_options`'s.
    :param extra: the call's, :func:`call_options`'s.
    :param channel: the one that the user chose.
    :param skip_silent: whether a message must be sent, because no device could open the URL of a silent verification.
    :param webotp_domain: the site's domain, with which a browser fills the code in.
    """
    chosen = _override(defaults, extra)
    if channel:
        chosen = {name: value for name, value in chosen.items() if name not in ("channels", "preferred_channel")}
        chosen |= _channel_options(channel)
    elif skip_silent and request.dispatch_id and chosen.get("method") != "voice":
        chosen["method"] = "message"  # Without signals of its SDK, the provider can't verify silently anyway.
    chosen |= _filled(
        template_id=request.template_id,
        locale=request.locale,
        sender_id=request.sender_id,
        callback_url=request.callback_url,
        app_realm=_app_realm(request.device_signals, webotp_domain),
    )
    return chosen


def _override(defaults: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the call over those of the backend, without those of the backend that they exclude."""
    excluded = {name for option, name in _EXCLUDES if option in extra}
    usual = {name: value for name, value in defaults.items() if name not in excluded}
    return {**usual, **{name: value for name, value in extra.items() if name != "psd2"}}


def _channel_options(channel: Channel) -> dict[str, str]:
    if channel is Channel.VOICE:
        return {"method": "voice"}
    return {"method": "message", "preferred_channel": channel.value}


def _app_realm(signals: DeviceSignals, webotp_domain: str | None) -> dict[str, str] | None:
    """Return what lets a device fill the code in: an Android app's hash if it gave one, else the site's domain."""
    if signals.app_realm:
        platform = "web" if signals.device_type == DeviceType.WEB else "android"
        return {"platform": platform, "value": signals.app_realm}
    is_app = signals.device_type not in (None, DeviceType.WEB)
    return {"platform": "web", "value": webotp_domain} if webotp_domain and not is_app else None


def _signals(request: SendRequest, is_trusted: bool | None) -> dict[str, Any]:
    device = request.device_signals
    return _filled(
        ip=_public_ip(request.ip),
        device_id=device.device_id,
        device_platform=device.device_type and device.device_type.lower(),
        device_model=device.device_model,
        os_version=device.os_version,
        app_version=device.app_version,
        user_agent=device.user_agent,
        ja4_fingerprint=device.ja4_fingerprint,
        is_trusted_user=is_trusted,
    )


def _public_ip(ip: str | None) -> str | None:
    """Return the address as the API takes it: of the user, not of a private network."""
    return ip if ip and ip_address(ip).is_global else None


def _filled(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value. The API takes an absent field for unknown, and null for a mistake."""
    return {name: value for name, value in fields.items() if value not in (None, "", {})}
