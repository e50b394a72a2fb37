"""The kinds of record. ``docs/logging.md`` lists them; a test holds the two against each other."""

from dataclasses import dataclass
from logging import ERROR, INFO, WARNING


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of record.

    :ivar event: its name, which is in its field ``event``.
    :ivar levels: those it may have, the usual one first.
    :ivar message: how it reads, its fields as ``%(name)s``.
    :ivar fields: their names. A record has all of them; what is not known is ``None``.
    """

    event: str
    levels: tuple[int, ...]
    message: str
    fields: tuple[str, ...]


#: The fields that tell which authentication a record is on.
ABOUT = ("correlation_id", "authentication_uuid", "user_id", "masked_number", "purpose", "backend")

SEND = Kind(
    event="send",
    levels=(INFO, WARNING),
    message="A code to %(masked_number)s: %(status)s.",
    fields=(*ABOUT, "status", "milliseconds"),
)
RETRY = Kind(
    event="retry",
    levels=(INFO, WARNING),
    message="Another code to %(masked_number)s: %(status)s.",
    fields=(*ABOUT, "status", "milliseconds"),
)
CHECK = Kind(
    event="check",
    levels=(INFO, WARNING),
    message="A code of %(masked_number)s was entered: %(status)s.",
    fields=(*ABOUT, "status", "milliseconds"),
)
REFUSAL = Kind(
    event="refusal",
    levels=(WARNING,),
    message="The guard refused a code to %(masked_number)s: %(reason)s.",
    fields=(*ABOUT, "reason", "retry_after"),
)
REFUSAL_LOST = Kind(
    event="refusal_lost",
    levels=(ERROR,),
    message="A refusal of a code to %(masked_number)s could not be written down: %(error)s.",
    fields=(*ABOUT, "error"),
)
CALLBACK = Kind(
    event="callback",
    levels=(INFO,),
    message="A callback on %(masked_number)s: %(type)s %(status)s.",
    fields=(*ABOUT, "type", "status"),
)
CALLBACK_REFUSED = Kind(
    event="callback_refused",
    levels=(WARNING,),
    message="A callback was answered with %(http_status)d: %(reason)s.",
    fields=("correlation_id", "reason", "http_status"),
)
PROVIDER_ERROR = Kind(
    event="provider_error",
    levels=(ERROR, WARNING),
    message="The backend %(backend)r failed at %(operation)s (%(error_code)s). %(explanation)s",
    fields=(*ABOUT, "operation", "error_code", "explanation", "milliseconds"),
)
BLOCK = Kind(
    event="block",
    levels=(WARNING,),
    message=(
        "Pumping is suspected: no code goes to %(scope)s %(subject)s until %(until)s. "
        "Entered: %(validated)d of the last %(sends)d."
    ),
    fields=("scope", "subject", "until", "sends", "validated"),
)
COUNTERS_UNAVAILABLE = Kind(
    event="counters_unavailable",
    levels=(ERROR,),
    message="The counters of the guard can't be reached.",
    fields=(),
)
LOOKUP_CACHE_UNAVAILABLE = Kind(
    event="lookup_cache_unavailable",
    levels=(ERROR,),
    message="The cache of the lookups can't be reached.",
    fields=(),
)
