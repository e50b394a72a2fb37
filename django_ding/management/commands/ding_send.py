import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.utils import timezone

from django_ding.backends.base import RetryStatus
from django_ding.management.arguments import add_backend, add_json, add_region, name
from django_ding.management.authentications import details, facts
from django_ding.management.base import INCOMPLETE, DingCommand, Problem
from django_ding.models import Authentication
from django_ding.services import SendResult, send_or_resume
from django_ding.services.records import write_alias


class Command(DingCommand):
    """Send a code, as the service does. The exit codes are documented in ``docs/commands.md``."""

    help = "Send a code to a phone number. It passes the guard, and it costs money."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="the phone number, as people write it")
        parser.add_argument("--user", metavar="USERNAME", help="whose number it is to be (nobody's)")
        parser.add_argument(
            "--purpose", type=name, default=Authentication.Purpose.LINK.value, help="what it is verified for (link)"
        )
        add_region(parser)
        parser.add_argument("--locale", help="language of the message, such as fr-FR (that of the number's country)")
        parser.add_argument("--template-id", metavar="ID", help="a message template of the provider's account")
        parser.add_argument("--sender-id", metavar="ID", help="a Sender ID of the provider's account")
        add_backend(parser)
        add_json(parser)

    def handle(self, *args: str, **options: Any) -> None:
        about = {key: options[key] for key in ("purpose", "region", "locale", "template_id", "sender_id", "backend")}
        result = send_or_resume(options["number"], user=_user(options["user"]), **about)
        authentication = result.authentication
        told = {"sent": _is_sent(result), "authentication": facts(authentication)}
        self.answer(told, [_sentence(result), "", *details(authentication)], as_json=options["json"])
        if not _is_good(result):
            sys.exit(INCOMPLETE)


def _user(username: str | None) -> Any:
    model = get_user_model()
    if username is None:
        return None
    try:
        return model._default_manager.using(write_alias()).get(**{model.USERNAME_FIELD: username})
    except model.DoesNotExist:
        raise Problem("There is no user of this name. Nothing was sent.", code="not_found") from None


def _is_sent(result: SendResult) -> bool:
    """Tell whether a message is on its way, the first one or a retry."""
    if result.retry:
        return result.retry.status is RetryStatus.APPROVED
    return result.is_new and result.authentication.status in Authentication.SENT_STATUSES


def _is_good(result: SendResult) -> bool:
    """Tell whether there is a code to enter, be it an earlier one."""
    authentication = result.authentication
    return authentication.is_live(timezone.now()) and authentication.remaining_checks > 0


def _sentence(result: SendResult) -> str:
    number = result.authentication.masked_number
    if _is_sent(result):
        return f"Sent a code to {number}."
    if _is_good(result):
        return f"Nothing was sent to {number}: the last code is still good."
    if result.authentication.is_live(timezone.now()):
        return f"Nothing was sent to {number}: no check is left until the last code expires."
    return f"Nothing was sent to {number}: {result.authentication.status}."
