"""What a provider reports of an authentication, asked or by itself, in a callback."""

from dataclasses import dataclass
from decimal import Decimal

from django_ding.backends.base import StatusEvent


@dataclass(frozen=True, kw_only=True)
class Price:
    """What something cost: at most six decimals, and the currency's three letters as the provider wrote them."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """An event, with what only callbacks tell: who is meant, the price, and the ``id`` that a repetition has too."""

    event: StatusEvent
    id: str | None = None
    authentication_uuid: str | None = None
    correlation_id: str | None = None
    price: Price | None = None
