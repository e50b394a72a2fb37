"""The templates of the pages: their blocks, and the views that render them."""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

from django.views import View

import django_ding
from ding_reference.markdown import code, facts
from django_ding.login import mixins, outages
from django_ding.login.views.base import REFUSED_TEMPLATE

FOLDER = Path(django_ding.__file__).parent / "templates" / "django_ding" / "login"
_PREFIX = "django_ding/login/"
_BLOCK = re.compile(r"{% block (\w+)")
_EXTENDS = re.compile(r'{% extends "(?:django_ding/login/)?([^"]+)"')
_INCLUDED = re.compile(r'{% include "django_ding/login/([^"]+)"')


def all_templates() -> dict[str, list[str]]:
    """Return the blocks of each template in their order, by its name below ``django_ding/login/``."""
    paths = sorted(FOLDER.rglob("*.html"))
    return {str(path.relative_to(FOLDER)): list(dict.fromkeys(_BLOCK.findall(path.read_text()))) for path in paths}


def markdown(name: str) -> str:
    """Return what a template has and who uses it."""
    found = [("Blocks", ", ".join(map(code, all_templates()[name])))] if all_templates()[name] else []
    if extended := _EXTENDS.findall((FOLDER / name).read_text()):
        found.append(("Extends", code(extended[0])))
    if users := ", ".join(map(code, _users(name))):
        found.append(("Rendered by", users))
    if included := ", ".join(code(path) for path in _including(name)):
        found.append(("Included by", included))
    return facts(found)


def _including(name: str) -> list[str]:
    return [other for other in all_templates() if name in _INCLUDED.findall((FOLDER / other).read_text())]


def _users(name: str) -> Iterator[str]:
    """Yield the names of what renders a template."""
    path = f"{_PREFIX}{name}"
    yield from sorted({cls.__name__ for cls in _views() if getattr(cls, "template_name", None) == path})
    if path == REFUSED_TEMPLATE:
        yield "CodeView and each view that sends a code"
    if path == mixins.PhoneVerificationLoginMixin.default_template_name:
        yield mixins.PhoneVerificationLoginMixin.__name__
    if path in Path(outages.__file__).read_text():
        yield "any page"
    yield from ("PhoneNumberField",) if name.startswith("widgets/") else ()


def _views() -> Iterator[type[View]]:
    module = import_module("django_ding.login.views")
    yield from (cls for _, cls in getmembers(module, isclass) if issubclass(cls, View))
