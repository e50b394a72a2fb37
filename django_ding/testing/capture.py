"""What the tests of a backend capture: what it raises, and what it logs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django_ding.exceptions import DingError


def raised_error(call: Any) -> Exception | None:
    """Return the error that a backend's operation raises, ``None`` if it raises none."""
    try:
        call()
    except (DingError, NotImplementedError) as error:
        return error
    return None


@contextmanager
def logged_texts() -> Iterator[list[str]]:
    """Collect what everything logs, down to DEBUG."""
    texts: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: texts.append(handler.format(record))  # type: ignore[method-assign]
    (root := logging.getLogger()).addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        yield texts
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
