"""Check that the pages stand below arguments of the URL that Django can fill in when it reverses theirs."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.urls import URLResolver, get_resolver

from django_ding.checks import messages
from django_ding.login import urls

#: The argument of the pages about one number or device.
_OWN = "public_id"


def check_url_arguments(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that no argument in front of the pages lacks a name, or has the name of one of theirs."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        prefixes = [re.compile(prefix) for prefix in _find_prefixes(get_resolver())]
    except Exception:  # noqa: BLE001 - importing a broken URLconf raises anything. Django's own checks report it.
        return []
    return [messages.irreversible_pages(prefix.pattern, _OWN) for prefix in prefixes if _is_irreversible(prefix)]


def _find_prefixes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield the regular expression in front of the pages at each place where they are mounted."""
    for prefix, included in resolver.namespace_dict.values():
        if included.app_name == urls.app_name:
            yield f"{before}{prefix}"
        yield from _find_prefixes(included, f"{before}{prefix}")


def _is_irreversible(prefix: re.Pattern[str]) -> bool:
    return _OWN in prefix.groupindex or prefix.groups > len(prefix.groupindex)
