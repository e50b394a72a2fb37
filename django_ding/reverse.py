"""The URLs of this app, in whatever namespaces a project has them, and as seen from the page that a visitor is on."""

from collections.abc import Iterator
from itertools import chain, combinations
from typing import Any
from urllib.parse import urlsplit

from django import shortcuts, urls
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, ResolverMatch, URLResolver
from django.utils.functional import Promise

_PAGES = "django_ding_login:"
_OWN = "django_ding_"


def resolve_url(request: HttpRequest, to: Any) -> str:
    """Return a URL, or that of the page with this name, as :func:`reverse` does.

    :param to: whatever Django's function of this name takes.
    :raises NoReverseMatch: for a name that no URL has.
    """
    if isinstance(to, Promise):  # As of reverse_lazy().
        to = str(to)
    return reverse(request, to) if is_name(to) else shortcuts.resolve_url(to)


def is_name(to: Any) -> bool:
    """Return whether this is the name of a view, and not a URL or an object that has one."""
    return isinstance(to, str) and "/" not in to and "." not in to


def resolve_path(url: str) -> ResolverMatch | None:
    """Return the view at a URL of this site without a host; ``None`` where there is none, or with a host."""
    try:
        parts = urlsplit(url)
        return urls.resolve("" if parts.netloc else parts.path.removeprefix(urls.get_script_prefix()[:-1]))
    except (Resolver404, ValueError):  # ValueError: of "http://[", which is no URL.
        return None


def reverse(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """Return the URL of a view, so that the visitor stays in the same part of the site.

    It keeps those keyword arguments captured by the URL of the request that this one needs, such as the ``tenant`` of
    ``path("<slug:tenant>/phone/", include("django_ding.login.urls"))``. The pages are looked for in the namespaces that
    the request's view is in, the innermost first, then outside of all, and then in any.

    :param name: the view's, with its namespace.
    :param kwargs: further keyword arguments, which come before captured ones.
    :raises NoReverseMatch: for a name that no URL has.
    """
    match = request.resolver_match
    if match is None:  # In a test, or before Django has looked for the view.
        return reverse_anywhere(name, **kwargs)
    for qualified in chain(_qualified_names(match, name), find_names(name)):
        for captured in _captured_kwargs(match):
            try:
                return urls.reverse(qualified, kwargs=captured | kwargs, current_app=match.namespace)
            except NoReverseMatch:
                continue
    return urls.reverse(name, kwargs=kwargs)  # Raises, and says what it has tried.


def reverse_anywhere(name: str, *, urlconf: str | None = None, **kwargs: Any) -> str:
    """Return the URL of a view, also where this app's URLs are included in a namespace of the project's.

    :param urlconf: by default that of the request.
    :raises NoReverseMatch: for a name that no URL has.
    """
    for qualified in chain([name], find_names(name, urlconf=urlconf)):
        try:
            return urls.reverse(qualified, urlconf=urlconf, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return urls.reverse(name, urlconf=urlconf, kwargs=kwargs)  # Raises, and says what it has tried.


def find_names(name: str, *, urlconf: str | None = None) -> Iterator[str]:
    """Yield the name of one of this app's views in each namespace that its URLs are in; of another app's, nothing."""
    app_name, _, view_name = name.partition(":")
    if name.startswith(_OWN):
        for namespace, resolver in _namespaces(urls.get_resolver(urlconf or urls.get_urlconf())):
            if resolver.app_name == app_name and view_name in resolver.reverse_dict:
                yield f"{namespace}:{view_name}"


def _namespaces(resolver: URLResolver, parent: str = "") -> Iterator[tuple[str, URLResolver]]:
    for namespace, (_, included) in reversed(resolver.namespace_dict.items()):  # Django keeps the first one last.
        yield f"{parent}{namespace}", included
        yield from _namespaces(included, f"{parent}{namespace}:")


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
