"""What checks need: whether they make sense, and the URLs of the project."""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name
from django.urls import get_resolver

from django_ding.conf import ding_settings
from django_ding.urlconf import find_callbacks

_Check = Callable[..., list[CheckMessage]]


def if_settings_are_valid(check: _Check) -> _Check:
    """Skip a check while ``DING`` has errors: it would report them again, since any read of a setting raises."""

    @wraps(check)
    def wrapper(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
        return [] if ding_settings.errors() else check(app_configs, **kwargs)

    return wrapper


def is_production() -> bool:
    """Return whether the project may serve users. Django's test runner turns ``DEBUG`` off, and then runs checks."""
    return not settings.DEBUG and not is_test_run()


def is_test_run() -> bool:
    """Return whether tests are run, by Django's runner or pytest-django. They send nothing, with or without a key."""
    testing = sys.modules.get("django.test.utils")
    return hasattr(getattr(testing, "_TestState", None), "saved_data")


def silenceable(
    text: str,
    *,
    hint: str,
    unless: str,
    id: str,  # noqa: A002 - Django's name
    kind: Callable[..., CheckMessage] = Warning,
) -> CheckMessage:
    """Return a message that a project may have a reason to silence, with what to add to its settings then.

    :param unless: the reason, as the beginning of a sentence: "If it is intended".
    :param kind: the class of the message.
    """
    return kind(text, hint=f"{hint} {unless}, add {id} to SILENCED_SYSTEM_CHECKS.", id=id)


def load_patterns() -> list[Any]:
    """Return the patterns of the project's URLconf, with all that it includes imported; none if it can't be."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        patterns: list[Any] = get_resolver().url_patterns
        list(find_callbacks(patterns))  # It imports the included URLconfs.
    except Exception:  # noqa: BLE001 - importing a broken URLconf raises anything. Django's own checks report it.
        return []
    return patterns
