from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone

from example.command_line import manage_command
from example.demo_data import rows
from example.demo_data.days import DAYS
from example.demo_data.site import Site

_SUMMARY = """\
{title}

  {authentications:,} codes to {numbers:,} numbers in {countries} countries over {days} days, with {events:,} events.
  All numbers are fictional, and nothing was sent.

To see it, start the example, unless it is running:

  {demo}

and log in to /admin/ with username demo and password demo."""


class Command(BaseCommand):
    help = f"Fill the example with {DAYS} days of codes, to try the admin with. Nothing is sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--replace", action="store_true", help="delete the existing demo data first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the demo data, count the statistics, and print a summary."""
        if not settings.DEBUG:
            raise CommandError("Demo data is for development only. It needs DEBUG=1.")
        call_command("migrate", verbosity=0)
        if rows.exist() and not options["replace"]:
            raise CommandError("There already is demo data. To replace it with days up to now, pass --replace.")
        rows.delete()
        site = Site(timezone.now())
        rows.save(site)
        call_command("ding_rollup", stdout=StringIO())
        self.stdout.write(summary(site, title=self.style.SUCCESS))


def summary(site: Site, *, title: Any = str) -> str:
    """Return what was created, and where to see it."""
    authentications = [timeline.authentication for timeline in site.timelines]
    return _SUMMARY.format(
        title=title("django-ding: the example now has demo data"),
        authentications=len(authentications),
        numbers=len({authentication.phone_number for authentication in authentications}),
        countries=len({authentication.country for authentication in authentications}),
        events=sum(len(timeline.events) for timeline in site.timelines),
        days=DAYS,
        demo=manage_command("demo"),
    )
