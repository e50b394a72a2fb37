"""The services as the pages call them: what fails is a :class:`FlowError`, a sentence for the visitor."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, services
from django_ding.backends.types import DeviceType
from django_ding.exceptions import Blocked, DingError, InputError, LockedOut, RateLimited
from django_ding.login import texts
from django_ding.models import Authentication, RecoveryCode
from django_ding.services import CheckResult, CheckStatus, DeviceSignals, RetryStatus

#: The results after which the same code may still be right.
_UNDECIDED = (CheckStatus.UNKNOWN, CheckStatus.RATE_LIMITED, CheckStatus.WITHOUT_ATTEMPT)


class FlowError(Exception):
    """A step of a flow failed; ``str(error)`` is what to say to the visitor.

    It is empty where the next page shows the reason and the session must not change.

    :ivar code: of :mod:`django_ding.codes`, or that of a :class:`~django_ding.exceptions.DingError`.
    :ivar is_input: whether the visitor's input is the cause, so that the message belongs beside its field.
    :ivar is_temporary: whether the same input may be right a little later, as after an outage, so that it is kept.
    :ivar retry_after: seconds until then, if they are known.
    :ivar scope: the limit that was hit, as of :class:`~django_ding.exceptions.RateLimited`; empty for none.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str,
        is_input: bool = False,
        is_temporary: bool = False,
        retry_after: float | None = None,
        scope: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_input = is_input
        self.is_temporary = is_temporary
        self.retry_after = retry_after
        self.scope = scope

    @classmethod
    def from_error(cls, error: DingError) -> "FlowError":
        is_input = isinstance(error, InputError | Blocked)
        return cls(
            texts.error_message(error),
            code=error.code,
            is_input=is_input,
            is_temporary=not is_input,
            retry_after=getattr(error, "retry_after", None),
            scope=getattr(error, "scope", ""),
        )


@sensitive_variables()
def send(
    request: HttpRequest, phone_number: str, *, purpose: str, user: Any = None, dispatch_id: str | None = None
) -> Authentication:
    """Send a code in the language of the page.

    A code whose response was lost is one to enter, too: its message may come, and another can't be sent at once.

    :param dispatch_id: as for :func:`django_ding.services.send`.
    :raises FlowError: when there is no code to enter.
    """
    language = get_language()
    try:
        result = services.send(
            phone_number,
            user=user,
            purpose=purpose,
            request=request,
            device_signals=DeviceSignals(device_type=DeviceType.WEB),
            locale=to_locale(language).replace("_", "-") if language else None,  # BCP 47: pt-BR for Django's pt-br.
            dispatch_id=dispatch_id,
        )
    except DingError as error:
        lost: Authentication | None = getattr(error, "authentication", None)
        if lost:
            return lost
        raise FlowError.from_error(error) from None
    return result.authentication


@sensitive_variables()
def check(request: HttpRequest, authentication: Authentication, code: str) -> CheckResult:
    """Check a code, and return the result of a right one: ``valid`` or ``number_taken``.

    :raises FlowError: for any other code.
    """
    try:
        result = services.check(authentication, code, request=request)
    except DingError as error:
        raise FlowError.from_error(error) from None
    match result.status:
        case CheckStatus.VALID | CheckStatus.NUMBER_TAKEN:
            return result
        case CheckStatus.ALREADY_VALIDATED:
            # A parallel request may just have won this code and logged the visitor in under a new session key. A
            # message would have to be saved to the former session, which is gone.
            raise FlowError(code=result.status)
    raise _check_error(result)


@sensitive_variables()
def redeem_recovery_code(
    request: HttpRequest,
    code: str,
    *,
    user: Any = None,
    authentication: Authentication | None = None,
    phone_number: str | None = None,
) -> RecoveryCode:
    """Check a recovery code, and return the row of a right one. The arguments are those of the service.

    :raises FlowError: for any other code, with the words for a wrong code of a message.
    """
    try:
        result = services.redeem_recovery_code(
            code, user=user, authentication=authentication, phone_number=phone_number, request=request
        )
    except DingError as error:
        raise FlowError.from_error(error) from None
    if result.recovery_code is not None:
        return result.recovery_code
    if result.check is None:
        raise FlowError(
            str(_("Incorrect code. Try again, or ask support for a new one.")), code="invalid", is_input=True
        )
    raise _check_error(result.check)


def retry(authentication: Authentication, *, channel: str | None = None) -> None:
    """Send another code, by the channel that the visitor chose.

    :raises FlowError: when none was sent.
    """
    try:
        result = services.retry(authentication, channel=channel)
    except DingError as error:
        if error.may_have_executed:
            raise FlowError(str(texts.UNCONFIRMED), code=error.code) from None
        raise FlowError.from_error(error) from None
    if result.status is not RetryStatus.APPROVED:
        raise FlowError(texts.retry_message(result), code=result.status)


def resend(request: HttpRequest, authentication: Authentication, *, channel: str | None = None) -> Authentication:
    """Send another code, and return the authentication that it is for: another one after a response was lost.

    :raises FlowError: when none was sent.
    """
    row = authentication
    if row.is_lost and row.is_cooling(clock.now()):
        raise FlowError(str(texts.NOT_RESENT), code=RetryStatus.RATE_LIMITED)
    try:
        if row.is_lost:
            return send(request, row.phone_number, purpose=row.purpose, user=row.user)
        retry(row, channel=channel)
    except FlowError as error:
        if error.code == RateLimited.code and error.retry_after:
            raise FlowError(str(texts.NOT_RESENT), code=error.code, retry_after=error.retry_after) from None
        raise
    return row


def _check_error(result: CheckResult) -> FlowError:
    if result.is_locked_out:
        return FlowError.from_error(LockedOut())
    return FlowError(
        texts.check_message(result),
        code=result.status,
        is_input=result.status is CheckStatus.INVALID,
        is_temporary=result.status in _UNDECIDED and texts.is_open(result.authentication),
        retry_after=result.retry_after,
    )
