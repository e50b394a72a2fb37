"""The keys of ``DING``: their types and defaults, and examples that are tried."""

import ast
from typing import Any

from ding_reference.markdown import code, escape, facts
from django_ding.conf import DingSettings

#: What to say of the keys whose values are mappings, which have no sentence of their own in ``conf``.
MAPPINGS = {
    "BACKENDS": "a dict of aliases, each with a dict of `BACKEND` and `OPTIONS`",
    "RATE_LIMITS": "a dict of `send` and `check`, each a string of limits",
    "RETENTION_DAYS": "a dict of kinds of rows, each with a whole number of days, 1 to 36,500, or `None`",
    "SANDBOX": "a dict of options",
    "TEST_NUMBERS": "a dict of numbers in E.164, each with a code of 4 to 8 digits",
}


def markdown(key: str, example: str) -> str:
    """Return the type, the default and the example of a key.

    :raises ImproperlyConfigured: when the key doesn't accept the example.
    """
    value = ast.literal_eval(example)
    getattr(DingSettings({key: value}), key)
    assignment = f'```python\nDING["{key}"] = {example}\n```\n'
    return facts([("Type", type_of(key)), ("Default", default_of(key))]) + assignment


def type_of(key: str) -> str:
    """Return what a value has to be."""
    if key in MAPPINGS:
        return MAPPINGS[key]
    may_be_none = vars(DingSettings)[key].default is None and "None" not in expected(key)
    return f"{escape(expected(key))}{', or `None`' if may_be_none else ''}"


def expected(key: str) -> str:
    """Return how the error of a wrong value continues after "must be"."""
    text: str = vars(DingSettings)[key].expected
    return text


def default_of(key: str) -> str:
    """Return the value that a project has without the key, as it would be written in the settings."""
    return code(_literal(getattr(DingSettings({}), key)))


def _literal(value: Any) -> str:
    match value:
        case str():
            return f'"{value}"'
        case tuple() | list():
            return f"[{', '.join(map(_literal, map(str, value)))}]"
        case dict():
            return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    return repr(value)
