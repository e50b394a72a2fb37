"""What counters do, wherever they are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: The limit of a counter that only counts: more than it can ever reach.
NO_LIMIT = 2**31 - 1


class Slot(NamedTuple):
    """So many places (``amount``) in the counter of this key, which has ``limit`` of them in a window of ``seconds``.

    An amount of 0 takes nothing and looks only: with a limit of 0, at a counter that must be empty.
    """

    key: str
    limit: int
    seconds: int
    amount: int = 1


@dataclass(frozen=True)
class Taken:
    """Every slot is taken. ``counts`` are those of their counters, in the same order, with what was just taken."""

    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Full:
    """A counter without a place, by its index, and the seconds until it has one again."""

    index: int
    retry_after: float


class Counters(ABC):
    """Counters that all workers share. A window begins with its first slot and ends when its seconds are over."""

    @abstractmethod
    def take(self, slots: Sequence[Slot]) -> Taken | Full:
        """Take every slot; or none, and return the counter that is full for longest.

        The slots are of different counters.
        """

    @abstractmethod
    def give_back(self, slots: Sequence[Slot]) -> None:
        """Free slots that were taken for something that did not happen."""


def fullest(full: Sequence[Full]) -> Full:
    """Return the one that is full for longest."""
    return max(full, key=lambda counter: counter.retry_after)
