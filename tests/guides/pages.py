"""What the guides of ``docs/how-to/`` and ``docs/coming-from/`` have their readers do: write files, type commands.

A snippet begins with a comment that names its file: ``# settings.py``, ``# accounts/views.py, at the end``,
``{# templates/registration/login.html #}``. ``settings.py`` and ``urls.py`` are those of the project. A snippet for a
file that exists is added at its end; ``# accounts/apps.py, the whole file`` replaces it. After
``<!-- a project of its own -->``, the page starts again with the project of the tutorial, as alternatives need.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DOCS = Path(__file__).parents[2] / "docs"

_NEXT_PROJECT = "<!-- a project of its own -->\n"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"(?:#|//|\{#|/\*|<!--) ([\w./-]+\.\w+)\b")
_TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*)", re.MULTILINE)
_COMMAND = re.compile(r"(?:export|printf|python manage\.py (?!dbshell|ding_sandbox|runserver|shell$)\w+)\b")


@dataclass(frozen=True)
class File:
    """A snippet for a file, whose path is relative to the folder of ``manage.py``."""

    path: str
    text: str
    is_whole: bool = False


@dataclass(frozen=True)
class Command:
    """What the reader types: a command of ``manage.py`` that comes to an end, printf for a file, or export."""

    typed: str


def guides() -> list[Path]:
    """Return the guides whose readers write a test, which makes them a project's."""
    return [
        page
        for folder in ("how-to", "coming-from")
        for page in sorted((_DOCS / folder).glob("*.md"))
        if _has_test(page)
    ]


def tutorial() -> list[File]:
    """Return the files of the project that the first page of the tutorial makes."""
    return [step for step in _steps((_DOCS / "start" / "install.md").read_text()) if isinstance(step, File)]


def projects(page: Path) -> list[list[File | Command]]:
    """Return the steps for each project that a page describes."""
    return [steps for part in page.read_text().split(_NEXT_PROJECT) if (steps := list(_steps(part)))]


def _has_test(page: Path) -> bool:
    steps = (step for project in projects(page) for step in project)
    return any(isinstance(step, File) and Path(step.path).match("test*.py") for step in steps)


def unnamed(page: Path) -> list[str]:
    """Return the Python snippets of a page that name no file."""
    blocks = _BLOCK.findall(page.read_text())
    return [text for language, text in blocks if language == "python" and not _NAME.match(text)]


def _steps(text: str) -> Iterator[File | Command]:
    for language, block in _BLOCK.findall(text):
        if language == "console":
            yield from _commands(block)
        elif name := _NAME.match(block):
            path = f"mysite/{name[1]}" if name[1] in {"settings.py", "urls.py"} else name[1]
            yield File(path, block, is_whole=", the whole file" in block.partition("\n")[0])


def _commands(block: str) -> Iterator[Command]:
    yield from (Command(typed) for typed in _TYPED.findall(block) if _COMMAND.match(typed))
