"""Backends by alias, as ``DING["BACKENDS"]`` lists them: one instance per process and alias."""

import inspect
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from django_ding.backends.base import BaseBackend
from django_ding.backends.options import MissingOption
from django_ding.backends.test_numbers import TestNumberBackend
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings, refuse_unknown

DEFAULT_ALIAS = "default"

_backends: dict[str, BaseBackend] = {}


def get_backend(alias: str = DEFAULT_ALIAS) -> BaseBackend:
    """Return the process's backend of this alias, made on first use and shared by all threads.

    That of ``TEST_NUMBERS_ALIAS`` is always there, since rows of numbers that are no longer listed name it.

    :raises ImproperlyConfigured: when the settings don't describe a backend of this alias.
    """
    backend = _backends.get(alias)
    return _backends.setdefault(alias, _make(alias)) if backend is None else backend


@sensitive_variables()  # The options hold keys.
def _make(alias: str) -> BaseBackend:
    if alias == TEST_NUMBERS_ALIAS:
        return TestNumberBackend(alias)
    backends = ding_settings.BACKENDS
    refuse_unknown([alias], backends, 'DING["BACKENDS"]')
    configured = backends[alias]
    where = f'DING["BACKENDS"][{alias!r}]'
    backend_class = _import(configured["BACKEND"], where)
    options = configured.get("OPTIONS", {})
    _validate_options(backend_class, options, where)
    try:
        return backend_class(alias, **options)
    except ImproperlyConfigured as error:
        raise ImproperlyConfigured(f"{where}: {error}") from None


def _import(path: str, where: str) -> type[BaseBackend]:
    try:
        backend_class = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f'{where}["BACKEND"]: {path!r} can\'t be imported: {error}') from error
    if not (isinstance(backend_class, type) and issubclass(backend_class, BaseBackend)):
        raise ImproperlyConfigured(f'{where}["BACKEND"]: {path!r} is not a subclass of BaseBackend.')
    return backend_class


def _validate_options(backend_class: type[BaseBackend], options: Any, where: str) -> None:
    """Hold the options against the signature of the class: it is their documentation.

    A class that takes ``**options`` as well says by itself what it knows.
    """
    where = f'{where}["OPTIONS"]'
    if not isinstance(options, Mapping):
        raise ImproperlyConfigured(f"{where} must be a dict, not {type(options).__name__}.")
    parameters = inspect.signature(backend_class).parameters.values()
    named = {parameter.name: parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        refuse_unknown(options, named, where)
    required = [name for name, parameter in named.items() if parameter.default is parameter.empty]
    missing = [repr(name) for name in required if not options.get(name)]
    if missing:
        raise MissingOption(f"{where} needs {' and '.join(missing)}: missing or empty.")


def _forget_backends(*, setting: str, **kwargs: Any) -> None:
    if setting == "DING":
        _backends.clear()


setting_changed.connect(_forget_backends)
