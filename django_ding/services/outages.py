"""When to leave a provider alone, so that an outage costs a run of many requests no more than a few of them."""

from collections import Counter

from django_ding.exceptions import BackendUnavailable

_ENOUGH = 3


class Outages:
    """What a run has learnt of its backends: after three outages in a row, one is out of order."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def note(self, alias: str, error: Exception | None = None) -> None:
        """Note how a request to the backend ended. Any answer, a refusal included, ends a row of outages."""
        self._in_a_row[alias] = self._in_a_row[alias] + 1 if isinstance(error, BackendUnavailable) else 0

    def give_up(self, alias: str) -> None:
        """Leave the backend alone from now on."""
        self._in_a_row[alias] = _ENOUGH

    def is_out_of_order(self, alias: str) -> bool:
        """Tell whether to ask the backend no more."""
        return self._in_a_row[alias] >= _ENOUGH
