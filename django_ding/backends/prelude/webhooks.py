"""Prelude's webhooks: an envelope around each event, and a signature over the raw body."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.backends import parsing
from django_ding.backends.prelude.history import parse_carrier
from django_ding.backends.prelude.parsing import parse_delivery, parse_price
from django_ding.backends.types import AttemptStatus, Channel, DeliveryStatus, EventType, WebhookEvent, WebhookRequest
from django_ding.exceptions import InvalidWebhook

_HEADER = "X-Webhook-Signature"
_SIGNATURE = re.compile(r"rsassa-pss-sha256=([A-Za-z0-9+/_-]+)={0,2}", re.ASCII)

_ATTEMPT_STATUSES = {
    DeliveryStatus.DELIVERED: AttemptStatus.DELIVERED,
    DeliveryStatus.UNDELIVERABLE: AttemptStatus.FAILED,
}


class SignatureVerifier:
    """Verifies that a webhook is signed by one of several keys, so that a key can be replaced without a gap.

    RSASSA-PSS with SHA-256, over the raw body. The salt's length isn't documented, so any is accepted.

    :param public_keys: RSA public keys in PEM.
    :raises ImproperlyConfigured: when one of them isn't one, or the package ``cryptography`` is missing.
    """

    def __init__(self, public_keys: Sequence[str]) -> None:
        try:
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import padding
        except ImportError:
            raise ImproperlyConfigured(
                'webhook_public_keys needs the package cryptography: pip install "django-ding[prelude]".'
            ) from None
        self._keys = [_load(number, pem) for number, pem in enumerate(public_keys, start=1)]
        self._hash = hashes.SHA256()
        self._padding = padding.PSS(mgf=padding.MGF1(self._hash), salt_length=padding.PSS.AUTO)

    def verify(self, request: WebhookRequest) -> None:
        """Check the signature of a webhook.

        :raises InvalidWebhook: ``bad_signature``, also without any.
        """
        signature = _signature(request.headers.get(_HEADER) or "")
        if signature is None or not any(self._is_valid(key, signature, request.body) for key in self._keys):
            raise InvalidWebhook(code="bad_signature")

    def _is_valid(self, key: Any, signature: bytes, body: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(signature, body, self._padding, self._hash)
        except InvalidSignature:
            return False
        return True


@sensitive_variables()
def parse_webhook(body: bytes) -> WebhookEvent:
    """Return the event in a webhook's envelope. Only ``type`` is relied on."""
    envelope = parsing.webhook_object(body)
    payload = parsing.object(envelope.get("payload"))
    name = parsing.identifier(envelope.get("type")) or "unknown"
    event_type, parse_fields = _TYPES.get(name, (name, _no_fields))
    target, metadata = parsing.object(payload.get("target")), parsing.object(payload.get("metadata"))
    if target.get("type") not in (None, "phone_number"):
        return WebhookEvent(type=name)  # About an email address, which this app doesn't verify.
    return WebhookEvent(
        type=event_type,
        id=parsing.identifier(envelope.get("id")),
        created_at=parsing.time(payload.get("time")) or parsing.time(envelope.get("created_at")),
        authentication_uuid=parsing.identifier(payload.get("verification_id")),
        correlation_id=parsing.text(metadata.get("correlation_id")),
        price=parse_price(payload.get("price")),
        details=parse_carrier(parsing.object(payload.get("carrier_information"))),
        **parse_fields(payload),
    )


def _no_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _attempt_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    channel = payload.get("channel")
    delivery = parse_delivery(payload.get("delivery_status"))
    return {
        "attempt_id": parsing.identifier(payload.get("id")),
        "channel": parsing.choice(Channel, channel) if isinstance(channel, str) else None,
        "status": _ATTEMPT_STATUSES.get(delivery, AttemptStatus.PENDING),
    }


def _delivery_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "attempt_id": parsing.identifier(payload.get("attempt_id")),
        "status": parse_delivery(payload.get("status")),
    }


_TYPES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "verify.authentication": (EventType.AUTHENTICATION, _no_fields),
    "verify.attempt": (EventType.ATTEMPT, _attempt_fields),
    "verify.delivery_status": (EventType.DELIVERY_STATUS, _delivery_fields),
}


def _load(number: int, pem: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.strip().encode())
    except (AttributeError, ValueError):
        key = None
    if isinstance(key, RSAPublicKey):
        return key
    raise ImproperlyConfigured(f"webhook_public_keys: key {number} is not an RSA public key in PEM.")


def _signature(header: str) -> bytes | None:
    """Return the signature in a header. Integrators met both alphabets of base64, with and without padding."""
    match = _SIGNATURE.fullmatch(header.strip())
    if match is None:
        return None
    text = match[1].translate(str.maketrans("+/", "-_"))
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
