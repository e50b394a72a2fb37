"""What the inbox shows of each message, refused request, webhook and special number."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from django_ding import phone

from .memory import Message
from .refusals import SimRefusal
from .special_numbers import SPECIAL_NUMBERS
from .status import rfc3339
from .webhook_log import SimWebhook

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
_OPERATION_NAMES = {"send": "Send", "retry": "Retry"}
#: The states of webhooks, in the words of those of messages: both have the same colors.
_WEBHOOK_STATES = {"delivered": "delivered", "retrying": "submitted", "failed": "undeliverable"}


def message_row(message: Message, now: datetime) -> dict[str, object]:
    """Return a message with its code."""
    return {
        "message": message,
        "key": message.id,
        "phone_number": message.phone_number,
        "is_filterable": True,
        "channel": _CHANNEL_NAMES.get(message.channel, message.channel),
        "status": message.status.replace("_", " ").capitalize(),
        **_times(message.created_at, now),
    }


def refusal_row(refusal: SimRefusal, now: datetime) -> dict[str, object]:
    """Return a request that was answered without a message."""
    return {
        "refusal": refusal,
        "key": refusal.id,
        "phone_number": refusal.phone_number,
        "is_filterable": phone.is_e164(refusal.phone_number),
        "operation": _OPERATION_NAMES[refusal.operation],
        **_times(refusal.created_at, now),
    }


def webhook_row(webhook: SimWebhook, now: datetime) -> dict[str, object]:
    """Return a webhook with its last answer."""
    return {
        "webhook": webhook,
        "state": _WEBHOOK_STATES[webhook.status],
        "status": webhook.status.capitalize(),
        **_times(webhook.attempted_at, now),
    }


def special_rows() -> list[tuple[str, list[str], list[str]]]:
    """Return the special numbers with what they do in each version. The odd parts are code: those in backquotes."""
    return [
        (special.phone_number, special.description.split("`"), special.v2.split("`"))
        for special in SPECIAL_NUMBERS.values()
    ]


def number_counts(entries: Iterable[Message | SimRefusal]) -> list[tuple[str, int]]:
    """Return how many entries each number has, the one with the newest first."""
    # A list: to a template, ``.items`` of a Counter is the count of the key "items".
    return list(Counter(entry.phone_number for entry in entries if phone.is_e164(entry.phone_number)).items())


def _times(at: datetime, now: datetime) -> dict[str, str]:
    return {
        "at": rfc3339(at),
        "time": at.astimezone(UTC).strftime("%d %b %Y, %H:%M:%S UTC"),
        "age": _age((now - at).total_seconds()),
    }


def _age(seconds: float) -> str:
    """Return an age in the words of ``inbox.js``, which goes on counting."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
