"""How far a command has come, on a terminal: a bar of tqdm's where it is installed, a plain line otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None

Show = Callable[[int], None]


@contextmanager
def progress(count: Callable[[], int], *, unit: str, stream: TextIO | None = None) -> Iterator[Show]:
    """Show progress while the block runs, and nothing where ``stream`` is no terminal.

    :param count: tells how many there are; called only where progress is shown.
    :param unit: what is counted, such as ``rows``.
    :param stream: ``sys.stderr`` by default.
    :return: a function to call with how many are done.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        yield lambda done: None
    elif tqdm is None:
        yield from _plain(count(), unit, stream)
    else:
        with tqdm(total=count(), unit=f" {unit}", file=stream, leave=False, dynamic_ncols=True) as bar:
            yield lambda done: _advance(bar, done)


def _plain(total: int, unit: str, stream: TextIO) -> Iterator[Show]:
    def show(done: int) -> None:
        stream.write(f"\r{done} of {total} {unit}")
        stream.flush()

    show(0)
    try:
        yield show
    finally:
        stream.write("\n")


def _advance(bar: "tqdm[None]", done: int) -> None:
    bar.update(done - bar.n)
