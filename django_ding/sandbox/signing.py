"""The signature of version 2's webhooks: RSASSA-PSS with SHA-256, salted with 32 bytes.

``cryptography`` is optional, so it is imported when a key is needed, and here only.
"""

import base64
from importlib.util import find_spec
from typing import Any

SIGNATURE_HEADER = "X-Webhook-Signature"

_KEY_BITS = 2048
_EXPONENT = 65537
_SALT_BYTES = 32


def can_sign() -> bool:
    """Return whether ``cryptography`` is installed."""
    return find_spec("cryptography") is not None


class SigningKey:
    """An RSA key that signs bodies.

    :param private_pem: the key in PEM as ``private_pem`` returns it; a new one is made when not given.
    """

    def __init__(self, private_pem: bytes | None = None) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        if private_pem is None:
            self._key: Any = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_KEY_BITS)
        else:
            self._key = serialization.load_pem_private_key(private_pem, password=None)

    def __repr__(self) -> str:
        return "<SigningKey>"

    @property
    def public_pem(self) -> str:
        """The public key in PEM (SubjectPublicKeyInfo), as the provider's dashboard shows it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem: bytes = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem.decode()

    @property
    def private_pem(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        pem: bytes = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem

    def header(self, body: bytes) -> str:
        """Return the value of the signature's header for a body."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        algorithm = hashes.SHA256()
        pss = padding.PSS(mgf=padding.MGF1(algorithm), salt_length=_SALT_BYTES)
        signature = base64.urlsafe_b64encode(self._key.sign(body, pss, algorithm)).decode()
        return f"rsassa-pss-sha256={signature}"
