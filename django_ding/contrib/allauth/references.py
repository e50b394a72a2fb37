"""What django-allauth keeps in place of a code: a reference to the authentication whose code is to be entered.

django-allauth generates a code, keeps it in the session, and compares it with what is entered. This app knows no code.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from django_ding.models import Authentication
from django_ding.models.base import user_key, write_alias

_SALT = "django_ding.contrib.allauth"
_HEX = "0123456789abcdef"
# django-allauth ignores punctuation in codes, and a code that is nothing else equals none. So whoever comes to know a
# reference, or forgets this app's forms, gets nowhere with it.
_PUNCTUATION = "!#$%()*+,-./:;=?"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An authentication, and the user whom django-allauth has sent its code."""

    authentication: Authentication
    user_key: str


def write(authentication: Authentication, *, user: object) -> str:
    """Return the reference as text."""
    signed = signing.Signer(salt=_SALT).sign(f"{authentication.public_id.hex} {user_key(getattr(user, 'pk', None))}")
    return signed.encode().hex().translate(str.maketrans(_HEX, _PUNCTUATION))


def read(text: str | None) -> Reference | None:
    """Return what a text refers to, ``None`` for one that is no reference."""
    try:
        signed = bytes.fromhex((text or "").translate(str.maketrans(_PUNCTUATION, _HEX))).decode()
        public_id, _separator, key = signing.Signer(salt=_SALT).unsign(signed).partition(" ")
    except (ValueError, signing.BadSignature):
        return None
    found = Authentication.objects.using(write_alias()).filter(public_id=UUID(public_id)).first()
    return Reference(authentication=found, user_key=key) if found else None


def is_reference(text: str | None) -> bool:
    """Return whether a text is in place of a code of this app's, rather than a code of django-allauth's own."""
    return bool(text) and set(text or "") <= set(_PUNCTUATION)
