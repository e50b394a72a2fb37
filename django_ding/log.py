"""What is logged, on the logger ``django_ding``: each record has a constant message, and its values in fields.

``docs/logging.md`` lists the events and their fields for those who filter and count them; a test compares the two.
"""

import logging
import re
import time
from dataclasses import dataclass
from logging import ERROR, INFO, WARNING
from typing import TYPE_CHECKING, Any

from django_ding.phone import mask

if TYPE_CHECKING:
    from django_ding.models import Authentication, Block

logger = logging.getLogger("django_ding")

#: The prefix of each field's name, so that it can't clash with an attribute of ``LogRecord`` or a field of others.
PREFIX = "ding_"

#: Outcomes of everyday use, a mistyped code included, which need no warning.
_EXPECTED = {"pending", "approved", "valid", "number_taken", "invalid"}


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """A kind of record.

    :ivar name: the value of its field ``event``.
    :ivar levels: those it may have, the usual one first.
    :ivar message: the text, with its fields as ``%(name)s``.
    :ivar fields: their names. A record has all of them; what is unknown is ``None``.
    """

    name: str
    levels: tuple[int, ...]
    message: str
    fields: tuple[str, ...]


#: Anything like a phone number in the text of an exception.
_NUMBER = re.compile(r"\+?[0-9]{7,15}", re.ASCII)

#: The fields that identify the authentication of a record.
_AUTHENTICATION = ("correlation_id", "authentication_uuid", "user_id", "masked_number", "purpose", "backend")

SEND = LogEvent(
    name="send",
    levels=(INFO, WARNING),
    message="Code to %(masked_number)s: %(status)s.",
    fields=(*_AUTHENTICATION, "status", "milliseconds"),
)
RETRY = LogEvent(
    name="retry",
    levels=(INFO, WARNING),
    message="Another code to %(masked_number)s: %(status)s.",
    fields=(*_AUTHENTICATION, "status", "milliseconds"),
)
CHECK = LogEvent(
    name="check",
    levels=(INFO, WARNING),
    message="Code entered for %(masked_number)s: %(status)s.",
    fields=(*_AUTHENTICATION, "status", "milliseconds"),
)
REFUSAL = LogEvent(
    name="refusal",
    levels=(WARNING,),
    message="Code to %(masked_number)s blocked: %(reason)s.",
    fields=(*_AUTHENTICATION, "reason", "retry_after"),
)
REFUSAL_LOST = LogEvent(
    name="refusal_lost",
    levels=(ERROR, WARNING),
    message="A blocked code to %(masked_number)s could not be recorded: %(error)s.",
    fields=(*_AUTHENTICATION, "error"),
)
WEBHOOK = LogEvent(
    name="webhook",
    levels=(INFO,),
    message="Webhook for %(masked_number)s: %(type)s, status %(status)s.",
    fields=(*_AUTHENTICATION, "type", "status"),
)
WEBHOOK_REJECTED = LogEvent(
    name="webhook_rejected",
    levels=(WARNING,),
    message="Webhook rejected with HTTP %(http_status)d: %(reason)s.",
    fields=("backend", "correlation_id", "reason", "http_status"),
)
PROVIDER_ERROR = LogEvent(
    name="provider_error",
    levels=(ERROR, WARNING),
    message="The %(operation)s request to the backend %(backend)r failed (%(error_code)s). %(explanation)s",
    fields=(*_AUTHENTICATION, "operation", "error_code", "explanation", "milliseconds"),
)
BLOCK = LogEvent(
    name="block",
    levels=(WARNING,),
    message=(
        "Suspected SMS pumping: %(scope)s %(subject)s blocked for requesters of type %(requester_type)s until "
        "%(until)s (%(validated)d of the last %(sends)d entered a code)."
    ),
    fields=("scope", "subject", "requester_type", "until", "sends", "validated"),
)
OUTAGE_SUSPECTED = LogEvent(
    name="outage_suspected",
    levels=(WARNING,),
    message=(
        "Suspected outage: %(measure)s of %(field)s %(value)s is %(share)d%% of %(codes)d codes in the last hour, "
        "usually %(usual)d%%."
    ),
    fields=("measure", "field", "value", "codes", "share", "usual"),
)
LOCKOUT = LogEvent(
    name="lockout",
    levels=(WARNING,),
    message="%(wrong_codes)d wrong codes in a row: no code is accepted any more (by %(scope)s).",
    fields=(*_AUTHENTICATION, "scope", "wrong_codes"),
)
RECOVERY_CODE = LogEvent(
    name="recovery_code",
    levels=(INFO, WARNING),
    message="Recovery code for user %(user_id)s: %(status)s.",
    fields=("user_id", "created_by", "status"),
)
UNKNOWN_USER = LogEvent(
    name="unknown_user",
    levels=(ERROR,),
    message=(
        "The database %(database)r, where this app's tables are, has no row for the user, so nothing can be sent to "
        "them: they were deleted, or users are in another database. See “Several databases” in the docs."
    ),
    fields=(*_AUTHENTICATION, "database"),
)
SIGN_UP_FAILED = LogEvent(
    name="sign_up_failed",
    levels=(ERROR,),
    message=(
        'DING["USER_FACTORY"] created no user for %(masked_number)s, whose code was right. See “Accounts for new '
        "numbers” in the docs."
    ),
    fields=_AUTHENTICATION,
)
RATE_LIMITS_UNAVAILABLE = LogEvent(
    name="rate_limits_unavailable",
    levels=(ERROR,),
    message="The store of the rate limits can't be reached, so nothing is sent.",
    fields=(),
)
DATABASE_UNAVAILABLE = LogEvent(
    name="database_unavailable",
    levels=(ERROR, WARNING),
    message="The database can't be used: %(error)s",
    fields=("error",),
)
CLIENT_IP_UNKNOWN = LogEvent(
    name="client_ip_unknown",
    levels=(WARNING,),
    message=(
        "No IP address of a client can be read from %(source)s, so all such clients share the rate limits of one. Set "
        'DING["TRUSTED_PROXY_COUNT"] to the number of your own proxies that append to X-Forwarded-For.'
    ),
    fields=("source",),
)
LOOKUP_CACHE_UNAVAILABLE = LogEvent(
    name="lookup_cache_unavailable",
    levels=(ERROR,),
    message="The cache of lookups can't be reached.",
    fields=(),
)
UNAWAITED_ERROR = LogEvent(
    name="unawaited_error",
    levels=(ERROR,),
    message="Work that no caller waits for failed: %(explanation)s",
    fields=("explanation",),
)

