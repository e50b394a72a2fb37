"""The services: signatures, arguments, results and exceptions; and the classes that they take and return."""

import inspect
import re
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from ding_reference.markdown import code, read_docstring
from django_ding import services

_MODULE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z]|date(?:time)?\b|timedelta\b)")
#: What a service in steps is annotated with: a generator that returns its result.
_STEPS = re.compile(r"^Generator\[.*, Any, (.*)\]$")
_OPTIONAL = re.compile(r"^Optional\[(.*)\]$")


def all_functions() -> list[str]:
    """Return the names of the public functions, without their asynchronous variants."""
    return [name for name in services.__all__ if inspect.isfunction(getattr(services, name)) and not is_variant(name)]


def all_classes() -> list[str]:
    """Return the names of the public classes."""
    return [name for name in services.__all__ if inspect.isclass(getattr(services, name))]


def is_variant(name: str) -> bool:
    """Return whether a function is the asynchronous variant of another one."""
    return name in services.__all__ and name.startswith("a") and name[1:] in services.__all__


def markdown(names: list[str]) -> str:
    """Return a description of each function or class, which pages of this and other projects can link to."""
    parts = ["```{py:currentmodule} django_ding.services\n```\n"]
    for name in names:
        documented = getattr(services, name)
        parts.append(_class(name, documented) if inspect.isclass(documented) else _function(name, documented))
    return "\n".join(parts)


def _function(name: str, function: Any) -> str:
    doc = read_docstring(function)
    lines = [doc.text, ""]
    if is_variant(f"a{name}"):
        lines += [f"Asynchronous variant: `a{name}`, with the same arguments, result and exceptions.", ""]
    lines += [f":param {argument}: {text}" for argument, text in doc.get("param", "ivar").items()]
    lines += [f":returns: {text}" for text in doc.get("return", "returns").values()]
    lines += [f":raises {error}: {text}" for error, text in doc.get("raises").items()]
    return _object("function", f"{name}{signature_of(function)}", lines)


def _object(kind: str, signature: str, lines: list[str]) -> str:
    # Four colons, since the content may have fences of its own.
    return "\n".join([f"::::{{py:{kind}}} {signature}", "", *lines, "::::", ""])


def signature_of(function: Any, *, is_method: bool = False) -> str:
    """Return the arguments of a function and what it returns; of a method, as it is called."""
    signature = inspect.signature(inspect.unwrap(function))
    parts: list[str] = []
    for parameter in list(signature.parameters.values())[is_method:]:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = "" if parameter.default is parameter.empty else f" = {_default(parameter.default)}"
        stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        parts.append(f"{stars}{parameter.name}{annotation(parameter.annotation, ': ')}{default}")
    return f"({', '.join(parts)}){annotation(signature.return_annotation, ' -> ')}"


def annotation(given: Any, prefix: str = "") -> str:
    """Return a type as its users write it: without modules, and of a service in steps what it returns."""
    if given in (inspect.Signature.empty, Any):
        return ""
    text = given if isinstance(given, str) else inspect.formatannotation(given)
    text = _MODULE.sub("", text).replace("typing.", "").replace("_Request", "HttpRequest | Request")
    return prefix + _STEPS.sub(r"\1", _OPTIONAL.sub(r"\1 | None", text))


def _default(value: Any) -> str:
    return value.__name__ if inspect.isfunction(value) else repr(value)


def _class(name: str, cls: type) -> str:
    doc = read_docstring(cls)
    lines = [doc.text, ""]
    known = doc.get("ivar", "param", "cvar")
    if issubclass(cls, Enum):
        lines += [f"Values: {', '.join(code(repr(str(member.value))) for member in cls)}.", ""]
    elif is_dataclass(cls):
        lines += [_attribute(field, known.get(field.name, "")) for field in fields(cls)]
    return _object("class", name, lines)


def _attribute(field: Any, text: str) -> str:
    default = f"\n:value: {field.default!r}" if field.default is not MISSING else ""
    type_ = f"\n:type: {annotation(field.type)}" if annotation(field.type) else ""
    return f":::{{py:attribute}} {field.name}{type_}{default}\n\n{text}\n:::\n"
