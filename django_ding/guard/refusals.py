"""What the guard refused, written down for whoever is asked why no code came."""

from datetime import datetime

from django.db import Error
from django.utils import timezone

from django_ding import logs, phone
from django_ding.exceptions import DingError, InputError, RateLimited
from django_ding.logs import kinds
from django_ding.models import Authentication, Refusal
from django_ding.services.records import on_conflict_again, write_alias
from django_ding.services.statements import Merging, insert_or_update

_ONE_AN_HOUR = Merging(
    columns=("last_at", "ip"), unique=("phone_number", "reason", "hour", "requester"), counter="count"
)


def refused(error: DingError, authentication: Authentication) -> None:
    """Log and count a refusal of the guard, for which the caller raises ``error``. Other failures are no refusals.

    One statement, whether or not it is the first of the hour. Where it fails, the refusal holds all the same.

    :param authentication: the one to retry, or one that there would have been.
    """
    if not isinstance(error, InputError | RateLimited):
        return
    logs.refused(error, authentication)
    row = _row(authentication, logs.reason_of(error), timezone.now())
    try:
        on_conflict_again(lambda: insert_or_update(row, _ONE_AN_HOUR, using=write_alias()))
    except Error as failure:  # Its text may hold the number.
        logs.log(kinds.REFUSAL_LOST, authentication, error=type(failure).__name__)


def _row(authentication: Authentication, reason: str, now: datetime) -> Refusal:
    number = authentication.phone_number
    return Refusal(
        phone_number=number,
        country=phone.country(number),
        prefix=phone.prefix(number),
        reason=reason[:64],
        hour=now.replace(minute=0, second=0, microsecond=0),
        first_at=now,
        last_at=now,
        user_id=authentication.user_id,
        requester="" if authentication.user_id is None else str(authentication.user_id),
        ip=authentication.ip,
    )
