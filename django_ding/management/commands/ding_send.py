from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser

from django_ding.backends import get_backend
from django_ding.backends.sandbox import PreludeSandboxBackend, SandboxBackend
from django_ding.management.base import DingCommand, DingCommandError, add_backend, add_region, name
from django_ding.management.output import authentication_data, authentication_table
from django_ding.models import Authentication
from django_ding.models.base import write_alias
from django_ding.sandbox.project import project_simulator
from django_ding.services import RetryStatus, send

_IN_SANDBOX = """\
The code is {}. The sandbox that sent it ends with this command: the site's inbox doesn't show the code, and ding_check
can't check it. To share a sandbox with the site, run manage.py ding_sandbox; see "In a project" in its docs."""


class Command(DingCommand):
    """Send a code. The exit codes are documented in ``docs/commands.md``."""

    help = "Send a code to a phone number. Rate limits apply, and it costs money."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="a phone number, in any format")
        parser.add_argument("--user", metavar="USERNAME", help="the user who verifies the number (default: none)")
        parser.add_argument("--purpose", type=name, help="default: link with --user, otherwise signup")
        add_region(parser)
        parser.add_argument(
            "--locale", help="language of the message, such as fr-FR (default: that of the number's country)"
        )
        parser.add_argument("--template-id", metavar="ID", help="a message template of your account at the provider")
        parser.add_argument("--sender-id", metavar="ID", help="a sender ID of your account at the provider")
        add_backend(parser)
        super().add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        passed_on = {
            key: options[key] for key in ("purpose", "region", "locale", "template_id", "sender_id", "backend")
        }
        result = send(options["number"], user=_get_user(options["user"]), **passed_on)
        authentication = result.authentication
        is_sent = result.retry.status is RetryStatus.APPROVED if result.retry else result.is_new
        sentence = "Sent a code to {}." if is_sent else "Nothing was sent to {}: the last code is still valid."
        code = _sandbox_code(authentication)
        self.write_result(
            options,
            {
                "sent": is_sent,
                "authentication": authentication_data(authentication),
                **({"sandbox_code": code} if code else {}),
            },
            sentence.format(authentication.masked_number),
            *([_IN_SANDBOX.format(code)] if code else []),
            "",
            *authentication_table(authentication),
        )


def _sandbox_code(authentication: Authentication) -> str | None:
    """Return the code if the sandbox of this process has it: no inbox of another process can show it."""
    if not isinstance(get_backend(authentication.backend), SandboxBackend | PreludeSandboxBackend):
        return None
    messages = project_simulator().messages(authentication.phone_number)
    ours = (message for message in messages if message.authentication_uuid == authentication.authentication_uuid)
    return next((message.code for message in ours), None)


def _get_user(username: str | None) -> Any:
    if username is None:
        return None
    model = get_user_model()
    try:
        return model._default_manager.using(write_alias()).get(**{model.USERNAME_FIELD: username})
    except model.DoesNotExist:
        raise DingCommandError("No user has this username. Nothing was sent.", code="not_found") from None
