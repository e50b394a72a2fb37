from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_ding.sandbox import cli
from django_ding.sandbox.project import project_options


class Command(BaseCommand):
    """Serve the sandbox, with the options of ``DING["SANDBOX"]`` as defaults."""

    help = "Serve a local copy of the provider, with an inbox that shows the codes."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        try:
            defaults = project_options()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        cli.add_arguments(parser, defaults)

    def handle(self, *args: str, **options: Any) -> None:
        try:
            cli.run(options, out=self.stdout, err=self.stderr)
        except cli.CannotStartError as error:
            raise CommandError(str(error)) from error
