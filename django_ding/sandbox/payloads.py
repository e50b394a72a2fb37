"""What webhooks carry: flat objects in version 1, objects in an envelope in version 2.

Of version 1, the provider documents the ``authentication`` event only. What ``attempt`` and ``delivery_status`` carry
besides the common fields is this simulator's choice, in the words of version 2.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from .lookup import network
from .memory import DeliveryReport, SimAttempt, SimAuthentication
from .options import Options

Payload = dict[str, object]

_STEPS = ("submitted", "in_transit")


def delivery_reports(sent_at: datetime, *, last: str, options: Options) -> tuple[DeliveryReport, ...]:
    """Return the delivery reports of a message.

    :param last: the state it ends in: ``in_transit`` is never followed by another report.
    """
    delays = (options.submitted_after, options.in_transit_after, options.delivered_after)
    statuses = _STEPS if last in _STEPS else (*_STEPS, last)
    return tuple(
        DeliveryReport(status=status, at=sent_at + timedelta(seconds=delay))
        for status, delay in zip(statuses, delays, strict=False)
    )


@dataclass(frozen=True, kw_only=True)
class V1Payloads:
    """Builds the webhooks of version 1's authentications: flat objects, each with the time of its event.

    :param new_id: returns a new ID.
    """

    is_signed: ClassVar[bool] = False

    options: Options
    new_id: Callable[[], str]

    def authentication(self, authentication: SimAuthentication) -> tuple[datetime, Payload]:
        """Return the event of a new authentication."""
        at = authentication.created_at
        return at, self._common(authentication, "authentication", at, price=self.options.price_amount)

    def attempt(self, authentication: SimAuthentication, attempt: SimAttempt) -> Iterator[tuple[datetime, Payload]]:
        """Yield the events of a message and of its delivery, those to come included."""
        details = {"attempt_id": attempt.id, "carrier_information": network(authentication.phone_number)}
        price = self.options.attempt_price_amount
        common = self._common(authentication, "attempt", attempt.created_at, price=price)
        yield attempt.created_at, {**common, **details, "delivery_status": "submitted"}
        for report in attempt.reports:
            common = self._common(authentication, "delivery_status", report.at, price=price)
            yield report.at, {**common, **details, "status": report.status}

    def _common(self, authentication: SimAuthentication, event_type: str, at: datetime, *, price: float) -> Payload:
        request = authentication.request
        correlation = {"correlation_id": request.correlation_id} if request.correlation_id is not None else {}
        return {
            "id": self.new_id(),
            "auth_uuid": authentication.uuid,
            "type": event_type,
            "recipient_phone_number": request.phone_number,
            "price": {"amount": price, "currency": self.options.price_currency},
            # The offset without a colon, as in the provider's sample.
            "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z"),
            **correlation,
        }


@dataclass(frozen=True, kw_only=True)
class V2Payloads:
    """Builds the webhooks of version 2's verifications: objects in an envelope, each with the time of its event.

    :param new_id: returns a new ID that begins with a prefix.
    """

    is_signed: ClassVar[bool] = True

    options: Options
    new_id: Callable[[str], str]

    def authentication(self, authentication: SimAuthentication) -> tuple[datetime, Payload]:
        """Return the event of a new verification."""
        at = authentication.created_at
        return at, self._event(authentication, "verify.authentication", at, {}, price=self.options.price_amount)

    def attempt(self, authentication: SimAuthentication, attempt: SimAttempt) -> Iterator[tuple[datetime, Payload]]:
        """Yield the events of a message and of its delivery, those to come included."""
        carrier: Payload = {"carrier_information": network(authentication.phone_number)}
        price = self.options.attempt_price_amount
        details: Payload = {"id": attempt.id, "delivery_status": "submitted", "channel": attempt.channel, **carrier}
        at = attempt.created_at
        yield at, self._event(authentication, "verify.attempt", at, details, price=price)
        for report in attempt.reports:
            details = {"id": self.new_id("dls"), "attempt_id": attempt.id, "status": report.status, **carrier}
            yield report.at, self._event(authentication, "verify.delivery_status", report.at, details, price=price)

    def _event(
        self, authentication: SimAuthentication, event_type: str, at: datetime, details: Payload, *, price: float
    ) -> Payload:
        request = authentication.request
        metadata = {"metadata": {"correlation_id": request.correlation_id}} if request.correlation_id else {}
        payload = {
            "verification_id": authentication.uuid,
            "target": {"type": "phone_number", "value": request.phone_number},
            "price": {"amount": price, "currency": self.options.price_currency},
            **metadata,
            "time": _nanoseconds(at),
            **details,
        }
        return {"id": self.new_id("evt"), "type": event_type, "payload": payload, "created_at": _nanoseconds(at)}


def _nanoseconds(at: datetime) -> str:
    """Return a time as version 2's webhooks write it. Python's clock has no more than microseconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
