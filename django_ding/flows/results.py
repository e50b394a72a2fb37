"""What the services answer. Like the provider's answers, with what this app knows besides."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django_ding.backends.base import CheckStatus, RetryStatus
from django_ding.models import Authentication, PhoneNumber

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Sums = TypeVar("_Sums", bound="DataclassInstance")


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
        return _sum(self, other)

    @property
    def settled(self) -> int:
        """All the rows that were settled."""
        return self.answers_lost + self.expired


@dataclass(frozen=True, kw_only=True)
class RollUpResult:
    """How many days were rolled up.

    :ivar rolled_up: days whose figures are those of their rows now.
    :ivar kept: days that keep figures they had, since rows of theirs are gone.
    """

    rolled_up: int = 0
    kept: int = 0

    def __add__(self, other: "RollUpResult") -> "RollUpResult":
        return _sum(self, other)

    @property
    def done(self) -> int:
        """All the days that were looked at."""
        return self.rolled_up + self.kept


@dataclass(frozen=True, kw_only=True)
class ReportResult:
    """What became of the feedback on several numbers.

    :ivar told: the provider took it.
    :ivar known: it was given before.
    :ivar refused: the provider refused it, such as where it knows no authentication of the number.
    :ivar unasked: the provider could not be asked.
    """

    told: int = 0
    known: int = 0
    refused: int = 0
    unasked: int = 0

    def __add__(self, other: "ReportResult") -> "ReportResult":
        return _sum(self, other)

    @property
    def numbers(self) -> int:
        """All of them."""
        return self.told + self.known + self.refused + self.unasked


@dataclass(frozen=True, kw_only=True)
class PurgeResult:
    """How many rows were deleted.

    :ivar events: those of the authentications. They are not counted where nothing is deleted.
    :ivar refusals: rows of what the guard refused, each of one number, reason and hour.
    :ivar devices: remembered devices whose time was over.
    :ivar counters: counters of the guard whose window was over, where ``DING["COUNTERS"]`` is ``"database"``.
    """

    authentications: int = 0
    events: int = 0
    blocks: int = 0
    refusals: int = 0
    devices: int = 0
    counters: int = 0

    def __add__(self, other: "PurgeResult") -> "PurgeResult":
        return _sum(self, other)

    @property
    def rows(self) -> int:
        """All of them but the events, which go with their authentications."""
        return self.authentications + self.blocks + self.refusals + self.devices + self.counters


@dataclass(frozen=True, kw_only=True)
class EraseResult:
    """What was erased of a person.

    :ivar events: those of the authentications.
    :ivar refusals: rows of what the guard refused, each of one number, reason and hour.
    :ivar devices: those of the user, or of whoever had the number.
    :ivar anonymized: authentications that nothing ties to the person any more. The guard judges by them for a while.
    :ivar live: authentications that are left as they are, since their code could be tried anew if they were forgotten.
    :ivar again_at: when the last of them is over, and can be erased (aware UTC); ``None`` when there is none.
    """

    phone_numbers: int = 0
    authentications: int = 0
    events: int = 0
    refusals: int = 0
    devices: int = 0
    anonymized: int = 0
    live: int = 0
    again_at: datetime | None = None


def _sum(left: _Sums, right: _Sums) -> _Sums:
    return type(left)(**{count.name: getattr(left, count.name) + getattr(right, count.name) for count in fields(left)})
