"""Upkeep that works through many rows: ``--dry-run``, progress on a terminal, and what was done when Ctrl-C ends it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol, TextIO

from django.core.management.base import CommandParser

from django_ding.management.base import INCOMPLETE, INTERRUPTED, DingCommand
from django_ding.management.output import problem_line
from django_ding.services import NumberProblem


class Totals(Protocol):
    """What an upkeep service returns, and passes to ``on_progress``: counts that start at zero."""

    @property
    def total(self) -> int:
        """How many rows were worked through."""


class BatchCommand(DingCommand):
    """Run an upkeep service.

    :cvar result_class: what the service returns.
    :cvar unit: what its ``total`` counts.
    """

    result_class: ClassVar[type[Any]]
    unit: ClassVar[str] = "rows"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what there is to do, and change nothing")
        super().add_arguments(parser)

    def get_service(self, options: dict[str, Any]) -> Callable[..., Any]:
        """Return the service with all its arguments but ``dry_run`` and ``on_progress``."""
        raise NotImplementedError

    def get_data(self, result: Any, *, dry_run: bool) -> dict[str, Any]:
        """Return the result for programs."""
        raise NotImplementedError

    def get_sentence(self, result: Any, *, dry_run: bool) -> str:
        """Return the result for people."""
        raise NotImplementedError

    def get_problems(self, result: Any) -> Sequence[NumberProblem]:
        """Return what was left out, to report line by line."""
        return ()

    def is_complete(self, result: Any) -> bool:
        """Return whether everything was done."""
        return True

    def handle(self, *args: str, **options: Any) -> None:
        service = self.get_service(options)
        if options["dry_run"]:
            self.report(service(dry_run=True), options)
            return
        result, interrupted = self._run(service, options.get("stderr") or sys.stderr)
        self.report(result, options, interrupted=interrupted)
        # sys.exit(), since BaseCommand.handle() has no other way to choose an exit code without an error message.
        if interrupted:
            sys.exit(INTERRUPTED)
        if not self.is_complete(result):
            sys.exit(INCOMPLETE)

    def report(self, result: Any, options: dict[str, Any], *, interrupted: bool = False) -> None:
        """Write a result, or what there is of it after Ctrl-C."""
        dry_run = options["dry_run"]
        data = {**self.get_data(result, dry_run=dry_run), "dry_run": dry_run, "interrupted": interrupted}
        sentence = self.get_sentence(result, dry_run=dry_run)
        is_good = dry_run or (self.is_complete(result) and not interrupted)
        style = self.style.SUCCESS if is_good else self.style.WARNING
        lines = [problem_line(problem) for problem in self.get_problems(result)]
        self.write_result(options, data, *lines, style(f"Interrupted. {sentence}" if interrupted else sentence))

    def _run(self, service: Callable[..., Any], stderr: TextIO) -> tuple[Any, bool]:
        """Return the service's result and whether Ctrl-C ended it; then the result is that of the last row."""
        last = self.result_class()
        # A count of millions of rows takes seconds, so it is made only for a terminal.
        with progress(lambda: service(dry_run=True).total, unit=self.unit, stream=stderr) as show:

            def keep(result: Any) -> None:
                nonlocal last
                last = result
                show(result.total)

            try:
                return service(on_progress=keep), False
            except KeyboardInterrupt:
                # The services may be killed at any moment: what they committed stays, and the next run does the rest.
                return last, True


@contextmanager
def progress(count: Callable[[], int], *, unit: str, stream: TextIO) -> Iterator[Callable[[int], None]]:
    """Yield a function that shows how many are done: a bar if tqdm is installed, otherwise a plain line.

    Nothing is shown, and nothing counted, where the stream is not a terminal.

    :param count: returns how many there are.
    :param unit: what is counted, such as ``rows``.
    """
    if not stream.isatty():
        yield lambda done: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield from _plain_line(count(), unit, stream)
        return
    with tqdm(total=count(), unit=f" {unit}", file=stream, leave=False, dynamic_ncols=True) as bar:
        # tqdm counts steps, the services totals.
        yield lambda done: bar.update(done - bar.n)


def _plain_line(total: int, unit: str, stream: TextIO) -> Iterator[Callable[[int], None]]:
    def show(done: int) -> None:
        # The carriage return lets each line overwrite the one before.
        stream.write(f"\r{done} of {total} {unit}")
        stream.flush()

    show(0)
    try:
        yield show
    finally:
        # Also after an error, whose message begins a line of its own.
        stream.write("\n")
