"""System checks. Ids are never used for anything else again."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends import get_backend
from django_ding.backends.sandbox import SandboxBackend
from django_ding.conf import ding_settings
from django_ding.guard.counters import CacheCounters, get_counters
from django_ding.guard.rates import parse
from django_ding.phone import mask


def check_backends(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Make every backend that the settings describe, so that a mistake in one is told before its first use."""
    if not ding_settings.BACKENDS:
        return [_no_backend()]
    return [message for alias in ding_settings.BACKENDS for message in _check_backend(alias)]


def check_rates(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Read the rates, and try whether what counts them can be shared by all workers."""
    try:
        rates = [rate for text in ding_settings.RATES.values() for rate in parse(text)]
    except ImproperlyConfigured as error:
        return [_unreadable_rate(error)]
    try:
        counters = get_counters(ding_settings.COUNTERS)
    except ImproperlyConfigured as error:
        return [_unusable_counters(error)]
    is_local = isinstance(counters, CacheCounters) and isinstance(caches[ding_settings.COUNTERS], LocMemCache)
    return [_counters_of_one_process()] if rates and is_local and not settings.DEBUG else []


def check_lookups(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """See that every backend can do the lookup that is to come before a send."""
    if not ding_settings.LOOKUP_BEFORE_SEND:
        return []
    return [_no_lookup(alias) for alias in ding_settings.BACKENDS if _lacks_lookup(alias)]


def check_test_numbers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """See whether numbers with a fixed code are live."""
    numbers = ding_settings.TEST_NUMBERS
    return [_live_test_numbers(numbers)] if numbers and not settings.DEBUG else []


def _lacks_lookup(alias: str) -> bool:
    try:
        return not get_backend(alias).supports_lookup
    except ImproperlyConfigured:
        return False  # Told by check_backends.


def _check_backend(alias: str) -> list[CheckMessage]:
    try:
        backend = get_backend(alias)
    except ImproperlyConfigured as error:
        return [_unusable_backend(error)]
    if isinstance(backend, SandboxBackend) and not settings.DEBUG:
        return [_sandbox_in_production(alias)]
    return []


def _no_backend() -> CheckMessage:
    return checks.Warning(
        'DING["BACKENDS"] is empty, so no code can be sent.',
        hint="Add a backend named default: the README has an example.",
        id="django_ding.W001",
    )


def _unreadable_rate(error: ImproperlyConfigured) -> CheckMessage:
    return Error(str(error), hint='Mend DING["RATES"].', id="django_ding.E003")


def _unusable_counters(error: ImproperlyConfigured) -> CheckMessage:
    return Error(str(error), hint='Mend DING["COUNTERS"].', id="django_ding.E004")


def _counters_of_one_process() -> CheckMessage:
    return checks.Warning(
        f"CACHES[{ding_settings.COUNTERS!r}] is local memory, so each worker counts the rates by itself.",
        hint='Use Redis or Memcached, or set DING["COUNTERS"] to "database".',
        id="django_ding.W002",
    )


def _unusable_backend(error: ImproperlyConfigured) -> CheckMessage:
    return Error(str(error), hint="Compare it with the example in the README.", id="django_ding.E001")


def _sandbox_in_production(alias: str) -> CheckMessage:
    return Error(
        f'DING["BACKENDS"][{alias!r}] is the sandbox, which sends nothing, and DEBUG is off.',
        hint="Use DingBackend where real people log in. If it is meant, silence django_ding.E002 by name.",
        id="django_ding.E002",
    )


def _no_lookup(alias: str) -> CheckMessage:
    return Error(
        f'DING["LOOKUP_BEFORE_SEND"] is on, and the backend {alias!r} has no lookup, so nothing can be sent with it.',
        hint='Use a backend with a lookup, or set DING["LOOKUP_BEFORE_SEND"] to False.',
        id="django_ding.E006",
    )


def _live_test_numbers(numbers: Iterable[str]) -> CheckMessage:
    return checks.Warning(
        f'DING["TEST_NUMBERS"] lists {", ".join(map(mask, numbers))}, and DEBUG is off: '
        "whoever knows a code can verify its number without having the phone.",
        hint="Empty it when the review is over. If it is meant to stay, silence django_ding.W003 by name.",
        id="django_ding.W003",
    )
