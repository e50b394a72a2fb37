"""What counters do, wherever they are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A place in the counter of this key, which has ``limit`` of them in any window of ``seconds``."""

    key: str
    limit: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Full:
    """A counter without a place, by its index, and the seconds until it has one again."""

    index: int
    retry_after: float


class Counters(ABC):
    """Counters that all workers share. A window begins with its first slot and ends when its seconds are over."""

    @abstractmethod
    def take(self, slots: Sequence[Slot]) -> Full | None:
        """Take every slot; or none, and return the counter that is full for longest."""

    @abstractmethod
    def give_back(self, slots: Sequence[Slot]) -> None:
        """Free slots that were taken for something that did not happen."""


def fullest(full: Sequence[Full]) -> Full | None:
    """Return the one that is full for longest."""
    return max(full, key=lambda counter: counter.retry_after, default=None)
