"""Delivers webhooks when they are due, and again with back-off until they are answered with 200."""

import heapq
import http.client
import json
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

from .options import Options

logger = logging.getLogger(__name__)

#: How often the thread looks at the clock, which a test may have moved.
_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True, order=True)
class _Parcel:
    due: datetime
    order: int
    url: str = field(compare=False, repr=False)
    body: bytes = field(compare=False, repr=False)
    tries: int = field(compare=False, default=0)


class Courier:
    """A bounded queue of webhooks and the thread that delivers them one by one.

    The thread starts with the first webhook. A slow receiver delays the webhooks behind it.
    """

    def __init__(self, options: Options, *, clock: Callable[[], datetime], background: bool = True) -> None:
        self._options = options
        self._clock = clock
        self._background = background
        self._changed = threading.Condition()
        self._parcels: list[_Parcel] = []
        self._order = count(step=-1 if options.webhook_order == "reversed" else 1)
        self._thread: threading.Thread | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._parcels)

    def post(self, url: str, payload: dict[str, object], *, at: datetime) -> None:
        """Deliver ``payload`` as JSON, not before ``at``, as late and as often as the options say.

        A full queue loses it, with a warning.
        """
        body, due = json.dumps(payload).encode(), at + timedelta(seconds=self._options.webhook_delay)
        for _ in range(self._options.webhook_copies):
            self._put(_Parcel(due=due, order=next(self._order), url=url, body=body))

    def run_due(self) -> int:
        """Deliver what is due by the clock and return how many webhooks were tried."""
        tried = 0
        now = self._clock()
        while parcel := self._take(now):
            self._try(parcel)
            tried += 1
        return tried

    def clear(self) -> None:
        """Forget the webhooks that wait."""
        with self._changed:
            self._parcels.clear()

    def close(self) -> None:
        """Forget the webhooks that wait and end the thread after the delivery under way."""
        with self._changed:
            self._closed = True
            self._parcels.clear()
            self._changed.notify_all()

    def _put(self, parcel: _Parcel) -> None:
        with self._changed:
            if self._closed or len(self._parcels) >= self._options.webhook_queue:
                logger.warning("A webhook is lost: the queue is full or closed.")
                return
            heapq.heappush(self._parcels, parcel)
            self._start_thread()
            self._changed.notify_all()

    def _take(self, now: datetime) -> _Parcel | None:
        with self._changed:
            due = self._parcels and self._parcels[0].due <= now
            return heapq.heappop(self._parcels) if due else None

    def _try(self, parcel: _Parcel) -> None:
        if _post_json(parcel.url, parcel.body, timeout=self._options.webhook_timeout) == http.client.OK:
            return
        tries = parcel.tries + 1
        if tries >= self._options.webhook_attempts:
            logger.warning("A webhook is given up after %d tries.", tries)
            return
        due = self._clock() + timedelta(seconds=self._backoff(tries))
        self._put(replace(parcel, due=due, tries=tries))

    def _backoff(self, tries: int) -> float:
        return min(self._options.webhook_first_delay * 2.0 ** (tries - 1), self._options.webhook_max_delay)

    def _start_thread(self) -> None:
        if self._background and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ding-sandbox-courier", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            self.run_due()
            with self._changed:
                if not self._closed:
                    self._changed.wait(_POLL_SECONDS if self._parcels else None)


def _post_json(url: str, body: bytes, *, timeout: float) -> int | None:
    """Return the HTTP status, or ``None`` when there was no answer. Redirects are not followed."""
    try:
        with closing(_connect(url, timeout)) as connection:
            connection.request("POST", _target(url), body, {"Content-Type": "application/json"})
            return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return None


def _connect(url: str, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return connection(parts.hostname or "", parts.port, timeout=timeout)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
