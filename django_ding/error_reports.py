"""Keep secrets out of Django's error reports.

They are codes and numbers in the variables of frames, query parameters among them, and settings whose names Django's
own filter doesn't know.
"""

import functools
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import (
    SafeExceptionReporterFilter,
    get_default_exception_reporter_filter,
    get_exception_reporter_filter,
)

_View = TypeVar("_View", bound=Callable[..., Any])

_SECRETS = "TEST_NUMBERS|gateway_options"


def without_variables(view: _View) -> _View:
    """Keep variables out of the report of an exception in this view or in the rendering of its response."""

    # sensitive_variables() is not enough: on Python 3.11 the frames below a generator don't lead to the view.
    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(getattr(request, "exception_reporter_filter", None), _VariablesFilter):
            default = get_exception_reporter_filter(request)
            request.exception_reporter_filter = _VariablesFilter(default)  # type: ignore[assignment]
        return view(request, *args, **kwargs)

    return cast("_View", wrapper)


def clearing_variables() -> AbstractContextManager[None]:
    """On Python 3.11, clear the variables of the frames that an error leaves, those of generators and below.

    There they don't lead to their callers, so ``sensitive_variables`` around a generator would have no effect.
    """
    return _clearing_variables() if sys.version_info < (3, 12) else nullcontext()


@contextmanager
def _clearing_variables() -> Iterator[None]:
    before = sys.exception()
    try:
        yield
    except BaseException as error:
        if not settings.DEBUG:
            left: BaseException | None = error
            while left is not None and left is not before:
                traceback.clear_frames(left.__traceback__)
                left = left.__cause__ or left.__context__
        raise


def hide_settings() -> None:
    """Let the project's filter hide settings whose values are secrets, though their names don't say so.

    Those are the codes of test numbers, and the options of an SMS gateway, which may call a password anything.
    """
    reporter_filter = get_default_exception_reporter_filter()  # One instance for the process.
    hidden = getattr(reporter_filter, "hidden_settings", None)
    if hidden is not None:
        reporter_filter.hidden_settings = re.compile(f"(?:{hidden.pattern})|{_SECRETS}", hidden.flags)


class _VariablesFilter:
    """The project's own filter, except for the variables."""

    def __init__(self, default: SafeExceptionReporterFilter) -> None:
        self._default = default

    def __getattr__(self, name: str) -> Any:
        return getattr(self._default, name)

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: FrameType) -> list[tuple[str, Any]]:
        """Return the names with a substitute for each value, unless the filter is inactive, as with ``DEBUG``."""
        variables = list(self._default.get_traceback_frame_variables(request, tb_frame))
        if not self._default.is_active(request):
            return variables
        return [(name, SafeExceptionReporterFilter.cleansed_substitute) for name, _ in variables]
