"""Send a code."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, OperationalError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from django_ding import clock, guard, log
from django_ding.backends import get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel, DeviceSignals, SendRequest, SendResponse, SendStatus
from django_ding.conf import TEST_NUMBERS_ALIAS, ding_settings
from django_ding.database import report_outage
from django_ding.exceptions import BackendUnavailable, Blocked, DingError, LockedOut, RateLimited
from django_ding.flows._events import bound_expiry, build_event, event_data, update_with_event
from django_ding.flows._intent import build_intent, insert_intent, require_user
from django_ding.flows._provider import build_request, make_webhook_url, request_options
from django_ding.flows._resume import resume
from django_ding.flows._windows import check_sent_id, shared_expiry
from django_ding.flows.channels import check_channel
from django_ding.flows.device_signals import complete_device_signals
from django_ding.flows.lookup import normalize_own
from django_ding.flows.results import SendResult
from django_ding.flows.timeline import ONE_OPENING, complete_opening, opening_event
from django_ding.guard import RateLimitUsage
from django_ding.guard.client_ip import UNKNOWN_IP, client_ip
from django_ding.guard.destinations import is_looked_up
from django_ding.guard.refusals import record_refusal
from django_ding.models import Authentication, Event
from django_ding.models.base import load_user
from django_ding.phone import AnyNumber
from django_ding.provider_calls import provider_call
from django_ding.signals import code_sent, send_failed
from django_ding.steps import Steps, in_steps
from django_ding.transactions import conflict_pauses, outside_transaction

if TYPE_CHECKING:
    from rest_framework.request import Request  # REST framework is optional.

_SENT = (SendStatus.PENDING, SendStatus.UNKNOWN)


@sensitive_variables()
@in_steps
@outside_transaction
def send(
    phone_number: AnyNumber,
    *,
    user: Any = None,
    purpose: str | None = None,
    request: "HttpRequest | Request | None" = None,
    ip: str | None = None,
    region: str | None = None,
    channel: Channel | str | None = None,
    device_signals: DeviceSignals | None = None,
    locale: str | None = None,
    template_id: str | None = None,
    sender_id: str | None = None,
    dispatch_id: str | None = None,
    extra: Mapping[str, Any] | None = None,
    backend: str | None = None,
) -> Steps[SendResult]:
    """Send a code to a phone number. When this returns, there is a code to enter; every refusal is an exception.

    A requester who asks again for the same number and purpose gets the live authentication: unchanged within the
    cooldown, retried by ``channel`` after it. The requester is the user or, for an anonymous one, the IP address; one
    without an address that can be read never gets what another has requested. Of many requests at once, one sends.

    :param phone_number: as entered; national numbers are read with ``region``. Or an object of ``phonenumbers``, such
        as the value of a field of django-phonenumber-field.
    :param user: who verifies the number: a user, or what was made of a token and has the user's ``pk``. ``None``, an
        ``AnonymousUser`` or anything else that is no user, such as an API key, for an anonymous visitor.
    :param purpose: what it is verified for, a name of at most 32 characters. Default: ``link`` with a user, whose
        account gets the number, and ``signup`` without.
    :param request: Django's or REST framework's, for the client's IP address and, where the backend uses them, the
        signals that ``DING["DEVICE_SIGNALS"]`` finds in it.
    :param ip: the client's IPv4 or IPv6 address, instead of that of ``request``. Without both, none is counted.
    :param region: ISO 3166-1 alpha-2, instead of ``DING["DEFAULT_REGION"]``.
    :param channel: how to deliver the code, one of ``DING["CHANNELS"]`` that the backend has. Default: a phone call to
        a landline, if these have ``voice``; otherwise the provider decides.
    :param device_signals: what is known of the user's device.
    :param locale: BCP 47 tag of the message's language. Default: that of the number's country.
    :param template_id: a message template of the provider's account.
    :param sender_id: a Sender ID that the provider's account may use.
    :param dispatch_id: the id that the provider's front-end SDK returned for its own signals.
    :param extra: options of this provider's own, as its backend documents. JSON values only.
    :param backend: alias in ``DING["BACKENDS"]``. Default: ``DING["DEFAULT_BACKEND"]``. A number of
        ``DING["TEST_NUMBERS"]`` has a backend of its own.
    :raises InvalidPhoneNumber: when no such number can exist; nothing is written.
    :raises InputError: when the settings, a lookup or the provider reject the number, the channel or a signal.
    :raises Blocked: when the provider suspects fraud, or has the number on a block list.
    :raises RateLimited: when a limit is reached, ours (see ``DING["RATE_LIMITS"]`` and ``DING["MIN_CONVERSION"]``) or
        the provider's, or when the live authentication has no check left.
    :raises UnsupportedOperation: when the number must be looked up and the backend has no lookup.
    :raises ImproperlyConfigured: when ``DING["WEBHOOK_BASE_URL"]`` is set and the webhooks are not mounted.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage. If a message may have been sent nevertheless, the error has the
        ``authentication`` to check its code with, and the next one can be sent after the cooldown.
    """
    user = load_user(user)
    number = normalize_own(phone_number, region, user=user)
    backend = _choose_backend(number, backend)
    provider = get_backend(backend)
    signals = device_signals or DeviceSignals()
    if request is not None:
        ip = ip if ip is not None else client_ip(request) or UNKNOWN_IP
        signals = complete_device_signals(signals, request) if provider.uses_request_signals else signals
    authentication = build_intent(
        number,
        user=user,
        purpose=_default_purpose(user) if purpose is None else purpose,
        ip=ip,
        device_signals=signals,
        backend=backend,
        backend_state=request_options(
            channel=check_channel(channel, provider),
            locale=locale,
            template_id=template_id,
            sender_id=sender_id,
            dispatch_id=dispatch_id,
            extra=_storable(extra or {}, provider),
        ),
    )
    # Configuration errors, such as a webhook URL that can't be reversed, must show before anything is counted or paid.
    callback_url = make_webhook_url(provider, authentication.public_id)
    usage = yield from _reserve(authentication)
    if isinstance(usage, SendResult):
        return usage
    # With the options of the caller's that aren't stored.
    send_request = replace(build_request(authentication, callback_url), extra=dict(extra or {}))
    response, milliseconds = yield from _call(provider, authentication, usage, send_request)
    _record_response(authentication, response)
    log.log_result(log.SEND, authentication, response.status, milliseconds=milliseconds)
    _raise_refusal(response)
    return SendResult(authentication=authentication, is_new=True, silent_request_url=response.silent_request_url)


def _choose_backend(number: str, alias: str | None) -> str:
    return TEST_NUMBERS_ALIAS if number in ding_settings.TEST_NUMBERS else alias or ding_settings.DEFAULT_BACKEND


def _default_purpose(user: Any) -> str:
    return Authentication.Purpose.LINK if user else Authentication.Purpose.SIGNUP


def _storable(extra: Mapping[str, Any], provider: BaseBackend) -> dict[str, Any]:
    return {name: value for name, value in extra.items() if name not in provider.unstored_options}


def _reserve(authentication: Authentication) -> Steps[RateLimitUsage | SendResult]:
    """Count the message and INSERT the intent, so that no crash can hide a message that was paid for.

    Where something is in the way, return the live authentication that answers for it. Nearly all requests have none,
    so it is looked up only after a conflict or a refusal.

    :raises DingError: when the guard refuses, and no live authentication answers instead.
    """
    options = authentication.backend_state.get("request", {})
    channel = options.get("channel")
    # The guard may pay for a lookup then, which a live authentication doesn't need.
    if is_looked_up(authentication.purpose) and (result := resume(authentication, channel=channel)):
        return result
    for pause in conflict_pauses():
        try:
            usage = yield from guard.consume.steps(authentication, channel=channel)
            # Kept, so that a landline is called again by a retry.
            authentication.backend_state = request_options(**{**options, "channel": usage.channel})
            try:
                insert_intent(authentication)
            except BaseException:
                usage.rollback()
                raise
            return usage
        except (DingError, IntegrityError, OperationalError) as error:
            # A live code is none that could be entered during a lockout.
            may_be_live = not isinstance(error, guard.NoneLive | LockedOut)
            if may_be_live and (result := resume(authentication, channel=channel)):
                return result
            if isinstance(error, DingError):
                record_refusal(error, authentication)
                raise
            require_user(authentication)
            conflict = error
            time.sleep(pause)
    if isinstance(conflict, OperationalError):
        raise conflict  # No other row holds the slot: the database is full, say, or read-only.
    report_outage(conflict)
    raise BackendUnavailable(code="too_busy", reached=False)


def _call(
    provider: BaseBackend, authentication: Authentication, usage: RateLimitUsage, request: SendRequest
) -> Steps[tuple[SendResponse, float]]:
    """Return the provider's response, and the milliseconds it took."""
    fail = partial(_fail, authentication, usage)
    try:
        with provider_call("send", authentication) as timer:
            response: SendResponse = yield partial(provider.send, request)
            milliseconds = timer.milliseconds
            if response.status in _SENT:
                check_sent_id(authentication, response)
    except DingError as error:
        fail(error.code, may_have_sent=error.may_have_executed, reached=error.reached, details=error.details)
        if isinstance(error, BackendUnavailable) and error.may_have_executed:
            error.authentication = authentication
        raise
    except Exception:
        fail("unexpected_error", may_have_sent=True, reached=True)
        raise
    return response, milliseconds


