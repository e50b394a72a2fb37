"""Check a code."""

import re
from contextlib import nullcontext
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding import backends, logs
from django_ding.backends import base
from django_ding.backends.base import BaseBackend, CheckStatus
from django_ding.conf import CODE, ding_settings
from django_ding.exceptions import BackendUnavailable, InvalidCode
from django_ding.logs import kinds
from django_ding.models import Authentication, Event, PhoneNumber
from django_ding.phone import simplify
from django_ding.services import statements
from django_ding.services.claiming import own, renewal
from django_ding.services.records import (
    adopt,
    errors_recorded,
    event_of,
    expire,
    on_conflict_again,
    outside_transaction,
    record,
    short_transaction,
    write,
    write_alias,
    write_with,
)
from django_ding.services.results import CheckResult
from django_ding.signals import code_checked, phone_verified

_MAX_TYPED_LENGTH = 64
#: What ``AuthenticationQuerySet.checkable`` asks for, in SQL for the reason that ``statements`` gives.
_CHECKABLE = "status IN ('pending', 'unknown') AND expires_at > %(expires_at)s AND check_count < %(check_count)s"


@sensitive_variables()
@outside_transaction
def check(authentication: Authentication, code: str) -> CheckResult:
    """Check the code that a user received.

    At most ``DING["MAX_CHECKS"]`` codes per authentication reach the provider, however many requests come at once,
    and exactly one request is told ``valid`` (OWASP ASVS 5.0, 6.5.1 and 6.6.3). A spent, expired or exhausted
    authentication is refused without asking the provider.

    :param code: as typed: spaces, dashes and any Unicode digits are understood, leading zeros kept.
    :raises InvalidCode: when it has not 4 to 8 digits; nothing is counted.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage. A check that never reached the provider is not counted.
    """
    digits = normalize_code(code)
    provider = backends.get_backend(authentication.backend)
    if not _reserve(authentication):
        authentication.refresh_from_db(using=write_alias())
        refusal = _refusal(authentication)
        logs.answered(kinds.CHECK, authentication, refusal)
        return _result(authentication, refusal)
    answer, milliseconds = _ask(provider, authentication, digits)
    if answer.status is CheckStatus.VALID:
        result = on_conflict_again(lambda: _win(authentication))
    else:
        result = _lose(authentication, answer)
    logs.answered(kinds.CHECK, authentication, result.status, milliseconds=milliseconds)
    _announce(result)
    return result


def normalize_code(code: str) -> str:
    """Return the ASCII digits of a code as typed or pasted: ``" ١٢٣-٤٥٦ "`` is ``"123456"``.

    :raises InvalidCode: when there are not 4 to 8 of them.
    """
    if len(code) > _MAX_TYPED_LENGTH:
        raise InvalidCode
    digits = re.sub(r"[\s\-.]", "", simplify(code))
    if not CODE.fullmatch(digits):
        raise InvalidCode
    return digits


def _reserve(authentication: Authentication) -> bool:
    """Count the check before it is made, with one conditional UPDATE: the limit holds for any number at once."""
    reserved = statements.change(
        authentication,
        "check_count = check_count + 1",
        {"expires_at": timezone.now(), "check_count": ding_settings.MAX_CHECKS},
        where=_CHECKABLE,
        using=write_alias(),
    )
    if reserved:
        adopt(authentication, check_count=authentication.check_count + 1)
    return reserved


def _refusal(authentication: Authentication) -> CheckStatus:
    if authentication.status == Authentication.Status.VALIDATED:
        return CheckStatus.ALREADY_VALIDATED
    if authentication.status == Authentication.Status.EXPIRED:
        return CheckStatus.EXPIRED_AUTH
    if authentication.status not in Authentication.LIVE_STATUSES:
        return CheckStatus.WITHOUT_ATTEMPT
    return CheckStatus.EXPIRED_AUTH if authentication.expires_at <= timezone.now() else CheckStatus.RATE_LIMITED


def _ask(provider: BaseBackend, authentication: Authentication, digits: str) -> tuple[base.CheckResult, float]:
    """Return the answer, and in how many milliseconds it came."""
    with errors_recorded(authentication, "check") as stopwatch:
        try:
            return provider.check(authentication.authentication_uuid, digits), stopwatch.milliseconds
        except BackendUnavailable as error:
            if not error.reached:
                _give_back(authentication)
            raise


def _give_back(authentication: Authentication) -> None:
    """Undo the reservation of a check that never reached the provider."""
    row = Authentication.objects.using(write_alias()).filter(pk=authentication.pk)
    row.update(check_count=F("check_count") - 1)
    adopt(authentication, check_count=authentication.check_count - 1)


def _win(authentication: Authentication) -> CheckResult:
    """Settle a right code, all of it or nothing. Two users who prove one number at once collide on a constraint."""
    now = timezone.now()
    won: dict[str, Any] = {"status": Authentication.Status.VALIDATED, "validated_at": now, "slot": None}
    number = None
    user_id, phone_number = authentication.user_id, authentication.phone_number
    claims = user_id is not None and authentication.purpose == Authentication.Purpose.LINK
    event = event_of(authentication, Event.Type.CHECK, CheckStatus.VALID)
    besides = None if claims or user_id is None else renewal(user_id, phone_number, now)
    with short_transaction() if claims else nullcontext():
        if not write_with(authentication, event, where="validated_at IS NULL", besides=besides, **won):
            return _result(authentication, CheckStatus.ALREADY_VALIDATED)
        if claims:
            number = own(user_id, phone_number, now)
    return _result(authentication, CheckStatus.VALID, number=number, taken=claims and number is None)


def _lose(authentication: Authentication, answer: base.CheckResult) -> CheckResult:
    with short_transaction():
        if answer.status in (CheckStatus.EXPIRED_AUTH, CheckStatus.ALREADY_VALIDATED):
            expire(authentication)  # A winner that is about to settle overwrites it.
        if answer.status is CheckStatus.RATE_LIMITED:
            write(authentication, check_count=max(authentication.check_count, ding_settings.MAX_CHECKS))
        record(authentication, Event.Type.CHECK, answer.provider_status or answer.status)
    return _result(authentication, answer.status)


def _announce(result: CheckResult) -> None:
    authentication = result.authentication
    code_checked.send_robust(Authentication, authentication=authentication, status=result.status)
    if result.status is CheckStatus.VALID:
        phone_verified.send_robust(Authentication, authentication=authentication, phone_number=result.phone_number)


def _result(
    authentication: Authentication,
    status: CheckStatus,
    *,
    number: PhoneNumber | None = None,
    taken: bool = False,
) -> CheckResult:
    return CheckResult(
        status=status,
        authentication=authentication,
        remaining_checks=authentication.remaining_checks,
        phone_number=number,
        number_taken=taken,
    )
