"""The address that the provider reports to: one per authentication, which nobody else can make.

Version 1 of the provider's API signs nothing, so the address itself is signed.
"""

from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, Signer
from django.urls import NoReverseMatch, reverse

from django_ding.conf import ding_settings

_SALT = "django_ding.callback"


def make_callback_url(public_id: UUID) -> str | None:
    """Return the address for callbacks on an authentication, ``None`` without a ``DING["CALLBACK_BASE_URL"]``.

    :raises ImproperlyConfigured: when the project has not mounted ``django_ding.webhooks.urls``.
    """
    base = ding_settings.CALLBACK_BASE_URL
    return base and f"{base}{_path(public_id)}"


def is_callback_token(public_id: UUID, token: str) -> bool:
    """Tell in constant time whether the token is this authentication's, by ``SECRET_KEY`` or one of its fallbacks."""
    try:
        Signer(salt=_SALT).unsign(f"{public_id}:{token}")
    except BadSignature:
        return False
    return True


def _path(public_id: UUID) -> str:
    token = Signer(salt=_SALT).signature(str(public_id))
    try:
        return reverse("django_ding_webhooks:ding", kwargs={"public_id": public_id, "token": token})
    except NoReverseMatch:
        raise ImproperlyConfigured(
            'DING["CALLBACK_BASE_URL"] is set, but the callbacks are not mounted: add '
            'path("ding/webhooks/", include("django_ding.webhooks.urls")) to the URLconf.'
        ) from None
