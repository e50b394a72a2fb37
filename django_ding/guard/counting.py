"""The guard's way to the counters that ``DING["COUNTERS"]`` names."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b

from django_ding import logs
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable
from django_ding.guard.counters import Full, Slot, Taken, get_counters
from django_ding.logs import kinds


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


def key(name: str, subject: str) -> str:
    """Return the key of a counter by what it counts, without the subject itself in it, which may be a phone number.

    The braces let a Redis Cluster keep all of them in one place, where one script can reach them.
    """
    return f"{{ding}}:{name}:{_digest(subject)}"


@lru_cache(128)
def _digest(subject: str) -> str:
    return blake2b(subject.encode(), digest_size=12).hexdigest()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - what a cache may raise, none can tell
        logs.log(kinds.COUNTERS_UNAVAILABLE, exc_info=True)
        raise BackendUnavailable(code="counters_unavailable", reached=False) from None
