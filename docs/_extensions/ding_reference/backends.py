"""The contract of a backend: what it has, what it gets and returns, and the tests that check it."""

import inspect
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from ding_reference.markdown import bullets, code, definitions, from_rst, read_docstring
from ding_reference.services import annotation, signature_of
from ding_reference.source import calls, comments, text_of
from django_ding.backends import types
from django_ding.backends.base import BaseBackend
from django_ding.testing import BackendContract


def members(cls: type) -> dict[str, Any]:
    """Return the public attributes and methods of a class, in the order of its source."""
    names = [*getattr(cls, "__annotations__", {}), *vars(cls)]
    return {name: inspect.getattr_static(cls, name) for name in dict.fromkeys(names) if not name.startswith("_")}


def markdown() -> str:
    """Return all of it."""
    return "\n".join(
        [
            "## `BaseBackend`\n",
            read_docstring(BaseBackend).text,
            "\n### Attributes\n",
            definitions(_attributes(BaseBackend)),
            "### Methods\n",
            definitions(_methods(BaseBackend, lambda name: True)),
            "## Requests and responses\n",
            "The classes of `django_ding.backends.types`: choices, and frozen dataclasses with keyword arguments.\n",
            *map(_type, types.__all__),
            "## `BackendContract`\n",
            read_docstring(BackendContract).text,
            "\n### What you define\n",
            definitions(_attributes(BackendContract)),
            "",
            definitions(_methods(BackendContract, lambda name: not name.startswith("test_"))),
            "### Its tests\n",
            definitions(_tests()),
        ]
    )


def _attributes(cls: type) -> Iterator[tuple[str, str]]:
    said = comments(cls)
    meaning = ""
    for name, value in members(cls).items():
        if isinstance(value, property):
            yield code(name), read_docstring(value.fget).text
        elif not inspect.isfunction(value):
            # A comment is about all the attributes below it, up to the next one.
            meaning = from_rst(said[name]) if name in said else meaning
            type_ = annotation(cls.__annotations__.get(name, ""))
            yield code(f"{name}: {type_}" if type_ else name), f"{meaning} Default: {code(_default(value))}."


def _default(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"frozenset({sorted(map(str, value)) or ''})"
    return repr(value)


def _methods(cls: type, is_shown: Any) -> Iterator[tuple[str, str]]:
    for name, value in members(cls).items():
        if inspect.isfunction(value) and is_shown(name):
            doc = read_docstring(value)
            raises = "".join(f" Raises `{error}` {text}" for error, text in doc.get("raises").items())
            yield code(f"{name}{signature_of(value, is_method=True)}"), f"{doc.text}{raises}"


def _type(name: str) -> str:
    cls = getattr(types, name)
    doc = read_docstring(cls)
    body = ""
    if issubclass(cls, Enum):
        body = f"Values: {', '.join(code(member.value) for member in cls)}.\n"
    elif is_dataclass(cls):
        body = bullets((_field(field), doc.get("ivar").get(field.name, "")) for field in fields(cls))
    return f"### `{name}`\n\n{doc.text}\n\n{body}"


def _field(field: Any) -> str:
    is_required = field.default is MISSING and field.default_factory is MISSING
    return code(f"{field.name}: {annotation(field.type)}") + (" (required)" if is_required else "")


def _tests() -> Iterator[tuple[str, str]]:
    for name, test in members(BackendContract).items():
        if name.startswith("test_"):
            rules = [text_of(call.args[1]) for call in calls(test, "_require")]
            doc = read_docstring(test).text
            yield code(name), doc or f"Requires: {'; '.join(map(from_rst, rules))}."
