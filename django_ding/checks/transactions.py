"""Check that nothing runs the services inside a transaction."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.db import connections
from django.urls import get_resolver

from django_ding.checks import messages
from django_ding.models.base import write_alias
from django_ding.transactions import find_atomic_middleware, find_atomic_views


def check_transactions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that nothing makes the services run inside a transaction, where they refuse to."""
    alias = write_alias()
    database = connections.settings[alias]
    if not database["AUTOCOMMIT"]:
        return [messages.no_autocommit(alias)]
    found = [messages.atomic_middleware(path, alias) for path in find_atomic_middleware(alias)]
    return [*found, *(_check_views(alias) if database["ATOMIC_REQUESTS"] else [])]


def _check_views(alias: str) -> list[CheckMessage]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        views = list(find_atomic_views(get_resolver().url_patterns, alias))
    except Exception:  # noqa: BLE001 - importing a broken URLconf raises anything. Django's own checks report it.
        return []
    return [messages.atomic_view(route, name, alias) for route, name in views]