def _fail(
    authentication: Authentication,
    usage: RateLimitUsage,
    code: str,
    *,
    may_have_sent: bool,
    reached: bool,
    details: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Record why nothing is known to be sent. A message that may have been sent stays counted for the cooldown."""
    released: dict[str, Any] = {} if may_have_sent else {"dedup_key": None}
    if not may_have_sent:
        usage.rollback(reached=reached)
    event = build_event(authentication, Event.Type.ERROR, code, data={"operation": "send", **details})
    update_with_event(authentication, event, status=Authentication.Status.FAILED, error_code=code, **released)
    send_failed.send_robust(Authentication, authentication=authentication, error_code=code)


def _record_response(authentication: Authentication, response: SendResponse) -> None:
    """Write the provider's response, and signal it."""
    sent, response = response.status in _SENT, bound_expiry(authentication, response)
    opening = opening_event(
        authentication,
        response.provider_status or response.status,
        uuid=response.authentication_uuid,
        **event_data(response),
    )
    update_with_event(
        authentication,
        opening,
        unless_exists=ONE_OPENING,
        durable=False,  # The intent is durable. To lose the response is what a crash of our own process does as well.
        status=Authentication.Status(response.status.value),
        error_code="" if sent else response.status.value,  # A process that took this one for crashed wrote one.
        **_changes(authentication, response, sent=sent),
    )
    if response.details:
        complete_opening(authentication, response.details)
    if sent:
        code_sent.send_robust(Authentication, authentication=authentication, attempt_number=1)
    else:
        send_failed.send_robust(Authentication, authentication=authentication, error_code=response.status.value)


def _changes(authentication: Authentication, response: SendResponse, *, sent: bool) -> dict[str, Any]:
    """Return the columns that change, beside the status."""
    changes: dict[str, Any] = {} if sent else {"dedup_key": None}
    if sent and not response.is_new:
        changes["expires_at"] = shared_expiry(authentication, response.authentication_uuid)
    # A webhook may have been faster and stored the id, so a response without one doesn't overwrite it.
    reported = ("authentication_uuid", "expires_at", "remaining_retry", "channel")
    changes |= {name: value for name in reported if (value := getattr(response, name)) is not None}
    # The provider may require a longer cooldown than ours, not a shorter one.
    if response.next_retry_at and not authentication.is_cooling(response.next_retry_at):
        changes["next_retry_at"] = response.next_retry_at
    if response.channel == Channel.SILENT:  # No message was sent, so that the app can fall back to one at once.
        changes["next_retry_at"] = clock.now()
    if response.state is not None:
        changes["backend_state"] = {**authentication.backend_state, "state": dict(response.state)}
    return changes


def _raise_refusal(response: SendResponse) -> None:
    """Raise for a response that means that no code was sent. The row says why."""
    if response.status is SendStatus.SPAM_DETECTED:
        raise Blocked(code="spam_detected")
    if response.status is SendStatus.RATE_LIMITED:
        wait = ding_settings.RETRY_COOLDOWN if response.retry_after is None else response.retry_after
        raise RateLimited(scope="provider", retry_after=wait)
