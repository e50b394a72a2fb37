"""Markdown from what is in the code: docstrings, messages and tables."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_FIELD = re.compile(r"^:(param|ivar|cvar|returns?|raises)(?: ([\w., ]+))?: ?(.*)$")
#: Settings, options, ids and commands, as messages for people have them.
_NAME = re.compile(r'DING\["\w+"\]|--[a-z][a-z-]*|\b[A-Z]+_[A-Z_]+\b|\bdjango_ding\.[\w.]+\w|\bding_[a-z_]+')
_CODE = re.compile(r"(``?)(.+?)\1")
_MARKUP = re.compile(r"([\\*_\[\]<>|{}#])")


@dataclass
class Docstring:
    """A docstring in its parts, each of them Markdown.

    :ivar fields: by the kind of field, such as ``param`` or ``raises``: the names and what they are.
    """

    text: str = ""
    fields: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, *kinds: str) -> dict[str, str]:
        """Return the fields of these kinds."""
        return {name: text for kind in kinds for name, text in self.fields.get(kind, {}).items()}


def read_docstring(documented: Any) -> Docstring:
    """Return the docstring of a function or a class, or a text like one, in its parts."""
    text = documented if isinstance(documented, str) else inspect.getdoc(documented) or ""
    found = Docstring()
    lines: list[str] = []
    current: tuple[str, str] | None = None
    for line in inspect.cleandoc(text).splitlines():
        if match := _FIELD.match(line):
            current = (match[1], match[2] or "")
            found.fields.setdefault(match[1], {})[current[1]] = match[3]
        elif current and line.startswith("    "):
            found.fields[current[0]][current[1]] += f" {line.strip()}"
        else:
            current = None
            lines.append(line)
    found.text = from_rst("\n".join(lines).strip())
    found.fields = {kind: {n: from_rst(t) for n, t in fields.items()} for kind, fields in found.fields.items()}
    return found


def from_rst(text: str) -> str:
    """Return Markdown of the little reStructuredText that docstrings have: literals, roles and doctest blocks."""
    text = _ROLE.sub(r"``\1``", text)
    if ">>> " in text:
        before, _, example = text.partition(">>> ")
        example = re.sub(r"^(?:>>>|\.\.\.) ?", "", f">>> {example}", flags=re.MULTILINE)
        return f"{_inline(before.rstrip())}\n\n```text\n{example.strip()}\n```"
    return _inline(text)


def _inline(text: str) -> str:
    """Escape what Markdown would read as markup, but for literals."""
    return _with_literals(text, _CODE, lambda match: match[2])


def _with_literals(text: str, pattern: re.Pattern[str], literal: Callable[[re.Match[str]], str]) -> str:
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), code(literal(match))]
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def escape(text: str) -> str:
    """Return a text without markup as Markdown."""
    return _MARKUP.sub(r"\\\1", text)


def prose(text: Any) -> str:
    """Return a sentence for people as Markdown, with the names in it as literals."""
    return _with_literals(str(text), _NAME, lambda match: match[0])


def code(text: Any) -> str:
    """Return a text as a literal."""
    text = " ".join(str(text).split())
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}" if text else ""


def definitions(items: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms, each with what it means."""
    return "\n\n".join(f"{term}\n: {_meaning(meaning)}" for term, meaning in items) + "\n"


def _meaning(text: str) -> str:
    """Return a paragraph in one line. A list, which begins with a line break, stays one."""
    return text.strip() if text.startswith("\n") else " ".join(text.split())


def facts(items: Iterable[tuple[str, str]]) -> str:
    """Return the facts about something, each with its name: a list of terms that the style sheet sets side by side."""
    return f":::{{container}} ding-facts\n{definitions(items)}:::\n"


def bullets(items: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms, each with what it means, if anything is said of it."""
    return "\n".join(f"- {term}{': ' if meaning else ''}{' '.join(meaning.split())}" for term, meaning in items) + "\n"
