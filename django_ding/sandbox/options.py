"""What the provider leaves undocumented, as options with defaults."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

#: The customer UUID of examples when any is accepted.
ANY_UUID = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"

#: The upper limit of options without one: thirty years, when they are seconds. More would overflow a datetime.
_LARGEST = 1_000_000_000

CHANNELS = ("sms", "rcs", "whatsapp", "viber", "zalo", "telegram")
V2_CHANNELS = (*CHANNELS, "voice")
WEBHOOK_ORDERS = ("normal", "reversed")


def _option(default: Any, text: str, *, parse: Callable[[str], Any] = str, **limits: float) -> Any:
    """Declare an option: its default, its explanation, how a command line spells it, and its limits."""
    return field(default=default, metadata={"help": text, "parse": parse, **limits})


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the simulator behaves. Durations are in seconds.

    :raises ValueError: when a value is not valid; the message says which and why.
    """

    api_key: str | None = _option(None, "the only API key accepted; any when not given")
    customer_uuid: str | None = _option(None, "the only customer UUID accepted; any when not given")

    code_length: int = _option(6, "digits in a code", parse=int, minimum=4, maximum=12)
    expires_in: float = _option(600.0, "time until an authentication expires", parse=float, minimum=1)
    max_checks: int = _option(5, "checks answered before rate_limited", parse=int, minimum=1)
    max_retries: int = _option(3, "messages after the first one", parse=int, minimum=0)
    retry_delay: float = _option(30.0, "shortest time between two messages", parse=float, minimum=0)
    earlier_codes_valid: bool = _option(True, "codes sent before a retry stay valid", parse=bool)
    stateless: bool = _option(True, "a further send re-uses the running authentication", parse=bool)

    unauthorized_status: int = _option(403, "status of a bad API key", parse=int, minimum=400, maximum=499)
    error_status: int = _option(400, "status of errors with a code", parse=int, minimum=400, maximum=599)
    refusals_have_uuid: bool = _option(True, "a refused first send still answers with a UUID", parse=bool)
    accept_ipv6: bool = _option(True, "the ip signal may be IPv6", parse=bool)
    max_correlation_id: int = _option(80, "longest correlation_id, in characters", parse=int, minimum=1)
    templates: tuple[str, ...] | None = _option(None, "known template IDs; any when not given", parse=_names)
    sender_ids: tuple[str, ...] | None = _option(
        None, "Sender IDs the account may use; any when not given", parse=_names
    )

    channels: tuple[str, ...] = _option(("sms",), "channels of v1's attempts, in turn", parse=_names)
    planned_channels: tuple[str, ...] = _option(
        ("sms", "whatsapp", "voice"), "channels of v2's attempts, in turn", parse=_names
    )
    disabled_channels: tuple[str, ...] = _option((), "channels that v2 refuses to use", parse=_names)
    silent: bool = _option(False, "v2's first attempt with a dispatch_id is silent", parse=bool)
    custom_code_allowed: bool = _option(False, "v2 accepts a custom_code", parse=bool)
    limit_status: int = _option(
        429, "status of too_many_attempts and too_many_checks", parse=int, minimum=400, maximum=499
    )
    submitted_after: float = _option(0.0, "from sent to submitted", parse=float, minimum=0)
    in_transit_after: float = _option(1.0, "from sent to in_transit", parse=float, minimum=0)
    delivered_after: float = _option(2.0, "from sent to delivered or undeliverable", parse=float, minimum=0)
    price_amount: float = _option(0.009, "price of an authentication", parse=float, minimum=0)
    attempt_price_amount: float = _option(0.03, "price of a message", parse=float, minimum=0)
    price_currency: str = _option("EUR", "currency of the prices")
    carrier: str = _option("Sandbox Mobile", "carrier that lookup names")

    slow_seconds: float = _option(30.0, "how long a slow answer takes", parse=float, minimum=0, maximum=600)
    far_retry_seconds: float = _option(86_400.0, "a next_retry_at that is far away", parse=float, minimum=1)
    retry_after: int = _option(30, "Retry-After of a 429 answer", parse=int, minimum=0)

    sign_webhooks: bool = _option(True, "v2's webhooks are signed", parse=bool)
    webhook_timeout: float = _option(5.0, "to connect, and to read", parse=float, minimum=0.1)
    webhook_attempts: int = _option(12, "deliveries tried before giving up", parse=int, minimum=1, maximum=1000)
    webhook_first_delay: float = _option(
        1.0, "before the first redelivery; doubles each time", parse=float, minimum=0.01
    )
    webhook_max_delay: float = _option(60.0, "longest wait between redeliveries", parse=float, minimum=0.01)
    webhook_delay: float = _option(0.0, "how late each webhook is", parse=float, minimum=0)
    webhook_copies: int = _option(1, "times each webhook is delivered", parse=int, minimum=1, maximum=10)
    webhook_order: str = _option("normal", "normal or reversed, last event first")
    webhook_queue: int = _option(1_000, "most webhooks that may wait", parse=int, minimum=1)

    max_authentications: int = _option(10_000, "authentications remembered", parse=int, minimum=1)
    seed: int | None = _option(None, "makes codes and UUIDs repeatable; random when not given", parse=int)

    def __post_init__(self) -> None:
        for name in ("templates", "sender_ids", "channels", "planned_channels", "disabled_channels"):
            _freeze(self, name)
        for option in fields(self):
            _check_type(option.name, getattr(self, option.name), option.metadata)
        _check_values(self)


def _freeze(options: Options, name: str) -> None:
    """Accept a list, as a settings file writes it, where the option is a tuple."""
    value = getattr(options, name)
    # A text is iterable, too: its letters would pass as names.
    if isinstance(value, str):
        raise ValueError(f"{name} must be a list of names, not one text.")
    if value is not None:
        object.__setattr__(options, name, tuple(value))


def _check_type(name: str, value: Any, limits: Mapping[str, Any]) -> None:
    if limits["parse"] is bool and not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false.")
    if "minimum" not in limits:
        return
    minimum, maximum = limits["minimum"], limits.get("maximum", _LARGEST)
    whole = limits["parse"] is int
    # To Python, True is a whole number.
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise ValueError(f"{name} must be a {'whole number' if whole else 'number'}.")
    # NaN is caught here, since it compares as false with everything.
    if not minimum <= value <= maximum:
        raise ValueError(f"{name} must be from {minimum} to {maximum}.")


def _check_values(options: Options) -> None:
    try:
        uuid.UUID(ANY_UUID if options.customer_uuid is None else str(options.customer_uuid))
    except ValueError:
        raise ValueError(f"customer_uuid must be a UUID, such as {ANY_UUID}.") from None
    if options.api_key is not None and not options.api_key.strip():
        raise ValueError("api_key must not be empty. Leave it out to accept any key.")
    for name, known in (("channels", CHANNELS), ("planned_channels", V2_CHANNELS)):
        if not getattr(options, name) or not set(getattr(options, name)) <= set(known):
            raise ValueError(f"{name} must name at least one of {', '.join(known)}.")
    if not set(options.disabled_channels) <= set(V2_CHANNELS):
        raise ValueError(f"disabled_channels must name some of {', '.join(V2_CHANNELS)}.")
    if options.webhook_order not in WEBHOOK_ORDERS:
        raise ValueError(f"webhook_order must be {' or '.join(WEBHOOK_ORDERS)}.")
    if not options.submitted_after <= options.in_transit_after <= options.delivered_after:
        raise ValueError("submitted_after, in_transit_after and delivered_after must not decrease.")
