"""System checks: what would go wrong in the life of a project, told before it does."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.urls import get_resolver
from django.utils.module_loading import import_string

from django_ding.backends import DEFAULT_ALIAS, get_backend
from django_ding.backends.options import MissingOption
from django_ding.backends.sandbox import SandboxBackend
from django_ding.checks import messages
from django_ding.conf import ding_settings
from django_ding.guard import rates, rules
from django_ding.guard.counters import CacheCounters, get_counters
from django_ding.non_atomic import views_inside_transaction
from django_ding.sandbox.hosts import is_loopback
from django_ding.services.callbacks import make_callback_url
from django_ding.services.records import write_alias

_Check = Callable[..., list[CheckMessage]]


def check_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Read every key of ``DING``, and tell each mistake at once."""
    return [messages.unusable_setting(error) for error in ding_settings.mistakes()]


def with_readable_settings(check: _Check) -> _Check:
    """Leave a check out while a key of ``DING`` can't be read: :func:`check_settings` tells that once for all."""

    @wraps(check)
    def checked(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
        return [] if ding_settings.mistakes() else check(app_configs, **kwargs)

    return checked


@with_readable_settings
def check_backends(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Make every backend that the settings describe, so that a mistake in one is told before its first use."""
    aliases = ding_settings.BACKENDS
    absent = [] if DEFAULT_ALIAS in aliases else [messages.no_backend()]
    return [*absent, *(message for alias in aliases for message in _check_backend(alias))]


@with_readable_settings
def check_rates(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Read the rates and shares, and try whether what counts for them can be shared by all workers."""
    try:
        limits: list[object] = [rate for text in ding_settings.RATES.values() for rate in rates.parse(text)]
        limits += rules.parse(ding_settings.CONVERSION)
    except ImproperlyConfigured as error:
        return [messages.unreadable_rate(error)]
    try:
        counters = get_counters(ding_settings.COUNTERS)
    except (ImproperlyConfigured, ImportError) as error:  # The latter when the cache's own library is missing.
        return [messages.unusable_counters(error)]
    is_local = isinstance(counters, CacheCounters) and isinstance(caches[ding_settings.COUNTERS], LocMemCache)
    return [messages.counters_of_one_process()] if limits and is_local and not settings.DEBUG else []


@with_readable_settings
def check_lookups(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """See that every backend can do the lookup that is to come before a send."""
    if not ding_settings.LOOKUP_BEFORE_SEND:
        return []
    return [messages.no_lookup(alias) for alias in ding_settings.BACKENDS if _lacks_lookup(alias)]


@with_readable_settings
def check_functions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Import the functions that the settings name, so that a mistake is told before the first login."""
    return [message for key in ("TOKEN_ISSUER", "USER_FACTORY") for message in _check_function(key)]


def _check_function(key: str) -> list[CheckMessage]:
    path = getattr(ding_settings, key)
    try:
        return [] if callable(import_string(path)) else [messages.no_function(key, f"{path} is not a function.")]
    except ImportError as error:
        return [messages.no_function(key, str(error))]


@with_readable_settings
def check_test_numbers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """See whether numbers with a fixed code are live."""
    numbers = ding_settings.TEST_NUMBERS
    return [messages.live_test_numbers(numbers)] if numbers and not settings.DEBUG else []


def _lacks_lookup(alias: str) -> bool:
    try:
        return not get_backend(alias).supports_lookup
    except ImproperlyConfigured:
        return False  # Told by check_backends.


@with_readable_settings
def check_callbacks(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """See that callbacks can come in, and that nobody on the way reads them."""
    in_clear = _is_in_clear(ding_settings.CALLBACK_BASE_URL)
    return [*_check_mount(), *([messages.callbacks_in_clear()] if in_clear else [])]


def _check_mount() -> list[CheckMessage]:
    try:
        make_callback_url(uuid4())
    except ImproperlyConfigured as error:
        return [messages.unmounted_callbacks(error)]
    except Exception:  # noqa: BLE001 - as in _check_views.
        return []
    return []


def check_transactions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Look for what would run the services inside a transaction, where they refuse to count."""
    alias = write_alias()
    database = connections.settings[alias]
    if not database["AUTOCOMMIT"]:
        return [messages.no_autocommit(alias)]
    return _check_views(alias) if database["ATOMIC_REQUESTS"] else []


def _check_views(alias: str) -> list[CheckMessage]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        found = list(views_inside_transaction(get_resolver().url_patterns, alias))
    except Exception:  # noqa: BLE001 - a URLconf that can't be imported raises anything; Django's own checks tell it.
        return []
    return [messages.view_inside_transaction(route, name, alias) for route, name in found]


def _check_backend(alias: str) -> list[CheckMessage]:
    try:
        backend = get_backend(alias)
    except MissingOption as error:
        return [messages.missing_option(error)]
    except ImproperlyConfigured as error:
        return [messages.unusable_backend(error)]
    if isinstance(backend, SandboxBackend) and not settings.DEBUG:
        return [messages.sandbox_in_production(alias)]
    return [messages.in_clear(backend)] if _is_in_clear(backend.base_url) else []


def _is_in_clear(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


CHECKS = (
    check_settings,
    check_backends,
    check_rates,
    check_lookups,
    check_test_numbers,
    check_functions,
    check_callbacks,
    check_transactions,
)