EVENTS = (
    SEND,
    RETRY,
    CHECK,
    REFUSAL,
    REFUSAL_LOST,
    WEBHOOK,
    WEBHOOK_REJECTED,
    PROVIDER_ERROR,
    BLOCK,
    OUTAGE_SUSPECTED,
    LOCKOUT,
    RECOVERY_CODE,
    UNKNOWN_USER,
    SIGN_UP_FAILED,
    RATE_LIMITS_UNAVAILABLE,
    DATABASE_UNAVAILABLE,
    LOOKUP_CACHE_UNAVAILABLE,
    CLIENT_IP_UNKNOWN,
    UNAWAITED_ERROR,
)


def write(
    event: LogEvent,
    authentication: "Authentication | None" = None,
    *,
    level: int | None = None,
    exc_info: bool | BaseException | None = False,
    **values: Any,
) -> None:
    """Write a record, unless its level is off.

    :param level: one of the event's; by default its first.
    :param exc_info: whether to add the traceback of the current exception, messages included; or another exception.
    """
    level = level or event.levels[0]
    if not logger.isEnabledFor(level):
        return
    fields = dict.fromkeys(event.fields) | _authentication_fields(authentication) | values
    extra = {f"{PREFIX}{name}": value for name, value in {"event": event.name, **fields}.items()}
    logger.log(level, event.message, *([fields] if fields else []), exc_info=exc_info, extra=extra)


def log_result(
    event: LogEvent, authentication: "Authentication", status: str, *, milliseconds: float | None = None
) -> None:
    """Write the outcome of a send, a retry or a check.

    :param milliseconds: the provider's response time; ``None`` when it wasn't asked.
    """
    level = INFO if status in _EXPECTED else WARNING
    write(event, authentication, level=level, status=str(status), milliseconds=milliseconds)


def log_block(block: "Block") -> None:
    """Write that no code is sent to a prefix or country for a while."""
    until = block.expires_at.isoformat(timespec="seconds")
    write(
        BLOCK,
        scope=str(block.scope),
        subject=block.subject,
        requester_type=str(block.requester_type),
        until=until,
        sends=block.sends,
        validated=block.validated,
    )


def without_numbers(error: BaseException | None) -> BaseException | None:
    """Return an exception to log in place of one whose message may hold phone numbers, with the same traceback."""
    if error is None:
        return None
    return Exception(mask_numbers(f"{type(error).__name__}: {error}")).with_traceback(error.__traceback__)


def mask_numbers(text: str) -> str:
    """Return a text of another program's, whatever number in it may be a phone number masked."""
    return _NUMBER.sub(lambda found: mask(found[0]), text)


#: When an error was last logged at ERROR, by backend and code for one of our account, in seconds since the epoch.
reported_errors: dict[tuple[str | None, str], float] = {}
_REPORT_SECONDS = 60
_MAX_REPORTED = 100  # The codes are the provider's, so nothing else bounds them.


def repeated_level(key: tuple[str | None, str]) -> int:
    """Return ERROR once a minute for an error that fails each request until it is fixed, and WARNING in between."""
    now = time.time()
    if abs(now - reported_errors.get(key, 0.0)) < _REPORT_SECONDS:
        return WARNING
    if len(reported_errors) >= _MAX_REPORTED:
        reported_errors.clear()
    reported_errors[key] = now
    return ERROR


def _authentication_fields(authentication: "Authentication | None") -> dict[str, Any]:
    if authentication is None:
        return {}
    user_id = authentication.user_id
    return {
        "correlation_id": str(authentication.public_id),
        "authentication_uuid": authentication.authentication_uuid or None,
        "user_id": None if user_id is None else str(user_id),
        "masked_number": authentication.masked_number,
        "purpose": str(authentication.purpose),
        "backend": authentication.backend,
    }
