"""Check that requests can be counted, by all workers together."""

from collections.abc import Sequence
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from django_ding.checks import messages
from django_ding.checks.base import if_settings_are_valid, is_production, is_test_run
from django_ding.conf import ding_settings
from django_ding.guard.counters import RedisCounterStore, UncountableCache, get_counter_store
from django_ding.guard.limits import parse_check_limits, parse_conversion, parse_rates


@if_settings_are_valid
def check_rate_limits(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the limits can be parsed, and that all workers share their counters."""
    try:
        limits = (*parse_rates(ding_settings.RATE_LIMITS["send"]), *parse_conversion(ding_settings.MIN_CONVERSION))
        parse_check_limits(ding_settings.RATE_LIMITS["check"])
    except ImproperlyConfigured as error:
        return [messages.unreadable_limit(error)]
    return _check_store(ding_settings.RATE_LIMIT_CACHE, is_used=bool(limits))


def _check_store(alias: str | None, *, is_used: bool) -> list[CheckMessage]:
    try:
        store = get_counter_store(alias)
    except UncountableCache as error:  # A test run, and migrate, don't count anything.
        return [messages.uncountable_cache(error)] if is_used and not is_test_run() else []
    except (ImproperlyConfigured, ImportError) as error:  # ImportError: the client library of the cache is missing.
        return [messages.unusable_rate_limit_cache(error)]
    if isinstance(store, RedisCounterStore) and not store.keeps_keys_together():
        return [messages.scattered_counters(alias)]
    # Development has one process, and no other cache by default.
    is_local = alias is not None and isinstance(caches[alias], LocMemCache)
    return [messages.rate_limits_per_process(alias)] if is_used and is_local and is_production() else []
