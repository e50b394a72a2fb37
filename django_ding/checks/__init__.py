"""System checks: mistakes in the settings that would otherwise show in production."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.apps import apps
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from django_ding.backends import get_backend
from django_ding.backends.options import MissingOption
from django_ding.backends.sandbox import PreludeSandboxBackend, SandboxBackend
from django_ding.checks import messages
from django_ding.checks.base import if_settings_are_valid, is_production, is_test_run, load_patterns
from django_ding.checks.counters import check_rate_limits
from django_ding.checks.transactions import check_transactions
from django_ding.checks.users import check_user_database, check_user_factory
from django_ding.conf import ding_settings
from django_ding.loopback import is_loopback
from django_ding.sandbox.project import find_mounts, is_enabled, project_options
from django_ding.services import make_webhook_url

_MIN_CODE_LENGTH = 6  # OWASP ASVS 5.0, 6.5.4: 20 bits or six digits.


def check_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check every key of ``DING``, and report all errors at once."""
    return [messages.unusable_setting(error) for error in ding_settings.errors()]


@if_settings_are_valid
def check_backends(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check every backend by creating it, so that an error in one shows before its first use."""
    aliases = ding_settings.BACKENDS
    missing = [] if ding_settings.DEFAULT_BACKEND in aliases else [messages.no_default_backend()]
    return [*missing, *(message for alias in aliases for message in _check_backend(alias))]


def _check_backend(alias: str) -> list[CheckMessage]:
    try:
        backend = get_backend(alias)
    except MissingOption as error:
        return [] if is_test_run() else [messages.missing_option(error)]
    except ImproperlyConfigured as error:
        return [messages.unusable_backend(error)]
    if isinstance(backend, SandboxBackend | PreludeSandboxBackend) and is_production():
        return [messages.sandbox_in_production(alias)]
    found = [messages.insecure_backend(alias)] if _is_insecure(backend.base_url) else []
    if backend.max_code_length < _MIN_CODE_LENGTH:
        found.append(messages.short_codes(alias, backend.max_code_length))
    return found


@if_settings_are_valid
def check_sandbox_urls(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check where the sandbox is mounted: with options that exist, and out of reach in production."""
    mounts = find_mounts(load_patterns())
    return [message for route, options in mounts for message in _check_mount(route, options)]


def _check_mount(route: str, options: Mapping[str, Any]) -> list[CheckMessage]:
    try:
        project_options(options)
    except ImproperlyConfigured as error:
        return [messages.unusable_sandbox_urls(route, error)]
    return [messages.mounted_sandbox(route)] if is_enabled(options) and is_production() else []


@if_settings_are_valid
def check_lookups(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that every backend has the lookup that the settings require, and that its result is used."""
    if not (ding_settings.LOOKUP_BEFORE_SEND or ding_settings.LOOKUP_PURPOSES):
        return [messages.unused_lookup_policy()] if ding_settings.LOOKUP_POLICY else []
    return [messages.no_lookup(alias) for alias in ding_settings.BACKENDS if not _supports_lookup(alias)]


def _supports_lookup(alias: str) -> bool:
    try:
        return get_backend(alias).supports_lookup
    except ImproperlyConfigured:
        return True  # Unknown, and reported by check_backends.


@if_settings_are_valid
def check_functions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the functions named in the settings exist, so that an error shows before the first use."""
    keys = (
        "TOKEN_ISSUER",
        "REST_EXCEPTION_HANDLER",
        "USER_FACTORY",
        "DEVICE_SIGNALS",
        "LOOKUP_POLICY",
        "STEP_UP_CHECK",
    )
    return [message for key in keys for message in _check_function(key)]


def _check_function(key: str) -> list[CheckMessage]:
    path = getattr(ding_settings, key)
    if path is None:
        return []
    try:
        return [] if callable(import_string(path)) else [messages.no_function(key, f"{path} is not a function.")]
    except ImportError as error:
        return [messages.no_function(key, str(error))]


@if_settings_are_valid
def check_test_numbers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that numbers with a fixed code aren't left in production."""
    numbers = ding_settings.TEST_NUMBERS
    return [messages.live_test_numbers(numbers)] if numbers and is_production() else []


@if_settings_are_valid
def check_webhooks(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that webhooks can be received, and only over an encrypted connection."""
    found = [messages.insecure_webhooks()] if _is_insecure(ding_settings.WEBHOOK_BASE_URL) else []
    try:
        for alias in ding_settings.BACKENDS:
            with suppress(MissingOption):  # check_backends reports it.
                make_webhook_url(get_backend(alias), uuid4())
    except ImproperlyConfigured as error:
        found.append(messages.missing_webhook_urls(error))
    except Exception:  # noqa: BLE001, S110 - importing a broken URLconf raises anything. Django's own checks report it.
        pass
    return found


@if_settings_are_valid
def check_urls(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the project mounts the pages it uses, where they can be reversed, and no login without the code."""
    patterns = load_patterns()
    if not patterns or not apps.is_installed("django.contrib.auth"):
        return []
    from django_ding.checks import urls  # It needs django.contrib.auth.

    found = [*urls.check_pages(patterns), *urls.check_defaults(patterns)]
    return [*found, *urls.check_logins(patterns), *urls.check_arguments()]


def _is_insecure(url: str | None) -> bool:
    """Return whether requests to the URL leave this machine in plain text."""
    parts = urlsplit(url or "")
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


CHECKS = (
    check_settings,
    check_backends,
    check_sandbox_urls,
    check_rate_limits,
    check_lookups,
    check_test_numbers,
    check_functions,
    check_webhooks,
    check_transactions,
    if_settings_are_valid(check_user_factory),
    check_user_database,
    check_urls,
)
