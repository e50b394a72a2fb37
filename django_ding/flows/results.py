"""What the services return."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, TypeVar

from django_ding.backends.types import CheckStatus, RetryStatus
from django_ding.models import Authentication, PhoneNumber

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Sums = TypeVar("_Sums", bound="DataclassInstance")


@dataclass(frozen=True, kw_only=True)
class RetryResult:
    """The outcome of a retry.

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
    """The authentication whose code can be entered.

    :ivar is_new: whether it is new. Otherwise it is the requester's live one.
    :ivar retry: the outcome of the retry that was made because the live one was past its cooldown: ``approved``, or
        ``denied`` when the provider declined, so that only the earlier code can be entered.
    :ivar silent_request_url: the URL that the user's device has to open for a silent verification, of which no message
        was sent. It is not stored: only this result has it.
    """

    authentication: Authentication
    is_new: bool = False
    retry: RetryResult | None = None
    silent_request_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The outcome of a check.

    :ivar status: ``VALID`` when the code was right, which only one request ever gets; ``NUMBER_TAKEN`` when it was
        right, but the number belongs to another account, so that it was not linked.
    :ivar remaining_checks: checks left; none once the number or user is locked out.
    :ivar phone_number: the row that was linked to the user's account, for the purpose ``link``.
    :ivar retry_after: seconds after which a rate-limited check may be tried again; ``None`` where none is possible.
    :ivar is_locked_out: whether this wrong code was one too many in a row: the next one raises ``LockedOut``.
    """

    status: CheckStatus
    authentication: Authentication
    remaining_checks: int
    phone_number: PhoneNumber | None = None
    retry_after: float | None = None
    is_locked_out: bool = False


@dataclass(frozen=True, kw_only=True)
class ReconcileResult:
    """How many rows were reconciled.

    :ivar answers_lost: sends whose response was lost in a crash; their messages may have been sent.
    :ivar expired: live authentications that had expired.
    :ivar skipped: those among ``expired`` whose provider couldn't be asked: their timeline may be incomplete.
    """

    answers_lost: int = 0
    expired: int = 0
    skipped: int = 0

    def __add__(self, other: "ReconcileResult") -> "ReconcileResult":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All the rows that were reconciled."""
        return self.answers_lost + self.expired


@dataclass(frozen=True, kw_only=True)
class RollUpResult:
    """How many days were rolled up.

    :ivar rolled_up: days whose statistics were counted from their rows.
    :ivar kept: days that keep earlier statistics, since some of their rows are gone.
    :ivar days: with ``dry_run``, the UTC days that would be rolled up.
    """

    rolled_up: int = 0
    kept: int = 0
    days: tuple[date, ...] = ()

    def __add__(self, other: "RollUpResult") -> "RollUpResult":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All the days that were looked at, or would be."""
        return self.rolled_up + self.kept + len(self.days)


@dataclass(frozen=True, kw_only=True)
class FeedbackReport:
    """How many numbers feedback was sent for.

    :ivar sent: the provider accepted it.
    :ivar already_sent: the provider had it already.
    :ivar rejected: the provider rejected it, for example because it has no authentication of the number.
    :ivar skipped: the provider couldn't be asked, or nothing was sent for a ``dry_run``.
    """

    sent: int = 0
    already_sent: int = 0
    rejected: int = 0
    skipped: int = 0

    def __add__(self, other: "FeedbackReport") -> "FeedbackReport":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All the numbers."""
        return self.sent + self.already_sent + self.rejected + self.skipped


