"""The example's own pages. The pages for numbers and codes are django-ding's."""

from datetime import timedelta

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_ding.login.decorators import phone_verified_required
from django_ding.login.mixins import PhoneVerificationLoginMixin


class PasswordLoginView(PhoneVerificationLoginMixin, LoginView):
    """Log in with a password and a code."""

    extra_context = {"heading": _("Log in with a password")}

    def handle_no_phone_number(self, form: AuthenticationForm, user: object) -> HttpResponse:
        """Log in a user who has no number yet: pages that matter require a verified one."""
        return self.log_in(form)


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show what this site is, with links to its parts."""
    return render(request, "example/home.html")


@require_safe
@never_cache
@phone_verified_required(max_age=timedelta(days=90), verify_reason=_("Verify your phone number to open the vault."))
def vault(request: HttpRequest) -> HttpResponse:
    """Show a page to users who verified a number in the last 90 days."""
    return render(request, "example/vault.html")


@require_safe
@never_cache
def api_docs(request: HttpRequest) -> HttpResponseBase:
    """Show the REST API in Swagger UI, where the visitor's session can try it.

    Its policy allows what Swagger UI needs: styles in the page, and pictures in its style sheet.
    """
    from drf_spectacular.views import SpectacularSwaggerSplitView  # It need not be installed.

    response = SpectacularSwaggerSplitView.as_view()(request)
    policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    response.headers["Content-Security-Policy"] = policy
    return response
