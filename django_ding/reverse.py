"""The URLs of the pages, as seen from the page that a visitor is on."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django import shortcuts, urls
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.functional import Promise

_PAGES = "django_ding_login:"


def resolve_url(request: HttpRequest, to: Any) -> str:
    """Return a URL, or that of the page with this name, as :func:`reverse` does.

    :param to: whatever Django's function of this name takes.
    :raises NoReverseMatch: for a name that no URL has.
    """
    if isinstance(to, Promise):  # As of reverse_lazy().
        to = str(to)
    is_name = isinstance(to, str) and "/" not in to and "." not in to
    return reverse(request, to) if is_name else shortcuts.resolve_url(to)


def reverse(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """Return the URL of a view, so that the visitor stays in the same part of the site.

    It keeps those keyword arguments captured by the URL of the request that this one needs, such as the ``tenant`` of
    ``path("<slug:tenant>/phone/", include("django_ding.login.urls"))``. The pages are looked for in the namespaces that
    the request's view is in, the innermost first, and then everywhere.

    :param name: the view's, with its namespace.
    :param kwargs: further keyword arguments, which come before captured ones.
    :raises NoReverseMatch: for a name that no URL has.
    """
    match = request.resolver_match
    if match is None:  # In a test, or before Django has looked for the view.
        return urls.reverse(name, kwargs=kwargs)
    for qualified in _qualified_names(match, name):
        for captured in _captured_kwargs(match):
            try:
                return urls.reverse(qualified, kwargs=captured | kwargs, current_app=match.namespace)
            except NoReverseMatch:
                continue
    return urls.reverse(name, kwargs=kwargs)  # Raises, and says what it has tried.


def _qualified_names(match: Any, name: str) -> Iterator[str]:
    namespaces = match.namespaces if name.startswith(_PAGES) else []
    for depth in range(len(namespaces), 0, -1):
        yield ":".join([*namespaces[:depth], name])
    yield name


def _captured_kwargs(match: Any) -> Iterator[dict[str, Any]]:
    """Yield what the URL has captured, all of it first, then ever less: some of it may be for its own view alone."""
    # Not match.captured_kwargs, which are those of the last pattern.
    captured = [name for name in match.kwargs if name not in match.extra_kwargs]
    for count in range(len(captured), -1, -1):
        for names in combinations(captured, count):
            yield {name: match.kwargs[name] for name in names}
