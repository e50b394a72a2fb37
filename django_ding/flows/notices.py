"""Text messages about an account's numbers, where the backend can send them."""

from functools import partial
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from django_ding import guard
from django_ding.backends import get_backend
from django_ding.backends.types import Channel
from django_ding.conf import ding_settings
from django_ding.exceptions import DingError
from django_ding.models import Authentication
from django_ding.models.base import write_alias
from django_ding.provider_calls import provider_call
from django_ding.steps import Steps, run_afterwards

#: What each notice says.
REMOVED = "django_ding/sms/number_removed.txt"
RECOVERY_CODE = "django_ding/sms/recovery_code.txt"


def send_notice(template: str, phone_number: str, *, user_id: Any) -> None:
    """Text a number, once the transaction has committed, what has happened to its account.

    The notice counts against the rate limits as a code does. Where these or the settings allow no code to the number,
    none is sent. No failure undoes anything.
    """
    send = partial(_send, template, phone_number, user_id=user_id)
    # No partial: Django before 6.1 logs the failure of a function by its name.
    transaction.on_commit(lambda: run_afterwards(send), using=write_alias(), robust=True)


def _send(template: str, phone_number: str, *, user_id: Any) -> Steps[None]:
    backend = get_backend()
    if not backend.supports_text or phone_number in ding_settings.TEST_NUMBERS:
        return
    text = render_to_string(template).strip()
    try:
        # By SMS, so that a landline, which can only be called, gets none.
        notice = Authentication(phone_number=phone_number, user_id=user_id, backend=backend.alias)
        yield from guard.consume.steps(notice, channel=Channel.SMS)
        with provider_call("send_text", phone_number=phone_number, backend=backend.alias):
            yield partial(backend.send_text, phone_number, text)
    except DingError:
        return  # The provider's failure has been logged.
