"""What the provider leaves undocumented, as options with sensible defaults."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

#: A customer UUID for examples, for when any is accepted.
ANY_UUID = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"

#: The upper limit of numbers that have none of their own: thirty years, when they are seconds.
_LARGEST = 1_000_000_000

CHANNELS = ("text", "rcs", "whatsapp", "viber", "zalo", "telegram")
WEBHOOK_ORDERS = ("normal", "reversed")


def _option(default: Any, text: str, *, parse: Callable[[str], Any] = str, **limits: float) -> Any:
    """Declare an option: its default, its explanation, how a command line spells it, and its limits."""
    return field(default=default, metadata={"help": text, "parse": parse, **limits})


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the simulator behaves. Durations are in seconds.

    :raises ValueError: when a value makes no sense, with a message for people.
    """

    api_key: str | None = _option(None, "the only API key accepted; any when not given")
    customer_uuid: str | None = _option(None, "the only customer UUID accepted; any when not given")

    code_length: int = _option(6, "digits in a code", parse=int, minimum=4, maximum=12)
    expires_in: float = _option(600.0, "life of an authentication", parse=float, minimum=1)
    max_checks: int = _option(5, "checks answered before rate_limited", parse=int, minimum=1)
    max_retries: int = _option(3, "messages after the first one", parse=int, minimum=0)
    retry_delay: float = _option(30.0, "wait between two messages", parse=float, minimum=0)
    earlier_codes_valid: bool = _option(True, "codes sent before a retry stay valid", parse=bool)
    stateless: bool = _option(True, "a further send re-uses the running authentication", parse=bool)

    unauthorized_status: int = _option(403, "status of a bad API key", parse=int, minimum=400, maximum=499)
    error_status: int = _option(400, "status of errors with a code", parse=int, minimum=400, maximum=599)
    refusals_have_uuid: bool = _option(True, "a refused first send still answers with a UUID", parse=bool)
    accept_ipv6: bool = _option(True, "the ip signal may be IPv6", parse=bool)
    max_correlation_id: int = _option(80, "longest correlation_id, in characters", parse=int, minimum=1)
    templates: tuple[str, ...] | None = _option(None, "known template ids; any when not given", parse=_names)
    sender_ids: tuple[str, ...] | None = _option(
        None, "Sender IDs the account may use; any when not given", parse=_names
    )

    channels: tuple[str, ...] = _option(("text",), "channels of the attempts, in turn", parse=_names)
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

    webhook_timeout: float = _option(5.0, "to connect, and to read", parse=float, minimum=0.1)
    webhook_attempts: int = _option(12, "tries before giving up", parse=int, minimum=1, maximum=1000)
    webhook_first_delay: float = _option(
        1.0, "before the first redelivery; doubles each time", parse=float, minimum=0.01
    )
    webhook_max_delay: float = _option(60.0, "longest wait between redeliveries", parse=float, minimum=0.01)
    webhook_delay: float = _option(0.0, "how late each webhook is", parse=float, minimum=0)
    webhook_copies: int = _option(1, "how often each webhook comes", parse=int, minimum=1, maximum=10)
    webhook_order: str = _option("normal", "normal or reversed, last things first")
    webhook_queue: int = _option(1_000, "most webhooks that may wait", parse=int, minimum=1)

    max_authentications: int = _option(10_000, "authentications remembered", parse=int, minimum=1)
    seed: int | None = _option(None, "makes codes and UUIDs repeatable; random when not given", parse=int)

    def __post_init__(self) -> None:
        for name in ("templates", "sender_ids", "channels"):
            _freeze(self, name)
        _require_uuid(self.customer_uuid)
        _require_text(self.api_key)
        _require_channels(self.channels)
        _require_webhook_order(self.webhook_order)
        for option in fields(self):
            _require_type(option.name, getattr(self, option.name), option.metadata)
        _require_order(self)


def _freeze(options: Options, name: str) -> None:
    """Let a settings file write a list where the option is a tuple."""
    value = getattr(options, name)
    if isinstance(value, str):
        raise ValueError(f"{name} must be a list of names, not one text.")
    if value is not None:
        object.__setattr__(options, name, tuple(value))


def _require_uuid(value: str | None) -> None:
    if value is None:
        return
    try:
        uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise ValueError(f"customer_uuid must be a UUID, such as {ANY_UUID}.") from None


def _require_text(api_key: str | None) -> None:
    if api_key is not None and not api_key.strip():
        raise ValueError("api_key must not be empty. Leave it out to accept any key.")


def _require_channels(channels: tuple[str, ...]) -> None:
    unknown = [channel for channel in channels if channel not in CHANNELS]
    if unknown or not channels:
        raise ValueError(f"channels must name at least one of {', '.join(CHANNELS)}.")


def _require_webhook_order(order: str) -> None:
    if order not in WEBHOOK_ORDERS:
        raise ValueError(f"webhook_order must be {' or '.join(WEBHOOK_ORDERS)}.")


def _require_order(options: Options) -> None:
    if not options.submitted_after <= options.in_transit_after <= options.delivered_after:
        raise ValueError("submitted_after, in_transit_after and delivered_after must not decrease.")


def _require_type(name: str, value: Any, limits: Any) -> None:
    if limits["parse"] is bool and not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false.")
    if "minimum" in limits:
        _require_number(name, value, limits)


def _require_number(name: str, value: float, limits: Any) -> None:
    minimum, maximum = limits["minimum"], limits.get("maximum", _LARGEST)
    whole = limits["parse"] is int
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise ValueError(f"{name} must be a {'whole number' if whole else 'number'}.")
    if not minimum <= value <= maximum:
        raise ValueError(f"{name} must be from {minimum} to {maximum}.")
