"""The signature of Prelude's webhooks, over the raw body."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.types import WebhookRequest
from django_ding.exceptions import InvalidWebhook

_HEADER = "X-Webhook-Signature"
_SIGNATURE = re.compile(r"rsassa-pss-sha256=([A-Za-z0-9+/_-]+)={0,2}", re.ASCII)


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


def _load(number: int, pem: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.strip().encode())
    except (AttributeError, ValueError, UnsupportedAlgorithm):
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
