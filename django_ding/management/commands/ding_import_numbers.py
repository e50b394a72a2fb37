import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import CommandParser

from django_ding.management.base import USAGE, DingCommandError, add_region, day
from django_ding.management.batch import BatchCommand
from django_ding.management.output import count
from django_ding.models.base import write_alias
from django_ding.phone import as_text
from django_ding.services import ImportResult, NumberProblem, NumberToImport, import_numbers

_COLUMNS = ("user", "phone_number")


class Command(BatchCommand):
    """Import numbers of another system. The exit codes are documented in ``docs/commands.md``."""

    help = (
        "Link numbers that another system has verified to their users: those of a CSV file, or of a field of the user "
        "model. Can run twice. Run it with --dry-run first."
    )
    result_class = ImportResult
    unit = "numbers"

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="a CSV file with the columns user and phone_number"
        )
        source.add_argument("--field", metavar="NAME", help="a field of the user model with a number")
        parser.add_argument(
            "--user-field",
            default="pk",
            metavar="NAME",
            help="the field of the user model that the column user contains (default: the primary key)",
        )
        parser.add_argument(
            "--verified-at",
            type=day,
            metavar="DATE",
            help="when numbers were verified that have no time in the column verified_at (default: now)",
        )
        add_region(parser)
        super().add_arguments(parser)

    def get_service(self, options: dict[str, Any]) -> Callable[..., ImportResult]:
        _check_field(options["user_field"])
        if options["field"]:
            _check_field(options["field"])
            numbers: Iterable[NumberToImport] = _UserField(options["field"], options["verified_at"])
        else:
            numbers = _File(options["file"], options["verified_at"])
        return partial(import_numbers, numbers, user_field=options["user_field"], region=options["region"])

    def get_data(self, result: ImportResult, *, dry_run: bool) -> dict[str, Any]:
        return asdict(result)

    def get_problems(self, result: ImportResult) -> Sequence[NumberProblem]:
        return result.problems

    def get_sentence(self, result: ImportResult, *, dry_run: bool) -> str:
        sentence = f"{'Would import' if dry_run else 'Imported'} {count(result.imported, 'number')}"
        sentence += f"; {result.unchanged:,} unchanged"
        if result.problems:
            sentence += f"; left out {count(len(result.problems), 'number')}"
        return f"{sentence}."

    def is_complete(self, result: ImportResult) -> bool:
        return not result.problems


def _check_field(name: str) -> None:
    try:
        if name != "pk":
            get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        message = f"The user model has no field {name!r}."
        raise DingCommandError(message, code="usage", returncode=USAGE) from None


# Iterables, not iterators: for the progress on a terminal they are counted first.


@dataclass(frozen=True)
class _UserField:
    """The numbers in a field of the user model. Users without one are left out."""

    name: str
    verified_at: date | None

    def __iter__(self) -> Iterator[NumberToImport]:
        users = get_user_model()._default_manager.using(write_alias()).order_by("pk")
        for key, value in users.values_list("pk", self.name).iterator(chunk_size=2000):
            if value:
                # It may be an object, as that of a PhoneNumberField of other packages is.
                yield _number(key, as_text(value), "", self.verified_at, source=f"user {key}")


@dataclass(frozen=True)
class _File:
    """The numbers in a CSV file. The most frequent separator of its first line separates the fields."""

    path: Path
    verified_at: date | None

    def __iter__(self) -> Iterator[NumberToImport]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                delimiter = max(",;\t", key=file.readline().count)
                file.seek(0)
                rows = csv.DictReader(file, delimiter=delimiter, restval="")
                if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
                    raise _unusable(f"The first line of the file names no column {' and no column '.join(missing)}.")
                for row in rows:
                    source = f"line {rows.line_num}"
                    moment = row.get("verified_at", "")
                    yield _number(row["user"].strip(), row["phone_number"], moment, self.verified_at, source=source)
        except OSError as error:
            raise _unusable(f"The file can't be read: {error.strerror}.") from None
        except (UnicodeDecodeError, csv.Error):
            raise _unusable("The file is no CSV in UTF-8.") from None


def _number(user: Any, phone_number: str, moment: str, day: date | None, *, source: str) -> NumberToImport:
    verified_at = moment.strip() or (day.isoformat() if day else None)
    return NumberToImport(user=user, phone_number=phone_number, verified_at=verified_at, source=source)


def _unusable(message: str) -> DingCommandError:
    return DingCommandError(message, code="usage", returncode=USAGE)
