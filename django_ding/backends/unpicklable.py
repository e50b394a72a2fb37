"""What holds keys stays in the process that it was made in."""

from typing import NoReturn


class Unpicklable:
    """A mixin for what holds keys: a pickle of it would carry them into queues, caches and files."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} can't be pickled or copied, because it may hold keys. "
            "Pass a backend's alias on, and call get_backend() there."
        )
