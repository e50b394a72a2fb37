"""The exceptions: their tree, codes, messages and attributes."""

import inspect
from collections.abc import Iterator

from rest_framework.exceptions import APIException

from ding_reference.markdown import code, facts, read_docstring
from django_ding import exceptions
from django_ding.api.exceptions import to_api_exception
from django_ding.exceptions import DingError, InvalidPhoneNumber, RateLimited
from django_ding.phone import Reason


def all_exceptions() -> list[type[DingError]]:
    """Return the classes in the order of the source."""
    found = [cls for _, cls in inspect.getmembers(exceptions, inspect.isclass) if issubclass(cls, DingError)]
    return sorted(found, key=lambda cls: inspect.getsourcelines(cls)[1])


def example(cls: type[DingError]) -> DingError:
    """Return an error of a class."""
    if cls is InvalidPhoneNumber:
        return InvalidPhoneNumber(Reason.TOO_SHORT)
    return RateLimited(scope="phone", retry_after=27) if cls is RateLimited else cls()


def messages(cls: type[DingError]) -> list[str]:
    """Return the sentences that errors of a class have unless they are given another one."""
    if cls is InvalidPhoneNumber:
        return list(map(str, InvalidPhoneNumber.SENTENCES.values()))
    return [str(example(cls))]


def markdown() -> str:
    """Return the tree, then a section for each class."""
    return "\n".join(["## Tree", "", *_tree(DingError), "", *map(_section, all_exceptions())])


def _tree(cls: type[DingError], depth: int = 0) -> Iterator[str]:
    yield f"{'  ' * depth}- [`{cls.__name__}`](#{cls.__name__.lower()})"
    for child in (each for each in all_exceptions() if cls in each.__bases__):
        yield from _tree(child, depth + 1)


def _section(cls: type[DingError]) -> str:
    doc = read_docstring(cls)
    found = [("`code`", code(cls.code)), ("Message", " · ".join(map(code, messages(cls))))]
    if answer := rest_answer(example(cls)):
        found.append(("REST", answer))
    found += [(code(name), text) for name, text in doc.get("ivar").items()]
    bases = ", ".join(f"`{base.__name__}`" for base in cls.__bases__)
    return "\n".join([f"## `{cls.__name__}`", "", f"Bases: {bases}", "", doc.text, "", facts(found)])


def rest_answer(error: DingError) -> str:
    """Return the status and the code of the response to an error; empty for one that no endpoint answers with."""
    translated = to_api_exception(error)
    if not isinstance(translated, APIException):
        return ""
    return f"{translated.status_code} {code(translated.get_codes())}"
