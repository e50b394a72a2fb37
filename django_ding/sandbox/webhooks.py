"""Webhooks: what they carry, when they are due, and their delivery until the receiver answers 200.

The provider documents the ``authentication`` event only. What ``attempt`` and ``delivery_status`` carry besides the
common fields is this simulator's choice, in the words of the provider's newer API.
"""

import heapq
import http.client
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

from .lookup import network
from .memory import DeliveryReport, SimAttempt, SimAuthentication
from .options import Options

logger = logging.getLogger(__name__)

Payload = dict[str, object]

#: How often the thread looks at the clock, which a test may have moved.
_POLL_SECONDS = 0.1

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
class WebhookPayloads:
    """Builds the webhooks of authentications: flat objects, each with the time of its event.

    :param new_id: returns a new event ID.
    """

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


def due_at(event_at: datetime, *, called_at: datetime, options: Options) -> datetime:
    """Return when to deliver the webhook of an event that a call caused.

    Reversed, the last event is delivered at once, before it happens, and the first one after all the others.
    """
    if options.webhook_order != "reversed":
        return event_at
    return called_at + timedelta(seconds=options.delivered_after) - (event_at - called_at)


@dataclass(frozen=True, kw_only=True, order=True)
class _Delivery:
    # Compared by these two alone: of the webhooks due at one moment, the first in order goes first.
    due: datetime
    order: int
    url: str = field(compare=False, repr=False)
    body: bytes = field(compare=False, repr=False)
    tries: int = field(compare=False, default=0)


class WebhookDispatcher:
    """A bounded queue of webhooks and the thread that delivers them one by one.

    The thread starts with the first webhook. A slow receiver delays the webhooks behind it.
    """

    def __init__(self, options: Options, *, clock: Callable[[], datetime], background: bool = True) -> None:
        self._options = options
        self._clock = clock
        self._background = background
        self._changed = threading.Condition()
        self._queue: list[_Delivery] = []
        self._order = count(step=-1 if options.webhook_order == "reversed" else 1)
        self._thread: threading.Thread | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    def post(self, url: str, payload: Payload, *, at: datetime) -> None:
        """Deliver ``payload`` as JSON, not before ``at``, as late and as often as the options say.

        A full queue loses it, with a warning.
        """
        body, due = json.dumps(payload).encode(), at + timedelta(seconds=self._options.webhook_delay)
        for _ in range(self._options.webhook_copies):
            self._put(_Delivery(due=due, order=next(self._order), url=url, body=body))

    def run_due(self) -> int:
        """Deliver what is due by the clock and return how many deliveries were tried."""
        tried = 0
        # Read once: a retry that becomes due while this runs waits for the next run.
        now = self._clock()
        while delivery := self._next_due(now):
            self._deliver(delivery)
            tried += 1
        return tried

    def clear(self) -> None:
        """Forget the waiting webhooks."""
        with self._changed:
            self._queue.clear()

    def close(self) -> None:
        """Forget the waiting webhooks and end the thread after its current delivery."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _put(self, delivery: _Delivery) -> None:
        with self._changed:
            if self._closed or len(self._queue) >= self._options.webhook_queue:
                logger.warning("A webhook is lost: the queue is full or closed.")
                return
            heapq.heappush(self._queue, delivery)
            if self._background and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ding-sandbox-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _next_due(self, now: datetime) -> _Delivery | None:
        with self._changed:
            is_due = self._queue and self._queue[0].due <= now
            return heapq.heappop(self._queue) if is_due else None

    def _deliver(self, delivery: _Delivery) -> None:
        if _post_json(delivery.url, delivery.body, timeout=self._options.webhook_timeout) == http.client.OK:
            return
        tries = delivery.tries + 1
        if tries >= self._options.webhook_attempts:
            logger.warning("A webhook is given up after %d tries.", tries)
            return
        backoff = min(self._options.webhook_first_delay * 2.0 ** (tries - 1), self._options.webhook_max_delay)
        self._put(replace(delivery, due=self._clock() + timedelta(seconds=backoff), tries=tries))

    def _run(self) -> None:
        while not self._closed:
            self.run_due()
            with self._changed:
                if not self._closed:
                    self._changed.wait(_POLL_SECONDS if self._queue else None)


def _post_json(url: str, body: bytes, *, timeout: float) -> int | None:
    """Return the HTTP status, or ``None`` when there was no answer.

    The standard library's client follows no redirect, and neither do the provider's webhooks.
    """
    try:
        parts = urlsplit(url)
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(connect(parts.hostname or "", parts.port, timeout=timeout)) as connection:
            connection.request("POST", target, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return None
