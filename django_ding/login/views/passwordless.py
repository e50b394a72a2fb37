"""Log in with a phone number and no password."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import authenticate
from django.contrib.auth import login as log_in
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from django_ding.exceptions import NoAccount
from django_ding.login import state
from django_ding.login.views.base import CodePage, FlowPage, NumberFormMixin, ResendPage
from django_ding.models import Authentication
from django_ding.non_atomic import NonAtomicView
from django_ding.services import CheckResult
from django_ding.services.identifying import phone_backend


class PhoneLoginView(NonAtomicView, NumberFormMixin, LoginView):
    """Ask for the number to log in with; Django's ``LoginView`` in all else, ``next`` and ``next_page`` included.

    A number that has an account and one that has none look the same, until the right code is entered.

    :raises ImproperlyConfigured: when ``AUTHENTICATION_BACKENDS`` has no ``PhoneBackend``.
    """

    redirect_authenticated_user = True
    purpose = Authentication.Purpose.LOGIN
    code_url = reverse_lazy("django_ding_login:login-code")
    heading = _("Log in with your phone")

    def get_redirect_url(self, *args: Any) -> str:
        """Return where to go afterwards, if the visitor said so. This very page would lead in a circle."""
        url = str(super().get_redirect_url(*args))
        return "" if urlsplit(url).path == self.request.path else url

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if phone_backend() is None:
            raise ImproperlyConfigured("Add django_ding.login.backends.PhoneBackend to AUTHENTICATION_BACKENDS.")
        return super().post(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class LoginFlowPage(FlowPage):
    """A page of the login without a password."""

    purpose = Authentication.Purpose.LOGIN
    code_url = reverse_lazy("django_ding_login:login-code")
    start_url = reverse_lazy("django_ding_login:login")


class PhoneLoginCodeView(CodePage, LoginFlowPage):
    """Ask for the code, and log its number's user in."""

    resend_url = reverse_lazy("django_ding_login:login-code-resend")

    def proven(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Log the number's user in, or say that it has none: only who controls the number learns it."""
        user = authenticate(self.request, authentication=result.authentication)
        if user is None:
            return self.start_again(self.state.restart_url, NoAccount.message)
        log_in(self.request, user)
        state.finish(self.request, self.purpose, self.state.destination)
        return redirect(self.state.destination)


class PhoneLoginResendView(ResendPage, LoginFlowPage):
    """Send another code to log in with."""
