"""Check that nothing runs the services inside a transaction."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import connections

from django_ding.checks import messages
from django_ding.checks.base import load_patterns
from django_ding.models.base import write_alias
from django_ding.transactions import find_atomic_middleware, find_atomic_views


def check_transactions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that nothing makes the services run inside a transaction, where they refuse to."""
    alias = write_alias()
    database = connections.settings[alias]
    if not database["AUTOCOMMIT"]:
        return [messages.no_autocommit(alias)]
    found = [messages.atomic_middleware(path, alias) for path in find_atomic_middleware(alias)]
    if database["ATOMIC_REQUESTS"]:
        found += [messages.atomic_view(*view, alias) for view in find_atomic_views(load_patterns(), alias)]
    return found
