"""The ids that clients see: UUIDs in the order of time, of version 7 (RFC 9562, 5.7)."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new id: 48 bits of milliseconds since 1970, which clients see anyway, and 74 random bits.

    In a table of millions, the newest ids stand side by side in the index. Random ones are all over it: each INSERT
    reads a page that no cache has and, after a checkpoint, logs it whole.

    Python has one since 3.14, which counts on within a millisecond, so that one id tells most of the next.
    """
    random = secrets.randbits(74)
    version, variant = 0b0111, 0b10
    high = (time.time_ns() // 1_000_000) << 16 | version << 12 | random >> 62
    return UUID(int=high << 64 | variant << 62 | random & ((1 << 62) - 1))
