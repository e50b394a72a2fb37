from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone

from example.demo_data import saving
from example.demo_data.days import DAYS
from example.demo_data.site import Site

_MADE = """\
{title}

  {authentications:,} codes to {numbers:,} numbers of {countries} countries in the last {days} days, {events:,} events.
  No number in it is anybody's, and nothing was sent.

  python example_project/manage.py demo

serves it; log in to /admin/ as demo with the password demo."""


class Command(BaseCommand):
    help = f"Fill the example with {DAYS} days of codes, so that the admin is worth a look. Nothing is sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--replace", action="store_true", help="take the demo data that is there back first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, take back, write, roll up, tell."""
        if not settings.DEBUG:
            raise CommandError("Demo data is for the example on your machine. It needs DEBUG=1.")
        call_command("migrate", verbosity=0)
        if saving.is_there() and not options["replace"]:
            raise CommandError("The demo data is there already. --replace makes it anew, up to this minute.")
        saving.delete()
        site = Site(timezone.now())
        saving.save(site)
        call_command("ding_rollup", stdout=StringIO())
        self.stdout.write(summary(site, title=self.style.SUCCESS))


def summary(site: Site, *, title: Any = str) -> str:
    """Return what was made, and where to look at it."""
    authentications = [story.authentication for story in site.stories]
    return _MADE.format(
        title=title("django-ding: the example has demo data"),
        authentications=len(authentications),
        numbers=len({authentication.phone_number for authentication in authentications}),
        countries=len({authentication.country for authentication in authentications}),
        events=sum(len(story.events) for story in site.stories),
        days=DAYS,
    )
