"""Views that count, and the transaction that ``ATOMIC_REQUESTS`` puts around each request."""

from collections.abc import Callable, Iterator
from functools import partial
from inspect import isfunction
from types import CellType
from typing import Any

from django.db import connections, transaction
from django.urls import URLPattern, URLResolver

_View = Callable[..., Any]


class NonAtomicView:
    """A mixin for class-based views that send, check or record: it exempts them from ``ATOMIC_REQUESTS``.

    A rollback would take back what was counted. The system check ``django_ding.E008`` finds those that lost the mark.
    """

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view with Django's mark for every database."""
        view = super().as_view(**initkwargs)  # type: ignore[misc]
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view


def views_inside_transaction(patterns: list[Any], alias: str) -> Iterator[tuple[str, str]]:
    """Yield the route and the class's name of each ``NonAtomicView`` that lost its mark for a database.

    :param patterns: of a URLconf; those it includes are looked into as well.
    """
    for route, callback in _callbacks(patterns):
        view_class = _counting_class(callback)
        if view_class and alias not in getattr(callback, "_non_atomic_requests", ()):
            yield route, view_class.__qualname__


def _callbacks(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, _View]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _callbacks(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _counting_class(callback: _View) -> type | None:
    """Return the class of a counting view, also of one that a decorator without ``functools.wraps`` hides."""
    for function in _layers(callback):
        # Django's class-based views carry one, REST framework's the other.
        view_class = getattr(function, "view_class", None) or getattr(function, "cls", None)
        if isinstance(view_class, type) and issubclass(view_class, NonAtomicView):
            return view_class
    return None


def _layers(callback: _View) -> Iterator[_View]:
    """Yield a callable and, from the outside in, the functions that it wraps."""
    waiting, seen = [callback], set()
    while waiting:
        function = waiting.pop(0)
        if id(function) not in seen:
            seen.add(id(function))
            yield function
            waiting.extend(_wrapped(function))


def _wrapped(function: _View) -> Iterator[_View]:
    cells = getattr(function, "__closure__", None) or ()
    held = [function.func] if isinstance(function, partial) else map(_content, cells)
    yield from (value for value in held if isfunction(value) or isinstance(value, partial))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # It is empty.
        return None
