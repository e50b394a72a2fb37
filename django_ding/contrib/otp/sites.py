"""django-otp's admin site, with codes to phones."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django_otp.admin import OTPAdminSite as BaseOTPAdminSite

from django_ding.contrib.otp.forms import OTPAdminAuthenticationForm
from django_ding.transactions import non_atomic


class OTPAdminSite(BaseOTPAdminSite):
    """An admin site whose users log in with a token of any device, phones included."""

    login_form = OTPAdminAuthenticationForm

    @non_atomic
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the login form. No code can be sent or checked inside a transaction."""
        response: HttpResponse = super().login(request, extra_context)
        return response
