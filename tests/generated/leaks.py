import logging
import re
from typing import Any

#: A full number or one of the sandbox's codes of six digits, standing by itself.
_SECRET = re.compile(r"(?<![0-9A-Za-z-])([0-9]{6}|\+?[0-9]{8,15})(?![0-9A-Za-z-])", re.ASCII)


class Leaks(logging.Handler):
    """Watches all that is logged for full numbers and codes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __enter__(self) -> "Leaks":
        logging.getLogger("django_ding").addHandler(self)
        return self

    def __exit__(self, *_: Any) -> None:
        logging.getLogger("django_ding").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.look(self.format(record))

    def look(self, text: str) -> None:
        """Keep a text that holds a secret."""
        if has_secret(text):
            self.found.append(text)


def has_secret(text: str) -> bool:
    """Return whether a text holds a full number or a code."""
    return bool(_SECRET.search(text))
