"""Send a code."""

from dataclasses import asdict
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.utils import timezone

from django_ding import phone
from django_ding.backends import DEFAULT_ALIAS, get_backend
from django_ding.backends.base import BaseBackend, RetryStatus, SendRequest, SendResult, SendStatus, Signals
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, DingError, InvalidPhoneNumber
from django_ding.models import Authentication, Event
from django_ding.services.records import outside_transaction, record, short_transaction, write, write_alias
from django_ding.services.retrying import retry
from django_ding.signals import code_sent, send_failed

_SENT = (SendStatus.PENDING, SendStatus.UNKNOWN)
_OVER = (RetryStatus.EXPIRED_AUTH, RetryStatus.ALREADY_VALIDATED, RetryStatus.NO_ATTEMPT)


def send(
    phone_number: str,
    *,
    user: Any = None,
    purpose: str = Authentication.Purpose.LINK,
    region: str | None = None,
    signals: Signals | None = None,
    locale: str | None = None,
    template_id: str | None = None,
    sender_id: str | None = None,
    backend: str = DEFAULT_ALIAS,
) -> Authentication:
    """Send a code to a phone number.

    A requester who asks again for the same number and purpose gets the live authentication: unchanged within the
    cooldown, retried after it. The requester is the user or, for somebody who is not signed in, the IP address.

    Look at the ``status`` of what is returned: ``pending`` means that a code is on its way, ``rate_limited`` and
    ``spam_detected`` that the provider refused to send one.

    :param phone_number: as typed; national numbers are read with ``region``.
    :param user: whose number it is to be; ``None`` or an ``AnonymousUser`` for somebody who is not signed in.
    :param purpose: what it is verified for, a name of at most 32 characters. A code sent for ``link`` makes the
        number the user's own.
    :param region: ISO 3166-1 alpha-2, instead of ``DING["DEFAULT_REGION"]``.
    :param signals: what is known of the user's device and address.
    :param locale: BCP 47 tag of the message's language; by default that of the number's country.
    :param template_id: a message template of the provider's account.
    :param sender_id: a Sender ID that the provider's account may use.
    :param backend: alias in ``DING["BACKENDS"]``.
    :raises InvalidPhoneNumber: when no such number can exist; nothing is written.
    :raises InputError: when the provider refuses the number or a signal. The row says why.
    :raises AccountError: when the provider refuses our account. The row says why.
    :raises BackendUnavailable: in an outage. The row says so.
    """
    authentication, _ = send_or_resume(
        phone_number,
        user=user,
        purpose=purpose,
        region=region,
        signals=signals,
        locale=locale,
        template_id=template_id,
        sender_id=sender_id,
        backend=backend,
    )
    return authentication


@outside_transaction
def send_or_resume(
    phone_number: str,
    *,
    user: Any = None,
    purpose: str = Authentication.Purpose.LINK,
    region: str | None = None,
    signals: Signals | None = None,
    backend: str = DEFAULT_ALIAS,
    **message: str | None,
) -> tuple[Authentication, bool]:
    """Do what :func:`send` does, and tell besides whether the authentication is a new one."""
    number = normalize(phone_number, region)
    signals = signals or Signals()
    user = user if user and user.is_authenticated else None
    _refuse_malformed(purpose, signals)
    provider = get_backend(backend)
    live = _live_authentication(number, user=user, purpose=purpose, ip=signals.ip)
    if live and _still_good(live):
        return live, False
    authentication = _intend(number, user=user, purpose=purpose, signals=signals, backend=backend)
    request = SendRequest(phone_number=number, correlation_id=str(authentication.public_id), signals=signals, **message)
    _settle(authentication, _ask(provider, authentication, request))
    return authentication, True


def normalize(phone_number: str, region: str | None = None) -> str:
    """Return the E.164 form of a number as typed, in ``region`` or ``DING["DEFAULT_REGION"]``.

    :raises InvalidPhoneNumber: with the reason.
    """
    try:
        return phone.parse(phone_number, region or ding_settings.DEFAULT_REGION)
    except phone.NotAPhoneNumber as error:
        raise InvalidPhoneNumber(error.reason) from None


def _refuse_malformed(purpose: str, signals: Signals) -> None:
    if not 0 < len(purpose) <= 32:
        raise ValueError(f"A purpose is a name of 1 to 32 characters, not {purpose!r}.")
    if signals.ip is not None:
        ip_address(signals.ip)


def _live_authentication(number: str, *, user: Any, purpose: str, ip: str | None) -> Authentication | None:
    return (
        Authentication.objects.using(write_alias())
        .checkable(timezone.now(), max_checks=ding_settings.MAX_CHECKS)
        .of_requester(user, ip)
        .filter(phone_number=number, purpose=purpose)
        .order_by("-created_at")
        .first()
    )


def _still_good(live: Authentication) -> bool:
    """Retry a live authentication whose cooldown is over. One that is over with the provider is no good."""
    if not live.may_retry(timezone.now()):
        return True
    return retry(live).status not in _OVER


def _intend(number: str, *, user: Any, purpose: str, signals: Signals, backend: str) -> Authentication:
    """INSERT what is about to be sent, so that no crash can hide a message that was paid for."""
    now = timezone.now()
    device = {name: value for name, value in asdict(signals).items() if value is not None and name != "ip"}
    return Authentication.objects.using(write_alias()).create(
        phone_number=number,
        country=phone.country(number),
        user=user,
        purpose=purpose,
        backend=backend,
        ip=signals.ip,
        signals=device,
        created_at=now,
        expires_at=now + timedelta(seconds=ding_settings.CODE_LIFETIME),
        next_retry_at=now + timedelta(seconds=ding_settings.RETRY_COOLDOWN),
        remaining_retry=ding_settings.MAX_RETRIES,
    )


def _ask(provider: BaseBackend, authentication: Authentication, request: SendRequest) -> SendResult:
    try:
        result = provider.send(request)
        if result.status in _SENT and not result.authentication_uuid:
            raise BackendUnavailable(code="incomplete_answer")
    except DingError as error:
        _fail(authentication, error)
        raise
    return result


def _fail(authentication: Authentication, error: DingError) -> None:
    with short_transaction():
        write(authentication, status=Authentication.Status.FAILED, error_code=error.code)
        record(authentication, Event.Type.ERROR, error.code, facts={"operation": "send"})
    send_failed.send_robust(Authentication, authentication=authentication, error_code=error.code)


def _settle(authentication: Authentication, result: SendResult) -> None:
    sent = result.status in _SENT
    with short_transaction():
        write(
            authentication,
            status=Authentication.Status(result.status.value),
            error_code="" if sent else result.status.value,
            authentication_uuid=result.authentication_uuid or "",
            expires_at=result.expires_at or authentication.expires_at,
        )
        record(authentication, Event.Type.AUTHENTICATION, result.provider_status or result.status)
    if sent:
        code_sent.send_robust(Authentication, authentication=authentication, attempt_number=1)
    else:
        send_failed.send_robust(Authentication, authentication=authentication, error_code=result.status.value)
