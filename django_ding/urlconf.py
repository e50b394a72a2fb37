"""The views of a project's URLconf, also those that decorators hide."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from types import CellType
from typing import Any

from django.urls import URLPattern, URLResolver

_View = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class MountedView:
    """A class-based view at a place of its own.

    :ivar route: how the URLconf has it, with those of the inclusions around it: ``shop/<slug:tenant>/login/``.
    :ivar callback: what Django calls: the view, or the outermost decorator around it.
    :ivar initkwargs: the arguments of ``as_view()``.
    """

    route: str
    callback: _View
    view_class: type
    initkwargs: Mapping[str, Any]


def find_views(patterns: list[Any], base: type | tuple[type, ...]) -> Iterator[MountedView]:
    """Yield the class-based views with this base, even if a decorator without ``functools.wraps`` hides them.

    :param patterns: of a URLconf; included ones are searched as well.
    """
    for route, callback in find_callbacks(patterns):
        for function in layers(callback):
            # Django's class-based views carry one, REST framework's the other.
            view_class = getattr(function, "view_class", None) or getattr(function, "cls", None)
            if isinstance(view_class, type) and issubclass(view_class, base):
                initkwargs = getattr(function, "view_initkwargs", None) or getattr(function, "initkwargs", None) or {}
                yield MountedView(route=route, callback=callback, view_class=view_class, initkwargs=initkwargs)
                break


def find_callbacks(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, _View]]:
    """Yield the route of each view and what Django calls there."""
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from find_callbacks(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def layers(callback: _View) -> Iterator[_View]:
    """Yield a callable and the functions that it wraps, from the outside in."""
    queue, seen = [callback], set()
    while queue:
        function = queue.pop(0)
        if id(function) not in seen:
            seen.add(id(function))
            yield function
            queue.extend(_wrapped(function))


def _wrapped(function: _View) -> Iterator[_View]:
    cells = getattr(function, "__closure__", None) or ()
    values = [function.func] if isinstance(function, partial) else map(_content, cells)
    yield from (value for value in values if isfunction(value) or isinstance(value, partial))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # It is empty.
        return None
