from dataclasses import fields
from typing import Any

from django.core.management.base import CommandParser

from django_ding.management.base import DingCommand, add_backend, add_region
from django_ding.management.output import table
from django_ding.phone import mask
from django_ding.services import lookup

_LABELS = {"mcc": "MCC", "mnc": "MNC"}
_WORDS = {True: "yes", False: "no"}


class Command(DingCommand):
    """Look up a number. The exit codes are documented in ``docs/commands.md``."""

    help = "Ask the provider for the line type and carrier of a number. It costs money, and nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="a phone number, in any format")
        add_region(parser)
        parser.add_argument("--caller-name", action="store_true", help="also ask for the name of the line's owner")
        add_backend(parser)
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        found = lookup(options["number"], **{key: options[key] for key in ("region", "caller_name", "backend")})
        data = {field.name: getattr(found, field.name) for field in fields(found)}
        # The provider returns the number in full.
        data["phone_number"] = found.phone_number and mask(found.phone_number)
        self.write_result(options, data, *table(_rows(data)))


def _rows(data: dict[str, Any]) -> list[tuple[str, str]]:
    # False is known: a number that was not ported.
    known = {name: _WORDS.get(value, str(value)) for name, value in data.items() if value not in (None, "")}
    return [(_LABELS.get(name) or name.replace("_", " ").capitalize(), value) for name, value in known.items()]
