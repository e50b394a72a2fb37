"""Log in with a phone number and no password."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import authenticate, load_backend, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from django_ding.exceptions import AccountNotCreated, NoAccount
from django_ding.login import recovery
from django_ding.login.recovery import RecoveryState
from django_ding.login.views.base import FlowView, PhoneNumberFormMixin, Text
from django_ding.login.views.code import ResendView
from django_ding.login.views.recovery import RecoveryCodeMixin
from django_ding.models import Authentication, RecoveryCode
from django_ding.reverse import resolve_url
from django_ding.services import CheckResult, phone_backend


@method_decorator(login_not_required, name="dispatch")  # Of LoginView, whose dispatch() it overrides.
class PhoneLoginView(PhoneNumberFormMixin, LoginView):
    """Ask for the number to log in with. Otherwise it is Django's ``LoginView``, with ``next`` and ``next_page``.

    A number with an account and one without look the same until the right code is entered. Without a ``PhoneBackend``
    in ``AUTHENTICATION_BACKENDS`` there is no such login, nor such a page.

    :cvar sign_up_url: the site's page to sign up, if it has one: its URL, or the name of it. ``next`` is passed on.
    """

    redirect_authenticated_user = True
    form_class: Any  # The mixin's, where LoginView declares one that authenticates by itself.
    purpose: str = Authentication.Purpose.LOGIN
    code_url: Any = "django_ding_login:login-code"
    heading: Text = _("Log in with your phone")
    sign_up_url: Any = None

    def get_redirect_url(self, *args: Any) -> str:
        """Return the visitor's ``next``, unless it is this page, which would redirect in a loop."""
        url = str(super().get_redirect_url(*args))
        return "" if urlsplit(url).path == self.request.path else url

    def get_default_redirect_url(self) -> str:
        return resolve_url(self.request, self.next_page or settings.LOGIN_REDIRECT_URL)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["request"]  # LoginView adds it for Django's AuthenticationForm.
        return kwargs

    def get_sign_up_url(self) -> str:
        """Return the URL of the site's page to sign up; empty for none."""
        if self.sign_up_url is None:
            return ""
        url, next_url = resolve_url(self.request, self.sign_up_url), self.get_redirect_url()
        query = urlencode({self.redirect_field_name: next_url}) if next_url else ""
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offer to sign up, above all to a visitor whose number has no account."""
        context = super().get_context_data(**kwargs)
        return {**context, "sign_up_url": self.get_sign_up_url(), "is_unknown": self.message_about is not None}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if phone_backend() is None:
            raise Http404("Add django_ding.login.backends.PhoneBackend to AUTHENTICATION_BACKENDS.")
        return super().dispatch(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class PhoneLoginFlowView(FlowView):
    """A page of the login without a password."""

    purpose: str = Authentication.Purpose.LOGIN
    code_url: Any = "django_ding_login:login-code"
    start_url: Any = "django_ding_login:login"


class PhoneLoginCodeView(PhoneLoginFlowView, RecoveryCodeMixin):
    """Ask for the code, and log its number's user in."""

    resend_url: Any = "django_ding_login:login-code-resend"
    links_to_recovery = False  # The visitor has shown no password: without a message, nobody would count wrong codes.

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Log the number's user in, or say that it has no account: the visitor has proved that the number is theirs."""
        # Through AUTHENTICATION_BACKENDS, so that a project's own backend can reject the user.
        try:
            user = authenticate(self.request, authentication=result.authentication)
        except AccountNotCreated as error:
            return self.restart_flow(self.flow.restart_url, str(error))
        if user is None:
            about = result.authentication
            return self.restart_flow(self.flow.restart_url, NoAccount.message, field="phone_number", about=about)
        login(self.request, user)
        return self.finish_flow()

    def get_recovery_state(self, code: RecoveryCode) -> RecoveryState | None:
        """Return that of the number's user, if the number alone may log them in."""
        backend = phone_backend()
        urls = {"success_url": self.flow.success_url, "restart_url": self.flow.restart_url}
        if backend is None or load_backend(backend).get_user(code.user_id) is None:
            return None
        return recovery.of_user(self.request, code.user, backend=backend, **urls)


class PhoneLoginResendView(ResendView, PhoneLoginFlowView):
    """Resend the code to log in with."""
