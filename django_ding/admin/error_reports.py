"""Error reports of the admin leave out the variables of each frame: the parameters of a query are whole numbers."""

import functools
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter, get_exception_reporter_filter

_View = TypeVar("_View", bound=Callable[..., Any])


def without_variables(view: _View) -> _View:
    """Let a report of what fails in this view, or when its answer is rendered, hold no variables.

    ``sensitive_variables`` does not do: with Python 3.11, frames that a generator called don't know of the view.
    """

    @functools.wraps(view)
    def with_filter(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(getattr(request, "exception_reporter_filter", None), _WithoutVariables):
            usual = get_exception_reporter_filter(request)
            request.exception_reporter_filter = _WithoutVariables(usual)  # type: ignore[assignment]
        return view(self, request, *args, **kwargs)

    return cast("_View", with_filter)


class _WithoutVariables:
    """The project's filter, but for the variables."""

    def __init__(self, usual: SafeExceptionReporterFilter) -> None:
        self._usual = usual

    def __getattr__(self, name: str) -> Any:
        return getattr(self._usual, name)

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: FrameType) -> list[tuple[str, Any]]:
        """Return the names, and what stands for a value where the filter is active: where ``DEBUG`` is off."""
        told = list(self._usual.get_traceback_frame_variables(request, tb_frame))
        if not self._usual.is_active(request):
            return told
        return [(name, SafeExceptionReporterFilter.cleansed_substitute) for name, _ in told]
