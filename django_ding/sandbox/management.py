"""What an account manages in version 2: its lists of numbers, its numbers with a fixed code, its Sender IDs."""

from datetime import datetime

from .base import BaseSimulator
from .number_lists import SandboxNumber


class Management(BaseSimulator):
    """The management operations of version 2. Numbers are in E.164."""

    def listed_numbers(self, action: str) -> dict[str, datetime]:
        """Return the numbers on a list, ``allow`` or ``block``, and when each was added."""
        with self._lock:
            return self._lists.lists[action].copy()

    def list_number(self, action: str, phone_number: str) -> None:
        """Add a number to a list."""
        with self._lock:
            self._lists.lists[action].setdefault(phone_number, self.clock())
            self._lists.forget_oldest(self.options.max_authentications)

    def unlist_number(self, action: str, phone_number: str) -> None:
        """Remove a number from a list, if it is on it."""
        with self._lock:
            self._lists.lists[action].pop(phone_number, None)

    def sandbox_numbers(self) -> dict[str, SandboxNumber]:
        """Return the numbers with a fixed code."""
        with self._lock:
            return self._lists.sandboxed.copy()

    def add_sandbox_number(self, phone_number: str, attempt_code: str) -> None:
        """Give a number a fixed code, instead of the one it has."""
        with self._lock:
            known = self._lists.sandboxed.get(phone_number)
            created_at = known.created_at if known else self.clock()
            self._lists.sandboxed[phone_number] = SandboxNumber(attempt_code=attempt_code, created_at=created_at)
            self._lists.forget_oldest(self.options.max_authentications)

    def remove_sandbox_number(self, phone_number: str) -> None:
        """Let a number have codes like any other again."""
        with self._lock:
            self._lists.sandboxed.pop(phone_number, None)

    def sender_ids(self) -> dict[str, str]:
        """Return the Sender IDs and their status."""
        with self._lock:
            return self._lists.sender_ids.copy()

    def add_sender_id(self, sender_id: str) -> str:
        """Submit a Sender ID and return its status: approved, unless the options name others."""
        known = self.options.sender_ids
        status = "approved" if known is None or sender_id in known else "pending"
        with self._lock:
            self._lists.sender_ids[sender_id] = status
            self._lists.forget_oldest(self.options.max_authentications)
        return status
