"""What the flows give to a backend, the URL for its webhooks included, and what they record of its failures."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, Signer
from django.urls import NoReverseMatch

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel, DeviceSignals, SendRequest, Sent, StatusResponse
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendUnavailable, DingError
from django_ding.flows._events import add_repeatable_event
from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.models import Authentication, Event
from django_ding.provider_calls import Timer, provider_call
from django_ding.reverse import reverse_anywhere

_SALT = "django_ding.callback"


def request_options(**options: Any) -> dict[str, Any]:
    """Return the options of a request as ``backend_state`` keeps them, since some providers want them with a retry."""
    return {"request": given} if (given := {name: value for name, value in options.items() if value}) else {}


def build_request(authentication: Authentication, callback_url: str | None = None) -> SendRequest:
    """Return the request that the row was made for.

    :param callback_url: as :func:`make_webhook_url` returns it, where a message is to be sent.
    """
    options = dict(authentication.backend_state.get("request", {}))
    if "channel" in options:
        options["channel"] = Channel(options["channel"])
    return SendRequest(
        phone_number=authentication.phone_number,
        correlation_id=str(authentication.public_id),
        ip=None if authentication.ip == UNKNOWN_IP else authentication.ip,
        device_signals=DeviceSignals(**authentication.device_signals),
        callback_url=callback_url,
        **options,
    )


def build_sent(authentication: Authentication, callback_url: str | None = None) -> Sent:
    """Return what the backend needs to know of an authentication that it sent a code for.

    :param callback_url: as for :func:`build_request`.
    """
    return Sent(
        authentication_uuid=authentication.authentication_uuid,
        phone_number=authentication.phone_number,
        correlation_id=str(authentication.public_id),
        created_at=authentication.created_at,
        expires_at=authentication.expires_at,
        attempt_number=authentication.retry_count + 1,
        request=build_request(authentication, callback_url),
        state=authentication.backend_state.get("state", {}),
    )


def is_same_id(one: str, other: str) -> bool:
    """Return whether two ids are the same one, in whatever case the provider writes it."""
    return one.lower() == other.lower()


def check_same_id(sent: Sent, authentication_uuid: str | None) -> None:
    """Check that a response is about the authentication that the provider was asked about.

    :param authentication_uuid: the one that the response names, if any.
    :raises BackendUnavailable: when it names another one, since no part of such a response can be believed.
    """
    if authentication_uuid and not is_same_id(authentication_uuid, sent.authentication_uuid):
        raise BackendUnavailable(code="unexpected_answer")


def check_same_record(sent: Sent, response: StatusResponse) -> None:
    """Check that a record, and each event in it that names an authentication, is about the one that was asked about.

    :raises BackendUnavailable: when it is about another one.
    """
    check_same_id(sent, response.uuid)
    for event in response.events:
        if event.correlation_id is None or event.correlation_id != sent.correlation_id:
            check_same_id(sent, event.authentication_uuid)


@contextmanager
def record_errors(authentication: Authentication, operation: str) -> Iterator[Timer]:
    """Add an event for each failure of the provider to the timeline and the log, and raise it again."""
    try:
        with provider_call(operation, authentication) as timer:
            yield timer
    except DingError as error:
        add_repeatable_event(authentication, Event.Type.ERROR, error.code, data={"operation": operation})
        raise


def make_webhook_url(provider: BaseBackend, public_id: UUID) -> str | None:
    """Return the URL for the webhooks of one authentication, which only this site can make.

    ``None`` without a ``DING["WEBHOOK_BASE_URL"]``, and for a backend that takes no URL with a request.

    :raises ImproperlyConfigured: when the project has not mounted ``django_ding.webhooks.urls`` at a path of their own.
    """
    base = ding_settings.WEBHOOK_BASE_URL
    if base is None or provider.webhooks != "per_request":
        return None
    token = Signer(salt=_SALT).signature(_signed(provider.alias, public_id))
    try:
        # Not in the request's own URLconf, if it has one: a code is also sent again by a command.
        path = reverse_anywhere(
            "django_ding_webhooks:per_request",
            urlconf=settings.ROOT_URLCONF,
            alias=provider.alias,
            public_id=public_id,
            token=token,
        )
    except NoReverseMatch:
        raise ImproperlyConfigured(
            'DING["WEBHOOK_BASE_URL"] is set, but the webhooks are not mounted: add '
            'path("ding/webhooks/", include("django_ding.webhooks.urls")) to the root URLconf. Below an argument, such '
            "as <slug:tenant>/, no URL can be made for them."
        ) from None
    return f"{base}{path}"


def is_webhook_token(backend: str, public_id: UUID, token: str) -> bool:
    """Return whether the token is this authentication's, by ``SECRET_KEY`` or one of its fallbacks, in constant time.

    :param backend: the backend's alias.
    """
    try:
        Signer(salt=_SALT).unsign(f"{_signed(backend, public_id)}:{token}")
    except BadSignature:
        return False
    return True


def _signed(backend: str, public_id: UUID) -> str:
    return f"{backend}:{public_id}"
