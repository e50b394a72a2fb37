import errno
import io
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from example.sandbox import SITE_URL

NAME = "demo"

_GREETING = """
{title}

  Site    {url}/
  Inbox   {inbox}
  Admin   {url}/admin/
  API     {url}/api/phone/phone-numbers/

{walk}

  1. Log in as {name} with the password {name}: {url}/login/
  2. Add a phone number, say +33 6 12 34 56 78, and enter its code: {url}/phone/numbers/add/
  3. Open what is kept for those who have one: {url}/vault/
  4. Log out and in again, now with a code after the password.
  5. Log out, and log in with a number alone; a new one makes an account: {url}/phone/login/
  6. For an admin that is worth a look: python example_project/manage.py demo_data

{flow}

{curl}

Ctrl-C stops.
"""

# Without comments, which an interactive zsh takes for commands.
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

_CODE_FROM_PHONE = "code=123456"


class Command(BaseCommand):
    help = "Prepare the example, tell where to click, and serve it until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: %(default)s)")
        parser.add_argument("--prepare", action="store_true", help="make the database and the user, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, greet, serve."""
        if not settings.DEBUG:
            raise CommandError("The demo makes an administrator with a well-known password. It needs DEBUG=1.")
        if not options["prepare"]:
            refuse_busy(options["port"])
        call_command("migrate", verbosity=0)
        make_user()
        if not options["prepare"]:
            url = f"http://127.0.0.1:{options['port']}"
            report_to(url)
            self.stdout.write(greeting(url, title=self.style.SUCCESS))
            serve(options["port"])


def refuse_busy(port: int) -> None:
    """Refuse a port that can't be listened on, in one line."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError) as error:
        reason = "is in use" if getattr(error, "errno", None) == errno.EADDRINUSE else "can't be used"
        raise CommandError(f"Port {port} {reason}. Choose another with --port.") from error


def report_to(url: str) -> None:
    """Let callbacks come to this very server, whatever its port, unless the environment names another place."""
    if settings.DING["CALLBACK_BASE_URL"] == SITE_URL:
        settings.DING["CALLBACK_BASE_URL"] = url


def make_user() -> None:
    """Make the demo's user unless it is there."""
    user, _ = get_user_model().objects.get_or_create(username=NAME, defaults={"is_staff": True, "is_superuser": True})
    if not user.check_password(NAME):
        user.set_password(NAME)
        user.save()


def greeting(url: str, *, title: Any = str) -> str:
    """Return where to click, how to log in, and the REST flow as ``curl`` commands for bash and zsh."""
    inbox = f"{url}{settings.INBOX_URL}" if settings.INBOX_URL.startswith("/") else settings.INBOX_URL
    code = _CODE_FROM_INBOX.format(inbox=inbox) if inbox else _CODE_FROM_PHONE
    return _GREETING.format(
        title=title("django-ding: the example is running"),
        walk=title("A walk, with a browser"),
        flow=title("The REST flow, to paste into another terminal"),
        url=url,
        inbox=inbox or "none: the codes go to real phones",
        name=NAME,
        curl=_CURL.format(url=url, name=NAME, code=code),
    )


def serve(port: int) -> None:
    """Serve until Ctrl-C. What ``runserver`` says at its start is said already."""
    call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, skip_checks=True, stdout=io.StringIO())
