import errno
import io
import socket
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.urls import reverse

from example.command_line import manage_command
from example.demo_data import rows
from example.management.commands import demo_data
from example.sandbox import SITE_URL

NAME = "demo"

_GUIDE = """
{title}

  Site    {url}/
  Inbox   {inbox}
  Admin   {url}/admin/
  API     {url}{api}

{browser}

  1. Log in with username {name} and password {name}: {url}/login/
  2. Add a phone number, for example +33 6 12 34 56 78, and enter its code: {url}/phone/numbers/add/
  3. Open a page for verified users: {url}/vault/
  4. Log out and in again, now with a code after the password.
  5. Log out, and log in with a number alone; a new number creates an account: {url}/phone/login/
  6. Fill the admin with 90 days of data, in another terminal: {demo_data}

{rest}

{curl}

Press Ctrl-C to stop.
"""

# An interactive zsh takes comments for commands, so there are none.
_CURL = """\
sent=$(curl -s -u {name}:{name} {url}/api/phone/authentications/ \\
  -H 'Content-Type: application/json' -d '{{"phone_number": "+33612345678"}}'); echo "$sent"

id=$(echo "$sent" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')

{code}; echo "$code"

curl -s -u {name}:{name} {url}/api/phone/authentications/$id/check/ \\
  -H 'Content-Type: application/json' -d "{{\\"code\\": \\"$code\\"}}"; echo

curl -s -u {name}:{name} {url}/api/phone/phone-numbers/; echo"""

_CODE_FROM_INBOX = """\
code=$(curl -s '{inbox}inbox.json?phone_number=%2B33612345678' |
  sed 's/^[^}}]*"code": "\\([0-9]*\\)".*/\\1/')"""

# A placeholder for the code that was delivered.
_CODE_FROM_PHONE = "code=123456"


class Command(BaseCommand):
    help = "Prepare the example, print where to start, and serve it until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: %(default)s)")
        parser.add_argument(
            "--data", action="store_true", help="fill the site with 90 days of data first, unless it has some"
        )
        parser.add_argument("--prepare", action="store_true", help="create the tables and the user, and exit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the database, print the guide, and serve."""
        if not settings.DEBUG:
            raise CommandError("The demo creates an administrator with a public password. It needs DEBUG=1.")
        if not options["prepare"]:
            check_port(options["port"])
        call_command("migrate", verbosity=0)
        create_user()
        if options["data"] and not rows.exist():
            call_command(demo_data.Command(), stdout=io.StringIO())
        if not options["prepare"]:
            url = f"http://127.0.0.1:{options['port']}"
            send_webhooks_to(url)
            self.stdout.write(guide(url, title=self.style.SUCCESS))
            serve(options["port"])


def check_port(port: int) -> None:
    """Raise CommandError for a port that can't be listened on."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError) as error:
        reason = "is in use" if getattr(error, "errno", None) == errno.EADDRINUSE else "can't be used"
        raise CommandError(f"Port {port} {reason}. Choose another with --port.") from error


def send_webhooks_to(url: str) -> None:
    """Send webhooks to this server, whatever its port, unless the environment sets another base URL."""
    if settings.DING["WEBHOOK_BASE_URL"] == SITE_URL:
        settings.DING["WEBHOOK_BASE_URL"] = url


def create_user() -> None:
    """Create the demo's user unless it exists."""
    user, _ = get_user_model().objects.get_or_create(username=NAME, defaults={"is_staff": True, "is_superuser": True})
    if not user.check_password(NAME):
        user.set_password(NAME)
        user.save()


def guide(url: str, *, title: Any = str) -> str:
    """Return where to start, how to log in, and the REST calls as ``curl`` commands for bash and zsh."""
    inbox = f"{url}{settings.INBOX_URL}" if settings.INBOX_URL.startswith("/") else settings.INBOX_URL
    code = _CODE_FROM_INBOX.format(inbox=inbox) if inbox else _CODE_FROM_PHONE
    return _GUIDE.format(
        title=title("django-ding: the example is running"),
        browser=title("Try it in a browser"),
        rest=title("Try the REST API: paste this into another terminal"),
        url=url,
        api=reverse("api-docs" if apps.is_installed("drf_spectacular") else "django_ding_api:phone-numbers"),
        inbox=inbox
        or (
            "none: the SMS gateway delivers the codes" if settings.DING_SMS_GATEWAY else "none: codes go to real phones"
        ),
        name=NAME,
        demo_data=manage_command("demo_data", *(["--replace"] if rows.exist() else [])),
        curl=_CURL.format(url=url, name=NAME, code=code),
    )


def serve(port: int) -> None:
    """Serve until Ctrl-C."""
    # Style sheets and scripts are compressed, too: without a handler of their own, they pass the middleware.
    options = {"use_reloader": False, "use_static_handler": False, "skip_checks": True}
    # The guide replaces what runserver prints at its start.
    call_command("runserver", f"127.0.0.1:{port}", **options, stdout=io.StringIO())
