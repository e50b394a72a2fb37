"""The webhooks of an authentication: flat objects, as the provider's documentation shows them.

The documentation gives the whole of the ``authentication`` event only. What ``attempt`` and
``delivery_status`` carry besides the common fields is this simulator's choice, in the words of the provider's
newer API.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from .lookups import network
from .options import Options
from .records import Attempt, Authentication

Payload = dict[str, object]


class Events:
    """Writes webhooks.

    :param new_id: returns the id of another event.
    """

    def __init__(self, options: Options, new_id: Callable[[], str]) -> None:
        self._options = options
        self._new_id = new_id

    def opened(self, authentication: Authentication) -> tuple[datetime, Payload]:
        """Return the event of a new authentication, with its time."""
        at = authentication.created_at
        return at, self._common(authentication, "authentication", at, price=self._options.price_amount)

    def attempted(self, authentication: Authentication, attempt: Attempt) -> Iterator[tuple[datetime, Payload]]:
        """Yield the events of a message sent and of its delivery, each with the time it is due."""
        about = {
            "attempt_id": attempt.id,
            "carrier_information": network(authentication.phone_number),
        }
        price = self._options.attempt_price_amount
        common = self._common(authentication, "attempt", attempt.created_at, price=price)
        yield attempt.created_at, {**common, **about, "delivery_status": "submitted"}
        for report in attempt.reports:
            common = self._common(authentication, "delivery_status", report.at, price=price)
            yield report.at, {**common, **about, "status": report.status}

    def _common(self, authentication: Authentication, kind: str, at: datetime, *, price: float) -> Payload:
        request = authentication.request
        correlation = {"correlation_id": request.correlation_id} if request.correlation_id is not None else {}
        return {
            "id": self._new_id(),
            "auth_uuid": authentication.uuid,
            "type": kind,
            "recipient_phone_number": request.phone_number,
            "price": {"amount": price, "currency": self._options.price_currency},
            "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z"),
            **correlation,
        }
