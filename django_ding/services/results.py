"""What the services answer. Like the provider's answers, with what this app knows besides."""

from dataclasses import dataclass
from datetime import datetime

from django_ding.backends.base import CheckStatus, RetryStatus
from django_ding.models import Authentication, PhoneNumber


@dataclass(frozen=True, kw_only=True)
class RetryResult:
    """What became of a retry.

    :ivar status: only ``RetryStatus.APPROVED`` means that a new message is on its way.
    :ivar next_retry_at: the earliest time of another retry (aware UTC), ``None`` when there will be none.
    :ivar remaining_retry: retries left.
    """

    status: RetryStatus
    authentication: Authentication
    next_retry_at: datetime | None
    remaining_retry: int


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """What became of a request to send.

    :ivar is_new: whether it made a new authentication. Otherwise it is the requester's live one.
    :ivar retry: what became of the retry, when the live one's cooldown was over.
    """

    authentication: Authentication
    is_new: bool = False
    retry: RetryResult | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What became of a code that was entered.

    :ivar status: only ``CheckStatus.VALID`` proves control of the number, and only one request ever gets it.
    :ivar remaining_checks: how many more codes may be tried.
    :ivar phone_number: the row the user's account got, for the purpose ``link``.
    :ivar number_taken: the code was right, but the number belongs to another account, so none was linked.
    """

    status: CheckStatus
    authentication: Authentication
    remaining_checks: int
    phone_number: PhoneNumber | None = None
    number_taken: bool = False


@dataclass(frozen=True, kw_only=True)
class SettleResult:
    """How many rows were settled.

    :ivar answers_lost: sends whose answer a crash took away; their messages may have been sent.
    :ivar expired: authentications that were live past their time.
    :ivar unasked: those among ``expired`` that the provider could not be asked about: their timeline may lack its end.
    """

    answers_lost: int = 0
    expired: int = 0
    unasked: int = 0

    def __add__(self, other: "SettleResult") -> "SettleResult":
        return SettleResult(
            answers_lost=self.answers_lost + other.answers_lost,
            expired=self.expired + other.expired,
            unasked=self.unasked + other.unasked,
        )

    @property
    def settled(self) -> int:
        """All the rows that were settled."""
        return self.answers_lost + self.expired