@dataclass(frozen=True, kw_only=True)
class PurgeResult:
    """How many rows were deleted.

    :ivar events: those of the authentications. A ``dry_run`` doesn't count them.
    :ivar lockouts: those that were lifted.
    :ivar refusals: blocked requests, a row for each number, reason and hour.
    :ivar devices: expired remembered devices.
    :ivar counters: expired rate limit counters, where ``DING["RATE_LIMIT_CACHE"]`` is ``None``.
    """

    authentications: int = 0
    events: int = 0
    blocks: int = 0
    lockouts: int = 0
    recovery_codes: int = 0
    refusals: int = 0
    devices: int = 0
    counters: int = 0

    def __add__(self, other: "PurgeResult") -> "PurgeResult":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All of them except the events, which belong to their authentications."""
        return sum(getattr(self, count.name) for count in fields(self) if count.name != "events")


@dataclass(frozen=True, kw_only=True)
class NumberProblem:
    """A number that was left out.

    :ivar source: where it is, such as ``"line 12"`` of a file or ``"user 7"``.
    :ivar phone_number: masked; ``""`` for a text that is no number.
    :ivar reason: ``duplicate`` when it belongs to another account or row, ``unknown_user``, ``ambiguous_user``,
        ``invalid_date``, or why it is no valid number, a value of :class:`django_ding.phone.Reason`.
    """

    source: str
    phone_number: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """How many numbers were imported.

    :ivar unchanged: their users had them already.
    :ivar problems: those that were left out.
    """

    imported: int = 0
    unchanged: int = 0
    problems: tuple[NumberProblem, ...] = ()

    def __add__(self, other: "ImportResult") -> "ImportResult":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All the numbers."""
        return self.imported + self.unchanged + len(self.problems)


@dataclass(frozen=True, kw_only=True)
class RenumberResult:
    """How many verified numbers were changed.

    :ivar still_valid: those that weren't, because today's numbering plans have them.
    :ivar problems: those that couldn't be: another row has the new number, or it isn't valid either.
    """

    renumbered: int = 0
    still_valid: int = 0
    problems: tuple[NumberProblem, ...] = ()

    def __add__(self, other: "RenumberResult") -> "RenumberResult":
        return _sum(self, other)

    @property
    def total(self) -> int:
        """All the numbers that begin with the old prefix."""
        return self.renumbered + self.still_valid + len(self.problems)


@dataclass(frozen=True, kw_only=True)
class EraseResult:
    """How many rows of a person were erased.

    :ivar events: those of the authentications.
    :ivar refusals: blocked requests, a row for each number, reason and hour.
    :ivar devices: remembered devices of the user, or of the number's owner.
    :ivar anonymized: authentications that can no longer be linked to the person. The guard needs them for a while.
    :ivar kept_live: live authentications, which stay: erased, their code could be tried anew.
    :ivar retry_at: when the last of them has expired and can be erased (aware UTC); ``None`` when there is none.
    """

    phone_numbers: int = 0
    authentications: int = 0
    events: int = 0
    refusals: int = 0
    lockouts: int = 0
    recovery_codes: int = 0
    devices: int = 0
    anonymized: int = 0
    kept_live: int = 0
    retry_at: datetime | None = None


def _sum(left: _Sums, right: _Sums) -> _Sums:
    return type(left)(**{count.name: getattr(left, count.name) + getattr(right, count.name) for count in fields(left)})


@dataclass(frozen=True, kw_only=True)
class Drop:
    """A share of codes that is lower than usual.

    :ivar measure: ``"delivery"`` or ``"conversion"``: the share of codes delivered, or entered.
    :ivar field: ``"backend"``, ``"country"`` or ``"carrier"``; ``""`` for all codes.
    :ivar value: of the field: an alias, ISO 3166-1 alpha-2, or MCC and MNC.
    :ivar codes: codes that the share is of.
    :ivar share: from 0 to 1; ``usual`` likewise.
    """

    measure: str
    field: str
    value: str
    codes: int
    share: float
    usual: float


@dataclass(frozen=True, kw_only=True)
class WatchResult:
    """How the codes of an hour compare with those of the last seven days.

    :cvar NEWEST: codes requested this long ago are compared, up to ``OLDEST``: younger ones may still arrive.
    :cvar USUAL_DAYS: the complete UTC days before today whose share is the usual one.
    :ivar codes: codes sent in the hour.
    :ivar usual_days: of the seven days, those with statistics. Without any, nothing is compared.
    :ivar drops: what is lower than usual, the largest drop first.
    """

    NEWEST: ClassVar = timedelta(minutes=15)
    OLDEST: ClassVar = timedelta(minutes=75)
    USUAL_DAYS: ClassVar = 7

    codes: int
    usual_days: int
    drops: tuple[Drop, ...] = ()
