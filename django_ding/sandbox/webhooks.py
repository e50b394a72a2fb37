"""Webhooks: when they are due, and their delivery until the receiver answers 200."""

import heapq
import http.client
import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

from .options import Options
from .payloads import Payload
from .signing import SIGNATURE_HEADER
from .webhook_log import SimWebhook, WebhookLog, error_reason, shown_url, status_reason, webhook_number

logger = logging.getLogger(__name__)

#: How often the thread looks at the clock, which a test may have moved.
_POLL_SECONDS = 0.1


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
    type: str = field(compare=False)
    phone_number: str = field(compare=False, repr=False)
    is_signed: bool = field(compare=False, default=False)
    tries: int = field(compare=False, default=0)


class WebhookDispatcher:
    """A bounded queue of webhooks and the thread that delivers them one by one.

    The thread starts with the first webhook. A slow receiver delays the webhooks behind it.

    :param sign: returns the signature of a body, ``None`` to send it without one.
    """

    def __init__(
        self,
        options: Options,
        *,
        clock: Callable[[], datetime],
        background: bool = True,
        sign: Callable[[bytes], str | None] = lambda body: None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._background = background
        self._sign = sign
        self._changed = threading.Condition()
        self._queue: list[_Delivery] = []
        self._log = WebhookLog()
        self._order = count(step=-1 if options.webhook_order == "reversed" else 1)
        self._thread: threading.Thread | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    def post(self, url: str, payload: Payload, *, at: datetime, is_signed: bool = False) -> None:
        """Deliver ``payload`` as JSON, not before ``at``, as late and as often as the options say.

        A full queue loses it, with a warning.
        """
        delivery = _Delivery(
            due=at + timedelta(seconds=self._options.webhook_delay),
            order=0,
            url=url,
            body=json.dumps(payload).encode(),
            type=str(payload.get("type", "")),
            phone_number=webhook_number(payload),
            is_signed=is_signed,
        )
        for _ in range(self._options.webhook_copies):
            self._put(replace(delivery, order=next(self._order)))

    def run_due(self) -> int:
        """Deliver what is due by the clock and return how many deliveries were tried."""
        tried = 0
        # Read once: a retry that becomes due while this runs waits for the next run.
        now = self._clock()
        while delivery := self._next_due(now):
            self._deliver(delivery)
            tried += 1
        return tried

    def posted(self) -> list[SimWebhook]:
        """Return the webhooks that were posted or lost, the latest first, each with its last answer."""
        with self._changed:
            return self._log.newest()

    def clear(self) -> None:
        """Forget the waiting webhooks and those that were posted."""
        with self._changed:
            self._queue.clear()
            self._log.clear()

    def clear_posted(self) -> None:
        """Forget the webhooks that were posted; those that wait go on."""
        with self._changed:
            self._log.clear()

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
                self._record(delivery, "failed", reason="The queue was full")
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
        signature = self._sign(delivery.body) if delivery.is_signed else None
        headers = {SIGNATURE_HEADER: signature} if signature else {}
        status, reason = _post_json(delivery.url, delivery.body, headers, timeout=self._options.webhook_timeout)
        delivery = replace(delivery, tries=delivery.tries + 1)
        if status == http.client.OK:
            self._record(delivery, "delivered", http_status=status)
        elif delivery.tries >= self._options.webhook_attempts:
            logger.warning("A webhook is given up after %d tries.", delivery.tries)
            self._record(delivery, "failed", http_status=status, reason=reason)
        else:
            self._record(delivery, "retrying", http_status=status, reason=reason)
            self._put(replace(delivery, due=self._clock() + timedelta(seconds=self._backoff(delivery.tries))))

    def _backoff(self, tries: int) -> float:
        return min(self._options.webhook_first_delay * 2.0 ** (tries - 1), self._options.webhook_max_delay)

    def _record(self, delivery: _Delivery, status: str, *, http_status: int | None = None, reason: str = "") -> None:
        webhook = SimWebhook(
            id=delivery.order,
            type=delivery.type,
            phone_number=delivery.phone_number,
            url=shown_url(delivery.url),
            status=status,
            attempts=delivery.tries,
            http_status=http_status,
            reason=reason,
            attempted_at=self._clock(),
        )
        with self._changed:
            self._log.add(webhook)

    def _run(self) -> None:
        while not self._closed:
            self.run_due()
            with self._changed:
                if not self._closed:
                    self._changed.wait(_POLL_SECONDS if self._queue else None)


def _post_json(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float) -> tuple[int | None, str]:
    """Return the HTTP status, ``None`` when there was no answer, and what is wrong with it.

    The standard library's client follows no redirect, and neither do the provider's webhooks.
    """
    try:
        parts = urlsplit(url)
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(connect(parts.hostname or "", parts.port, timeout=timeout)) as connection:
            connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
            status = connection.getresponse().status
            return status, "" if status == http.client.OK else status_reason(status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, error_reason(error)
