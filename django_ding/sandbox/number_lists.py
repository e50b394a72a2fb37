"""The lists of an account in version 2. No ``repr`` holds a number or a code."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ACTIONS = ("allow", "block")


@dataclass(frozen=True, kw_only=True)
class SandboxNumber:
    """A number with a fixed code, and since when."""

    attempt_code: str = field(repr=False)
    created_at: datetime


@dataclass(kw_only=True, repr=False)
class NumberLists:
    """Numbers by what is done with them. Not thread-safe by itself.

    :ivar lists: when each number was added to the list of each action.
    """

    lists: dict[str, dict[str, datetime]] = field(default_factory=lambda: {action: {} for action in ACTIONS})
    sandboxed: dict[str, SandboxNumber] = field(default_factory=dict)
    sender_ids: dict[str, str] = field(default_factory=dict)

    def condition(self, phone_number: str) -> str | None:
        """Return what is special about a number, in the words of the history. A block outranks the rest."""
        if phone_number in self.lists["block"]:
            return "block_listed"
        if phone_number in self.sandboxed:
            return "sandboxed"
        return "allow_listed" if phone_number in self.lists["allow"] else None

    def fixed_code(self, phone_number: str) -> str | None:
        """Return the only code that is right for a number, if it has one."""
        sandboxed = self.sandboxed.get(phone_number)
        return sandboxed.attempt_code if sandboxed else None

    def forget_oldest(self, limit: int) -> None:
        """Forget the first of each list that has become too long."""
        lists: tuple[dict[str, Any], ...] = (*self.lists.values(), self.sandboxed, self.sender_ids)
        for names in lists:
            if len(names) > limit:
                del names[next(iter(names))]
