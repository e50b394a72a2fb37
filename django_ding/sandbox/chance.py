"""Codes and UUIDs, random or repeatable."""

import random
import uuid


class Chance:
    """A source of codes and UUIDs. Not thread-safe by itself.

    :param seed: the same seed gives the same codes and UUIDs again; ``None`` gives real randomness.
    """

    def __init__(self, seed: int | None) -> None:
        # A seed is asked for by tests, which want the same codes again; nothing real is protected by them.
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def code(self, length: int, *, unlike: tuple[str, ...] = ()) -> str:
        """Return ``length`` digits that are none of ``unlike``."""
        while True:
            code = f"{self._random.randrange(10**length):0{length}}"
            if code not in unlike:
                return code
