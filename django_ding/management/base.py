"""What the commands have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError

#: Exit codes, documented in ``docs/commands.md``. 2 is argparse's, for a command line that makes no sense.
INCOMPLETE = 1
UNUSABLE = 3


class DingCommand(BaseCommand):
    """A command that tells what makes it impossible by an exit code of its own."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        :raises CommandError: with the exit code, when the database can't be used or a system check fails.
        """
        try:
            return super().execute(*args, **options)
        except (DatabaseError, SystemCheckError) as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
