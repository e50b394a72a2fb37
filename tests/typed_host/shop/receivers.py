"""Receivers of the signals."""

import logging
from typing import Any

from django.contrib.auth.models import User
from django.dispatch import receiver

from django_ding.backends.types import CheckStatus
from django_ding.models import Authentication, Block, PhoneNumber
from django_ding.signals import code_checked, code_sent, phone_released, phone_verified, pumping_suspected

logger = logging.getLogger(__name__)


@receiver(code_sent)
def log_sent(sender: type[Authentication], authentication: Authentication, attempt_number: int, **kwargs: Any) -> None:
    logger.info("Message %d to %s", attempt_number, authentication.masked_number)


@receiver(code_checked)
def log_checked(
    sender: type[Authentication], authentication: Authentication, status: CheckStatus, **kwargs: Any
) -> None:
    logger.info("%s after %d codes", status.label, authentication.check_count)


@receiver(phone_verified)
def welcome(
    sender: type[Authentication], authentication: Authentication, phone_number: PhoneNumber | None, **kwargs: Any
) -> None:
    if phone_number is not None and phone_number.is_primary:
        logger.info("%s is the primary number of %s", phone_number, phone_number.user)


@receiver(phone_released)
def say_goodbye(sender: type[PhoneNumber], user: User, phone_number: str, reason: str, **kwargs: Any) -> None:
    user.email_user("Your phone number", "It is no longer linked to your account.")


@receiver(pumping_suspected)
def page_somebody(sender: type[Block], block: Block, **kwargs: Any) -> None:
    logger.warning(
        "%s of %d codes to %s were entered until %s", block.validated, block.sends, block.subject, block.expires_at
    )
