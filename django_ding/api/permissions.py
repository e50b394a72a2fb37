"""Gates of a project's own API."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_ding.services import has_verified_number


class IsPhoneVerified(BasePermission):
    """Lets users in who verified a phone number; others are answered 403 ``phone_not_verified``.

    ``IsPhoneVerified.within(timedelta(days=90))`` wants it done anew from time to time.
    """

    #: How long ago it may have been at most; ``None`` for any time.
    max_age: timedelta | None = None

    code = "phone_not_verified"
    message = {"code": code, "detail": _("Verify your phone number first.")}

    @classmethod
    def within(cls, max_age: timedelta) -> type["IsPhoneVerified"]:
        """Return the permission for numbers that were verified within ``max_age``."""
        return type(cls.__name__, (cls,), {"max_age": max_age})

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated) and has_verified_number(user, max_age=self.max_age)
