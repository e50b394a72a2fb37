from dataclasses import fields
from typing import Any

from django.core.management.base import CommandParser

from django_ding.backends.base import LookupResult
from django_ding.management.arguments import add_backend, add_json, add_region
from django_ding.management.base import DingCommand
from django_ding.management.tables import table
from django_ding.phone import mask
from django_ding.services import lookup

_LABELS = {"mcc": "MCC", "mnc": "MNC"}


class Command(DingCommand):
    """Look a number up, as the service does. The exit codes are documented in ``docs/commands.md``."""

    help = "Ask the provider what kind of line a number is. It costs money, and nothing is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="the phone number, as people write it")
        add_region(parser)
        parser.add_argument("--caller-name", action="store_true", help="also ask for the name of the line's holder")
        add_backend(parser)
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        about = {key: options[key] for key in ("region", "caller_name", "backend")}
        told = _facts(lookup(options["number"], **about))
        self.answer(told, table(_rows(told)), as_json=options["json"])


def _facts(result: LookupResult) -> dict[str, Any]:
    found = {field.name: getattr(result, field.name) for field in fields(result)}
    return found | {"phone_number": result.phone_number and mask(result.phone_number)}


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    words = {True: "yes", False: "no"}
    known = {name: words.get(value, str(value)) for name, value in facts.items() if value not in (None, "")}
    return [(_LABELS.get(name) or name.replace("_", " ").capitalize(), value) for name, value in known.items()]
