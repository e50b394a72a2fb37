"""The documentation says what the code does."""

import re
from dataclasses import fields
from pathlib import Path

from django_ding.sandbox import Options
from django_ding.sandbox.special_numbers import SPECIAL_NUMBERS

DOCS = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def shown(default):
    match default:
        case None:
            return "none"
        case bool():
            return "on" if default else "off"
        case tuple():
            return f"`{','.join(default)}`" if default else "none"
        case float():
            return f"`{default:g}`"
        case _:
            return f"`{default}`"


def test_docs_list_the_special_numbers():
    rows = [f"| `{number}` | {special.description} | {special.v2} |" for number, special in SPECIAL_NUMBERS.items()]
    assert "\n".join(rows) in DOCS


def test_docs_list_every_option_with_its_default_and_help():
    rows = re.findall(r"^\| `(\w+)` \| (\S.*?) \| (.*)$", DOCS, re.MULTILINE)
    assert [row[:2] for row in rows] == [(option.name, shown(option.default)) for option in fields(Options)]
    for option, row in zip(fields(Options), rows, strict=True):
        assert row[2].lower().startswith(option.metadata["help"].lower())
