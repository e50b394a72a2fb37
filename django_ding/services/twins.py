"""Async twins of the services."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

_P = ParamSpec("_P")
_R = TypeVar("_R")


def async_twin(service: Callable[_P, _R]) -> Callable[_P, Coroutine[Any, Any, _R]]:
    """Return the service as a coroutine function: same arguments, result and exceptions, run in a thread."""

    @functools.wraps(service)
    async def twin(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await sync_to_async(service)(*args, **kwargs)

    return twin
