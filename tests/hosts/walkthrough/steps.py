"""The steps of a page, in their order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

END, WHOLE, NEW = "at the end", "the whole file", "a new file"

_STEP = re.compile(r"^```(?P<language>\S+)\n(?P<block>(?:.*\n)*?)```$|^\d+\. (?P<visit>.+(?:\n +.+)*)", re.MULTILINE)
_HEADER = re.compile(rf"# (\S+), ({END}|{WHOLE}|{NEW})\n")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """Text for a file: at its end, instead of all of it, or in a new one."""

    file: str
    place: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command, and what the page shows of its output."""

    line: str
    shown: str


@dataclass(frozen=True)
class Visit:
    """A numbered sentence about what to do in a browser, and what is seen there."""

    text: str


Step = Snippet | Command | Visit


def steps(page: str) -> Iterator[Step]:
    """Return what a reader does.

    :raises ValueError: for an example with which a reader wouldn't know what to do.
    """
    for found in _STEP.finditer(page):
        if found["visit"]:
            yield Visit(" ".join(found["visit"].split()))
        elif found["language"] == "python":
            yield _snippet(found["block"])
        elif found["language"] == "console":
            yield from _commands(found["block"])
        elif not found["language"].startswith("{"):
            raise ValueError(f"Nothing says what to do with an example in {found['language']}: {found['block']}")


def _snippet(block: str) -> Snippet:
    header = _HEADER.match(block)
    if header is None:
        raise ValueError(f"The first line of an example names its file, and where in it the example goes: {block}")
    return Snippet(header[1], header[2], block)


def _commands(block: str) -> Iterator[Command]:
    if not block.startswith("$ "):
        raise ValueError(f"A console begins with a command: {block}")
    for line, shown in _COMMAND.findall(block):
        yield Command(line, shown)
