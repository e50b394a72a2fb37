"""The sandbox of a Django project: simulators that the process shares, with the options of ``DING["SANDBOX"]``."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver

from django_ding.conf import check_known_keys, ding_settings

from . import Options, Simulator, configure, other_simulator

_NOTHING: Mapping[str, Any] = MappingProxyType({})

#: The key that switches mounted URLs on and off. It is none of the simulator's options.
_ENABLED = "enabled"


def project_simulator() -> Simulator:
    """Return the simulator, a new one when the options have changed.

    :raises ImproperlyConfigured: when the options cannot be used.
    """
    return configure(project_options())


def mounted_simulator(given: Mapping[str, Any]) -> Simulator:
    """Return the simulator of mounted URLs.

    :param given: the URLs' own options, which outrank those of ``DING["SANDBOX"]``.
    :raises ImproperlyConfigured: when the options cannot be used.
    """
    simulator, options = project_simulator(), project_options(given)
    return simulator if simulator.options == options else other_simulator(options)


def project_options(given: Mapping[str, Any] = _NOTHING) -> Options:
    """Return the options.

    :param given: options that outrank those of the setting.
    :raises ImproperlyConfigured: when there is an unknown option or a value that is not valid.
    """
    options = {**ding_settings.SANDBOX, **given}
    where = "The options of the sandbox's URLs" if given else 'DING["SANDBOX"]'
    check_known_keys(options, {*Options.__dataclass_fields__, _ENABLED}, where)
    is_enabled(options)
    options.pop(_ENABLED, None)
    try:
        return Options(**options)
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"{where}: {error}") from None


def is_enabled(given: Mapping[str, Any] = _NOTHING) -> bool:
    """Return whether mounted URLs answer: where ``DEBUG`` is on, unless the options decide otherwise.

    :raises ImproperlyConfigured: when ``enabled`` is neither true nor false.
    """
    enabled = {**ding_settings.SANDBOX, **given}.get(_ENABLED, settings.DEBUG)
    if not isinstance(enabled, bool):
        raise ImproperlyConfigured(f'"{_ENABLED}" of DING["SANDBOX"] must be True or False.')
    return enabled


def find_mounts(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the route and the options of each place where a project mounts the sandbox.

    :param patterns: of a URLconf; included ones are searched as well.
    """
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            for found, options in find_mounts(pattern.url_patterns, route):
                yield found, {**pattern.default_kwargs.get("options", {}), **options}
        elif isinstance(pattern, URLPattern) and pattern.name == "inbox" and hasattr(pattern.callback, "is_sandbox"):
            yield route, pattern.default_args.get("options", {})
