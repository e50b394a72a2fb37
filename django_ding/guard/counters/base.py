"""What a store of counters does, wherever it keeps them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

#: The maximum of a counter that only counts: more than it can ever reach.
NO_LIMIT = 2**31 - 1


class Limit(NamedTuple):
    """Consumes ``amount`` of the counter ``key``, which may reach ``maximum`` in a window of ``seconds``.

    An amount of 0 only reads it. One that ``renews`` keeps the window from ending for ``seconds`` more.
    """

    key: str
    maximum: int
    seconds: int
    amount: int = 1
    renews: bool = False

    def while_empty(self) -> "Limit":
        """Return the limit that is exceeded unless the counter is empty, and consumes nothing."""
        return Limit(self.key, maximum=0, seconds=self.seconds, amount=0)


@dataclass(frozen=True)
class Consumed:
    """All limits had room. ``counts`` are the counters' new values, in the order of the limits."""

    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Exceeded:
    """The limit at ``index`` has no room for another ``retry_after`` seconds. Nothing was consumed.

    ``counts`` are the counters' values, unchanged, in the order of the limits; ``None`` where the store may have lost
    counters, so that an empty one means nothing.
    """

    index: int
    retry_after: float
    counts: tuple[int, ...] | None = None


class CounterStore(ABC):
    """Counters that all workers share. A window begins with the first amount and resets the counter at its end."""

    @abstractmethod
    def consume(self, limits: Sequence[Limit]) -> Consumed | Exceeded:
        """Consume all limits or none. Of several exceeded ones, return the one with the longest wait.

        No two limits may have the same key.
        """

    @abstractmethod
    def rollback(self, limits: Sequence[Limit]) -> None:
        """Undo ``consume``, because what was counted did not happen."""

    @abstractmethod
    def waits(self, limits: Sequence[Limit]) -> tuple[float, ...]:
        """Return the seconds until each limit has room, 0.0 where it has. Nothing is consumed, or written at all."""


def exceeded(waits: Mapping[int, float], counts: tuple[int, ...] | None = None) -> Exceeded:
    """Return the outcome of a decision for the exceeded limit with the longest wait.

    :param waits: seconds, by the index of each exceeded limit.
    :param counts: those of :class:`Exceeded`.
    """
    index, wait = max(waits.items(), key=itemgetter(1))
    return Exceeded(index=index, retry_after=wait, counts=counts)
