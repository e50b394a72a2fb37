"""The summary of an authentication's events: channel, delivery, carrier and price.

It is computed from all of them, so neither their order nor a repetition changes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django_ding.backends.types import BalanceUpdateType, DeliveryStatus
from django_ding.conf.validators import is_network
from django_ding.models import Event

_PROGRESS = [
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.SUBMITTED,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.UNDELIVERABLE,
    DeliveryStatus.DELIVERED,
]

#: Sums that are reserved, and charged later under another type.
_RESERVED = (BalanceUpdateType.AUTHENTICATION_PENDING, BalanceUpdateType.ATTEMPT_PENDING)

#: The largest price that the column holds.
_MOST = Decimal("999999.999999")


@dataclass(frozen=True, kw_only=True)
class _Message:
    """An attempt and its reports. A report may come before its attempt, which is ``None`` until then."""

    attempt: Event | None
    reports: list[Event]

    @property
    def since(self) -> datetime:
        return self.attempt.occurred_at if self.attempt else min(report.occurred_at for report in self.reports)


def summarize(events: Iterable[Event]) -> dict[str, Any]:
    """Return the row's columns that follow from the events: of the newest message, and the price of all.

    A later report never takes a message backwards. Columns without an event are left out.
    """
    rows = sorted(events, key=lambda row: (row.occurred_at, row.attempt_number or 0))
    messages = sorted(_messages(rows), key=lambda message: message.since)
    return {**_channel(messages), **_delivery(messages), **_carrier(messages), **_price(rows, messages)}


def is_amount(amount: Decimal) -> bool:
    """Return whether an amount of money is one that the price can hold, which infinity and no number can't."""
    return amount.is_finite() and 0 <= amount <= _MOST


def _messages(rows: list[Event]) -> Iterator[_Message]:
    attempts = [row for row in rows if row.type == Event.Type.ATTEMPT and (row.attempt_number or row.provider_event_id)]
    reports = defaultdict(list)
    for report in rows:
        if report.type == Event.Type.DELIVERY_STATUS:
            reports[_attempt_index(report, attempts)].append(report)
    for index, attempt in enumerate(attempts):
        yield _Message(attempt=attempt, reports=reports.pop(index, []))
    for orphans in reports.values():
        yield _Message(attempt=None, reports=orphans)


def _attempt_index(report: Event, attempts: list[Event]) -> int | str:
    """Return the index of a report's attempt, by id, number or time; the id of an attempt that isn't known yet."""
    attempt_id = report.data.get("attempt_id")
    for index, attempt in enumerate(attempts):
        if attempt_id and attempt.data.get("attempt_id") == attempt_id:
            return index
    if attempt_id:
        return str(attempt_id)
    for index, attempt in enumerate(attempts):
        if report.attempt_number and attempt.attempt_number == report.attempt_number:
            return index
    earlier = [index for index, attempt in enumerate(attempts) if attempt.occurred_at <= report.occurred_at]
    return max(earlier, default="")


def _channel(messages: list[_Message]) -> dict[str, Any]:
    channels = [message.attempt.channel for message in messages if message.attempt and message.attempt.channel]
    return {"channel": channels[-1]} if channels else {}


def _delivery(messages: list[_Message]) -> dict[str, Any]:
    for message in reversed(messages):
        if message.reports:
            statuses = (DeliveryStatus(report.status) for report in message.reports)
            return {"delivery_status": max(statuses, key=_PROGRESS.index)}
    return {}


def _carrier(messages: list[_Message]) -> dict[str, Any]:
    """Return the network of the newest message that has one. A number may be ported between two messages."""
    for message in reversed(messages):
        for event in (*reversed(message.reports), *filter(None, [message.attempt])):
            carrier = event.data.get("carrier")
            network = carrier.get("network") if isinstance(carrier, dict) else None
            if is_network(network):
                return {"carrier": network}
    return {}


def _price(rows: list[Event], messages: list[_Message]) -> dict[str, Any]:
    """Add up the reported prices, or the changes of the balance: the larger sum, since either source may have gaps."""
    reported = _reported_prices(rows, messages)
    currency, total = max(reported.items(), key=lambda price: price[1], default=("", None))
    charged = _charged(rows)
    amount = max((sum_ for sum_ in (total, charged) if sum_ is not None), default=None)
    if amount is None:
        return {}
    return {"price_amount": min(amount, _MOST), **({"price_currency": currency} if currency else {})}


def _reported_prices(rows: list[Event], messages: list[_Message]) -> dict[str, Decimal]:
    """Return the sum in each currency. The reports of a message repeat its price, so it counts once."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    opened = [[row] for row in rows if row.type == Event.Type.AUTHENTICATION]
    for group in (*opened, *([*filter(None, [message.attempt]), *message.reports] for message in messages)):
        price = next((row.data["price"] for row in group if "price" in row.data), None)
        if price:
            sums[price["currency"]] += Decimal(price["amount"])
    return sums


def _charged(rows: list[Event]) -> Decimal | None:
    """Return what was charged. The API gives no currency, and doesn't say whether costs are negative."""
    updates = (row for row in rows if row.type == Event.Type.BALANCE_UPDATE and row.status not in _RESERVED)
    amounts = [amount for amount in map(_amount, updates) if amount is not None]
    return abs(sum(amounts, Decimal())) if amounts else None


def _amount(update: Event) -> Decimal | None:
    amount = update.data.get("amount")
    return round(Decimal(str(amount)), 6) if amount is not None and abs(amount) <= _MOST else None
