"""What goes to a provider, the same for every backend, and what a provider posts. Import it from :mod:`.types`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django_ding.channels import Channel


@dataclass(frozen=True, kw_only=True)
class DeviceSignals:
    """What is known of the user's device, for the provider's fraud detection. Everything is optional.

    ``device_id`` is Android's ``ANDROID_ID`` or iOS's ``identifierForVendor``; ``app_realm`` the 11-character hash of
    Android's SMS Retriever; ``is_returning_user`` states that the user is known to be genuine. ``user_agent`` and
    ``ja4_fingerprint`` (of the TLS connection) are those of the HTTP request for the code.
    """

    device_id: str | None = field(default=None, repr=False)
    device_type: str | None = None
    device_model: str | None = None
    os_version: str | None = None
    app_version: str | None = None
    app_realm: str | None = None
    is_returning_user: bool | None = None
    user_agent: str | None = field(default=None, repr=False)
    ja4_fingerprint: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class SendRequest:
    """A code to send: to which number (E.164), for which device, and how.

    :ivar correlation_id: the authentication's ``public_id``, which comes back in webhooks and in ``status``.
    :ivar ip: the user's IPv4 or IPv6 address.
    :ivar channel: the one the user chose, one of the backend's ``channels``; ``None`` lets the provider choose.
    :ivar locale: BCP 47 tag of the message's language.
    :ivar template_id: a message template known to the provider's account.
    :ivar sender_id: a Sender ID known to the provider's account.
    :ivar callback_url: where the provider may report to, for a backend with ``webhooks = "per_request"``.
    :ivar dispatch_id: the id that a provider's front-end SDK returned for its own device signals.
    :ivar extra: options of one provider, by the names its backend documents. JSON values only.
    """

    phone_number: str = field(repr=False)
    correlation_id: str | None = None
    ip: str | None = field(default=None, repr=False)
    device_signals: DeviceSignals = DeviceSignals()
    channel: Channel | None = None
    locale: str | None = None
    template_id: str | None = None
    sender_id: str | None = None
    callback_url: str | None = field(default=None, repr=False)
    dispatch_id: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What this app knows of an authentication, for the operations that follow ``send``.

    An id alone serves few providers: some check and retry by number, some want the original options again, and codes
    of our own need their keyed hash.

    :ivar authentication_uuid: the provider's id, whatever it looks like.
    :ivar phone_number: E.164.
    :ivar correlation_id: the authentication's ``public_id``.
    :ivar created_at: when the code was requested (aware UTC).
    :ivar expires_at: until when it can be entered (aware UTC).
    :ivar attempt_number: of the newest message, 1 for the first; in ``retry`` of the one to be sent.
    :ivar request: the original request. ``callback_url`` is there for ``retry`` only.
    :ivar state: what the backend returned as ``state`` with its last response; empty once the code was entered or has
        expired.
    """

    authentication_uuid: str
    phone_number: str = field(repr=False)
    correlation_id: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    attempt_number: int = 1
    request: SendRequest = field(repr=False)
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """What a provider posted, as it came.

    :ivar url: the absolute URL as the provider sees it, query included: some signatures cover it.
    :ivar headers: with case-insensitive names.
    :ivar body: the raw bytes: a signature covers these and no re-encoding of them.
    :ivar public_id: of the authentication that the URL names, for a backend with ``webhooks = "per_request"``.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    public_id: UUID | None = None
