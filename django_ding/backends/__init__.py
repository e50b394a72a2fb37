"""Backends by alias, as ``DING["BACKENDS"]`` lists them: one instance per process and alias."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_ding.backends.base import BaseBackend
from django_ding.backends.options import check_options
from django_ding.backends.test_numbers import TestNumberBackend
from django_ding.channels import Channel
from django_ding.conf import TEST_NUMBERS_ALIAS, check_known_keys, ding_settings

_backends: dict[str, BaseBackend] = {}


def get_backend(alias: str | None = None) -> BaseBackend:
    """Return the process's backend of this alias, made on first use and shared by all threads.

    That of ``TEST_NUMBERS_ALIAS`` always exists, because rows of numbers that are no longer listed name it.

    :param alias: a key of ``DING["BACKENDS"]``. Default: ``DING["DEFAULT_BACKEND"]``.
    :raises ImproperlyConfigured: when the settings don't describe a backend of this alias.
    """
    alias = alias or ding_settings.DEFAULT_BACKEND
    backend = _backends.get(alias)
    # Threads that come at the same time may each make one: the first stays, and all of them get it.
    return _backends.setdefault(alias, _make(alias)) if backend is None else backend


def allowed_channels(backend: BaseBackend) -> tuple[Channel, ...]:
    """Return the channels that callers may choose: those of ``DING["CHANNELS"]`` that the backend has."""
    return tuple(channel for channel in ding_settings.CHANNELS if channel in backend.channels)


@sensitive_variables()  # The options hold keys.
def _make(alias: str) -> BaseBackend:
    if alias == TEST_NUMBERS_ALIAS:
        return TestNumberBackend(alias)
    backends = ding_settings.BACKENDS
    check_known_keys([alias], backends, 'DING["BACKENDS"]')
    configured = backends[alias]
    where = f'DING["BACKENDS"][{alias!r}]'
    backend_class = _import(configured["BACKEND"], where)
    options = configured.get("OPTIONS", {})
    check_options(backend_class, options, f'{where}["OPTIONS"]')
    try:
        return backend_class(alias, **options)
    except ImproperlyConfigured as error:
        # Without the cause: the frames of its traceback hold the options, and so the keys.
        raise ImproperlyConfigured(f"{where}: {error}") from None


def _import(path: str, where: str) -> type[BaseBackend]:
    try:
        backend_class = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f'{where}["BACKEND"]: {path!r} can\'t be imported: {error}') from error
    if not (isinstance(backend_class, type) and issubclass(backend_class, BaseBackend)):
        raise ImproperlyConfigured(f'{where}["BACKEND"]: {path!r} is not a subclass of BaseBackend.')
    return backend_class


def _forget_backends(*, setting: str, **kwargs: Any) -> None:
    if setting == "DING":
        _backends.clear()


setting_changed.connect(_forget_backends)
