import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.views.decorators.debug import sensitive_variables

from django_ding.management.base import INCOMPLETE, DingCommand, add_id
from django_ding.management.output import authentication_data, authentication_table, get_authentication
from django_ding.services import CheckResult, CheckStatus, check

_STDIN = "-"


class Command(DingCommand):
    """Check a code. The exit codes are documented in ``docs/commands.md``."""

    help = "Check the code of a verification. This uses one of the user's attempts."
    stealth_options = ("stdin",)
    prompt = staticmethod(getpass)

    def add_arguments(self, parser: CommandParser) -> None:
        add_id(parser)
        parser.add_argument(
            "code",
            nargs="?",
            default=_STDIN,
            metavar="CODE",
            help="the code; without it, or with -, the command prompts for it or reads a line of standard input, which "
            "keeps it out of the shell's history",
        )
        super().add_arguments(parser)

    @sensitive_variables()
    def handle(self, *args: str, **options: Any) -> None:
        authentication = get_authentication(options["id"])
        code = options["code"]
        if code == _STDIN:
            code = self._read_code(options.get("stdin", sys.stdin))
        result = check(authentication, code)
        self.write_result(
            options,
            {"status": result.status.value, "authentication": authentication_data(authentication)},
            _sentence(result),
            "",
            *authentication_table(authentication),
        )
        # The exit code is about the code: with NUMBER_TAKEN it was correct, too.
        if result.status not in (CheckStatus.VALID, CheckStatus.NUMBER_TAKEN):
            sys.exit(INCOMPLETE)

    def _read_code(self, stdin: Any) -> str:
        try:
            return self.prompt("Code: ") if stdin.isatty() else stdin.readline()
        except EOFError:
            # Ctrl-D at the prompt: the service refuses an empty code without using an attempt.
            return ""


def _sentence(result: CheckResult) -> str:
    number = result.authentication.masked_number
    match result.status:
        case CheckStatus.VALID:
            return f"Correct code: {number} is verified."
        case CheckStatus.NUMBER_TAKEN:
            return f"Correct code, but {number} is already linked to another account."
        case CheckStatus.INVALID if result.is_locked_out:
            return f"Incorrect code. No more codes are accepted for {number}: it is locked out."
        case CheckStatus.INVALID:
            return f"Incorrect code. Attempts left: {result.remaining_checks}."
    return f"The code was not checked: {result.status.value}."
