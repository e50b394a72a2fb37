"""When a check makes sense: with settings that can be read, and in production or not."""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage

from django_ding.conf import ding_settings

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
