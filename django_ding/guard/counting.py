"""The guard's way to the counters that ``DING["COUNTERS"]`` names."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b

from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable
from django_ding.guard.counters import Full, Slot, Taken, get_counters

logger = logging.getLogger("django_ding")


def take(slots: Sequence[Slot]) -> Taken | Full:
    """Take every slot; or none, and return the counter that is full for longest.

    :raises BackendUnavailable: when the counters can't be reached: what can't be counted is not sent.
    """
    counters = get_counters(ding_settings.COUNTERS)
    with _reachable():
        return counters.take(slots)


def give_back(slots: Sequence[Slot]) -> None:
    """Free slots that were taken for something that did not happen.

    :raises BackendUnavailable: when the counters can't be reached.
    """
    counters = get_counters(ding_settings.COUNTERS)
    with _reachable():
        counters.give_back(slots)


def key(*names: object, subject: str) -> str:
    """Return the key of a counter, without the subject itself in it, which may be a phone number.

    The braces let a Redis Cluster keep all of them in one place, where one script can reach them.
    """
    digest = blake2b(subject.encode(), digest_size=12).hexdigest()
    return ":".join(("{ding}", *map(str, names), digest))


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("The counters of the guard can't be reached.")
        raise BackendUnavailable(code="counters_unavailable", reached=False) from None
