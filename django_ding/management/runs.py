"""Long work that tells how far it is, and that Ctrl-C may cut short."""

from collections.abc import Callable
from typing import Generic, TypeVar

from django_ding.management.interruption import interruptible
from django_ding.management.progress import progress

_Sums = TypeVar("_Sums")


class Run(Generic[_Sums]):
    """A run of a service that calls back with its sums.

    :ivar done: the last sums.
    :ivar interrupted: whether Ctrl-C cut it short.
    """

    def __init__(self, done: _Sums) -> None:
        self.done = done
        self.interrupted = False

    def make(
        self,
        service: Callable[[Callable[[_Sums], None]], object],
        *,
        total: Callable[[], int],
        so_far: Callable[[_Sums], int],
        unit: str,
    ) -> None:
        """Run the service, and show progress on a terminal.

        :param service: called with the function to call back.
        :param total: tells how much there is to do; called only where progress is shown.
        :param so_far: tells how much of it the sums stand for.
        :param unit: what is counted, such as ``rows``.
        """
        with progress(total, unit=unit) as show, interruptible() as interruption:

            def keep(done: _Sums) -> None:
                self.done = done
                show(so_far(done))
                interruption.raise_if_asked()

            try:
                service(keep)
            except KeyboardInterrupt:
                self.interrupted = True
