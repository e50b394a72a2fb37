"""The simulator's memory: bounded, the oldest forgotten first."""

from collections import deque
from collections.abc import Iterator

from .records import Attempt, Authentication


class Store:
    """Authentications by UUID and by number, and the messages sent. Not thread-safe by itself."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_uuid: dict[str, Authentication] = {}
        self._latest: dict[str, Authentication] = {}
        self._sent: deque[tuple[Authentication, Attempt]] = deque(maxlen=limit)

    def __len__(self) -> int:
        return len(self._by_uuid)

    def add(self, authentication: Authentication) -> None:
        self._by_uuid[authentication.uuid] = authentication
        self._latest[authentication.phone_number] = authentication
        if len(self._by_uuid) > self._limit:
            self._forget(next(iter(self._by_uuid)))

    def add_message(self, authentication: Authentication, attempt: Attempt) -> None:
        authentication.attempts.append(attempt)
        self._sent.append((authentication, attempt))

    def get(self, uuid: str) -> Authentication | None:
        return self._by_uuid.get(uuid)

    def latest(self, phone_number: str) -> Authentication | None:
        """Return the newest authentication of a number."""
        return self._latest.get(phone_number)

    def sent(self) -> Iterator[tuple[Authentication, Attempt]]:
        """Yield the messages, newest first."""
        return reversed(self._sent)

    def _forget(self, uuid: str) -> None:
        oldest = self._by_uuid.pop(uuid)
        if self._latest[oldest.phone_number] is oldest:
            del self._latest[oldest.phone_number]
