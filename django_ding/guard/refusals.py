"""A record of what the guard refused, for support: "I never got the code"."""

from datetime import datetime
from hashlib import sha256

from django.db import Error
from django.db.models import F
from django.utils import timezone

from django_ding import log, phone
from django_ding.exceptions import Blocked, DingError, InputError, RateLimited
from django_ding.models import Authentication, Refusal
from django_ding.models.base import user_key
from django_ding.transactions import retry_on_conflict

_MAX_KEY_LENGTH = 64  # A host's key may be a longer text. Its hash is as long as this.


def record_refusal(error: DingError, authentication: Authentication) -> None:
    """Log a refusal of the guard and count it in the row of its number, reason, hour and requester.

    Errors other than ``InputError``, ``Blocked`` and ``RateLimited`` are failures, not refusals, and are ignored. The
    caller raises ``error`` whether or not the refusal could be stored.

    :param authentication: the one that was to be retried, or an unsaved one that would have been sent.
    """
    if not isinstance(error, InputError | Blocked | RateLimited):
        return
    reason = error.scope if isinstance(error, RateLimited) else error.code
    log.write(log.REFUSAL, authentication, reason=reason, retry_after=getattr(error, "retry_after", None))
    try:
        retry_on_conflict(lambda: _count(authentication, reason[:64], timezone.now()))
    except Error as failure:  # Only its type is logged: its text may hold the number.
        log.write(log.REFUSAL_LOST, authentication, error=type(failure).__name__)


def _count(authentication: Authentication, reason: str, now: datetime) -> None:
    """Count a refusal by one UPDATE, or INSERT the row where it is the first of its hour.

    Of several first ones the unique constraint lets one in. The others raise ``IntegrityError`` and are run again.
    """
    number = authentication.phone_number
    key = {
        "phone_number": number,
        "reason": reason,
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "requester_key": _requester_key(authentication),
    }
    changes = {"last_at": now, "ip": authentication.ip}
    if not Refusal.write_db.filter(**key).update(count=F("count") + 1, **changes):
        Refusal.write_db.create(
            **key,
            **changes,
            first_at=now,
            user_id=authentication.user_id,
            country=phone.destination(number),
            prefix=phone.prefix(number),
        )


def _requester_key(authentication: Authentication) -> str:
    key = user_key(authentication.user_id)
    return key if len(key) <= _MAX_KEY_LENGTH else sha256(key.encode()).hexdigest()
