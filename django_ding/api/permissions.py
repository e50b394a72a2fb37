"""Permissions for a project's own views."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_ding.services import has_verified_number


class IsPhoneVerified(BasePermission):
    """Allows users who have verified a phone number. Others get 403 ``phone_not_verified``.

    ``IsPhoneVerified.within(timedelta(days=90))`` asks users to verify again from time to time.
    """

    #: The maximum age of the verification; ``None`` for any age.
    max_age: timedelta | None = None

    code = "phone_not_verified"
    # REST framework would make a message's code ``permission_denied``; a dict is the body as it is.
    message = {"code": code, "detail": _("Verify your phone number first.")}

    @classmethod
    def within(cls, max_age: timedelta) -> type["IsPhoneVerified"]:
        """Return the permission for numbers verified within ``max_age``."""
        # A class, since ``permission_classes`` takes no instances.
        return type(cls.__name__, (cls,), {"max_age": max_age})

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated) and has_verified_number(user, max_age=self.max_age)
