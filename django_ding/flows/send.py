"""Send a code."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from django_ding import logs, phone
from django_ding.backends import DEFAULT_ALIAS, base, get_backend
from django_ding.backends.base import BaseBackend, SendRequest, SendStatus, Signals
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.exceptions import BackendUnavailable, DingError, InvalidPhoneNumber
from django_ding.guard import Ticket, admit
from django_ding.guard.address import place
from django_ding.logs import kinds
from django_ding.models import Authentication, Event
from django_ding.services.callbacks import make_callback_url
from django_ding.services.records import event_of, outside_transaction, write_alias, write_with
from django_ding.services.refusing import refused
from django_ding.services.results import SendResult
from django_ding.services.slots import slot_of, take
from django_ding.services.statements import insert
from django_ding.services.timeline import ONE_BEGINNING, beginning
from django_ding.signals import code_sent, send_failed

_SENT = (SendStatus.PENDING, SendStatus.UNKNOWN)


@sensitive_variables()
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
    cooldown, retried after it. The requester is the user or, for somebody who is not signed in, the IP address. Of
    many requests at once, one sends.

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
    :param backend: alias in ``DING["BACKENDS"]``. A number of ``DING["TEST_NUMBERS"]`` gets its own one instead.
    :raises InvalidPhoneNumber: when no such number can exist; nothing is written.
    :raises InputError: when the settings or a lookup rule out the number's country or kind of line, or the provider
        refuses it or a signal. In the latter case the row says why.
    :raises RateLimited: when too many were asked for, or too few entered; see ``DING["RATES"]`` and
        ``DING["CONVERSION"]``. There is no row then but a ``Refusal``, as when the settings or a lookup refuse.
    :raises UnsupportedOperation: when ``DING["LOOKUP_BEFORE_SEND"]`` is on and the backend has no lookup.
    :raises ImproperlyConfigured: when ``DING["CALLBACK_BASE_URL"]`` is set and the callbacks are not mounted.
    :raises AccountError: when the provider refuses our account. The row says why, unless it was asked for a lookup.
    :raises BackendUnavailable: in an outage. The row says so, unless it was asked for a lookup. When a message may have
        gone out all the same, the next one can be sent after the cooldown.
    """
    return send_or_resume(
        phone_number,
        user=user,
        purpose=purpose,
        region=region,
        signals=signals,
        locale=locale,
        template_id=template_id,
        sender_id=sender_id,
        backend=backend,
    ).authentication


@sensitive_variables()
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
) -> SendResult:
    """Do what :func:`send` does, and tell besides whether the authentication is new, and what became of a retry."""
    number = normalize(phone_number, region)
    signals = signals or Signals()
    user = user if user and user.is_authenticated else None
    _refuse_malformed(purpose, signals)
    backend = TEST_NUMBERS_ALIAS if number in ding_settings.TEST_NUMBERS else backend
    provider = get_backend(backend)
    whose = {"user": user, "ip": signals.ip, "purpose": purpose, "backend": backend}
    slot = slot_of(number, **whose)
    whose |= {"public_id": uuid4()}
    taken = take(
        slot,
        partial(_intend, number, slot=slot, signals=signals, **whose),
        looks_first=ding_settings.LOOKUP_BEFORE_SEND,
        on_refusal=lambda error: refused(error, Authentication(phone_number=number, **whose)),
    )
    if isinstance(taken, SendResult):
        return taken
    request = SendRequest(
        phone_number=number,
        correlation_id=str(taken.authentication.public_id),
        callback_url=taken.callback_url,
        signals=signals,
        **message,
    )
    result, milliseconds = _ask(provider, taken, request)
    _settle(taken.authentication, result)
    logs.answered(kinds.SEND, taken.authentication, result.status, milliseconds=milliseconds)
    return SendResult(authentication=taken.authentication, is_new=True)


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
        place(signals.ip)  # Refuses what is none.


@dataclass(frozen=True)
class _Intent:
    """A message that is about to be sent: its row, its slots in the rates, and where its delivery is reported to."""

    authentication: Authentication
    ticket: Ticket
    callback_url: str | None = field(repr=False)


def _intend(
    number: str, *, public_id: UUID, signals: Signals, user: Any, ip: str | None, backend: str, **about: Any
) -> _Intent:
    """Count what is about to be sent and INSERT it, so that no crash can hide a message that was paid for."""
    callback_url = make_callback_url(public_id)
    ticket = admit(number, user_id=user.pk if user else None, ip=ip, backend=backend, public_id=public_id)
    about |= {"public_id": public_id, "signals": signals, "user": user, "ip": ip, "backend": backend}
    try:
        return _Intent(_insert(number, **about), ticket, callback_url)
    except BaseException:
        ticket.give_back()
        raise


def _insert(number: str, *, signals: Signals, **about: Any) -> Authentication:
    now = timezone.now()
    device = {name: value for name, value in vars(signals).items() if value is not None and name != "ip"}
    authentication = Authentication(
        **about,
        phone_number=number,
        country=phone.country(number),
        prefix=phone.prefix(number),
        signals=device,
        created_at=now,
        expires_at=now + timedelta(seconds=ding_settings.CODE_LIFETIME),
        next_retry_at=now + timedelta(seconds=ding_settings.RETRY_COOLDOWN),
        remaining_retry=ding_settings.MAX_RETRIES,
    )
    insert(authentication, unique="slot", using=write_alias())
    return authentication


def _ask(provider: BaseBackend, intent: _Intent, request: SendRequest) -> tuple[base.SendResult, float]:
    """Return the answer, and in how many milliseconds it came."""
    try:
        with logs.asking("send", intent.authentication) as stopwatch:
            result, milliseconds = provider.send(request), stopwatch.milliseconds
            if result.status in _SENT and not result.authentication_uuid:
                raise BackendUnavailable(code="incomplete_answer")
    except DingError as error:
        _fail(intent, error.code, may_have_sent=error.may_have_executed)
        raise
    except Exception:
        _fail(intent, "unexpected_error", may_have_sent=True)
        raise
    return result, milliseconds


def _fail(intent: _Intent, code: str, *, may_have_sent: bool) -> None:
    """Record why nothing is known to have been sent. Where it may have been, it stays counted for the cooldown."""
    authentication = intent.authentication
    released: dict[str, Any] = {} if may_have_sent else {"slot": None}
    if not may_have_sent:
        intent.ticket.give_back()
    event = event_of(authentication, Event.Type.ERROR, code, facts={"operation": "send"})
    write_with(authentication, event, status=Authentication.Status.FAILED, error_code=code, **released)
    send_failed.send_robust(Authentication, authentication=authentication, error_code=code)


def _settle(authentication: Authentication, result: base.SendResult) -> None:
    sent = result.status in _SENT
    changes: dict[str, Any] = {} if sent else {"slot": None}
    if result.expires_at:
        changes["expires_at"] = result.expires_at
    if result.authentication_uuid:  # A callback that was faster may have told it, so nothing doesn't overwrite it.
        changes["authentication_uuid"] = result.authentication_uuid
    write_with(
        authentication,
        beginning(authentication, result.provider_status or result.status),
        merging=ONE_BEGINNING,
        durable=False,  # The intent is, and says enough: what became of it is lost as it is in a crash of our own.
        status=Authentication.Status(result.status.value),
        error_code="" if sent else result.status.value,  # Whoever gave it up meanwhile wrote one.
        **changes,
    )
    if sent:
        code_sent.send_robust(Authentication, authentication=authentication, attempt_number=1)
    else:
        send_failed.send_robust(Authentication, authentication=authentication, error_code=result.status.value)
