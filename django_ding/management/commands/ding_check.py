import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.views.decorators.debug import sensitive_variables

from django_ding.management.arguments import add_id, add_json
from django_ding.management.authentications import details, facts, get
from django_ding.management.base import INCOMPLETE, DingCommand
from django_ding.services import CheckResult, CheckStatus, check

_STDIN = "-"


class Command(DingCommand):
    """Check a code, as the service does. The exit codes are documented in ``docs/commands.md``."""

    help = "Check the code of an authentication. It counts as one of the user's checks."

    def add_arguments(self, parser: CommandParser) -> None:
        add_id(parser)
        parser.add_argument(
            "code",
            nargs="?",
            default=_STDIN,
            metavar="CODE",
            help="the code; - or none asks for it, or reads a line of standard input, so that it stays out of the "
            "shell's history",
        )
        add_json(parser)

    @sensitive_variables()
    def handle(self, *args: str, **options: Any) -> None:
        authentication = get(options["id"])
        code = _read() if options["code"] == _STDIN else options["code"]
        result = check(authentication, code)
        told = {
            "status": result.status.value,
            "number_taken": result.number_taken,
            "authentication": facts(authentication),
        }
        self.answer(told, [_sentence(result), "", *details(authentication)], as_json=options["json"])
        if result.status is not CheckStatus.VALID:
            sys.exit(INCOMPLETE)


def _read() -> str:
    """Return what is entered, nothing for Ctrl-D."""
    try:
        return getpass("Code: ") if sys.stdin.isatty() else sys.stdin.readline()
    except EOFError:
        return ""


def _sentence(result: CheckResult) -> str:
    number = result.authentication.masked_number
    match result.status:
        case CheckStatus.VALID if result.number_taken:
            return f"Valid, but {number} belongs to another account, so it was linked to none."
        case CheckStatus.VALID:
            return f"Valid: {number} is proven."
        case CheckStatus.INVALID:
            return f"Invalid. Checks left: {result.remaining_checks}."
    return f"Not checked: {result.status.value}."
