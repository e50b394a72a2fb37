"""Log in with a phone number and no password."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, authenticate, load_backend, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from django_ding.exceptions import AccountNotCreated, InvalidCode, NoAccount
from django_ding.login import flows, recovery, texts
from django_ding.login.flows import FlowError
from django_ding.login.forms import NumberRecoveryForm, initial_region
from django_ding.login.recovery import RecoveryState
from django_ding.login.refusals import Refusal
from django_ding.login.views.base import FlowView, NextPageMixin, PageView, PhoneNumberFormMixin, Text
from django_ding.login.views.code import ResendView
from django_ding.login.views.recovery import NOT_A_RECOVERY_CODE, RecoveryCodeMixin, RecoveryCodeView
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
        return self._add_next(resolve_url(self.request, self.sign_up_url))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offer to sign up, above all to a visitor whose number has no account."""
        context = super().get_context_data(**kwargs)
        return {**context, "sign_up_url": self.get_sign_up_url(), "is_unknown": self.message_about is not None}

    def handle_refusal(self, form: Any, refusal: Refusal, **context: str) -> HttpResponse:
        """Show why no code can be sent for now. A stranger may have used up the number's messages."""
        url = recovery.find_url(self.request, recovery.LOGIN_URL)
        return super().handle_refusal(form, refusal, recovery_url=self._add_next(url), **context)

    def _add_next(self, url: str) -> str:
        return _add_next(url, self.get_redirect_url(), name=self.redirect_field_name)

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
    recovery_code_url: Any = recovery.LOGIN_URL

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
        urls = {"success_url": self.flow.success_url, "restart_url": self.flow.restart_url}
        return _recovery_state(self.request, code, **urls)

    def get_recovery_url(self) -> str:
        return _add_next(super().get_recovery_url(), self.flow.success_url)


class PhoneLoginResendView(ResendView, PhoneLoginFlowView):
    """Resend the code to log in with."""


@method_decorator(login_not_required, name="dispatch")
class PhoneLoginRecoveryView(PageView, NextPageMixin, FormView):  # type: ignore[type-arg]
    """Ask for a number and the recovery code of its user, where no message can be sent to it.

    A number with an account and one without look the same until the right recovery code is entered.
    """

    form_class = NumberRecoveryForm
    template_name = "django_ding/login/login_recovery.html"
    start_url: Any = "django_ding_login:login"
    heading: Text = RecoveryCodeView.heading
    intro: Text = RecoveryCodeView.intro
    submit: Text = _("Continue")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if phone_backend() is None:
            raise Http404("Add django_ding.login.backends.PhoneBackend to AUTHENTICATION_BACKENDS.")
        if request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url(request, recovery.CODE_URL))
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return resolve_url(self.request, settings.LOGIN_REDIRECT_URL)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "region": initial_region(self.request)}

    def get_start_url(self) -> str:
        """Return the URL of the login, with the visitor's ``next``."""
        return _add_next(resolve_url(self.request, self.start_url), self.get_redirect_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with the focus on the field to correct."""
        if "phone_number" not in form.errors:
            form.focus_on_code()
        return super().form_invalid(form)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Check the code, and show the form again for a wrong one: no redirect could keep the number."""
        number_url = resolve_url(self.request, recovery.NUMBER_URL)
        number, code = form.cleaned_data["phone_number"], form.cleaned_data["code"]
        try:
            entered = flows.redeem_recovery_code(self.request, code, phone_number=number)
        except FlowError as error:
            message = NOT_A_RECOVERY_CODE if error.code == InvalidCode.code else str(error)
            form.add_error("code" if error.is_input else None, message)
            return self.form_invalid(form)
        urls = {"success_url": str(self.get_success_url()), "restart_url": self.get_start_url()}
        state = _recovery_state(self.request, entered, **urls)
        if state is None:
            form.add_error(None, texts.ACCOUNT_CHANGED)
            return self.form_invalid(form)
        recovery.start(self.request, state, code=entered)
        return HttpResponseRedirect(number_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "heading": self.heading,
            "intro": self.intro,
            "submit": self.submit,
            "next": self.get_redirect_url(),
            "back_url": self.get_start_url(),
        }
        return super().get_context_data(**context, **kwargs)


def _recovery_state(request: HttpRequest, code: RecoveryCode, **urls: str) -> RecoveryState | None:
    """Return the recovery of a code's user, if a number alone may log them in."""
    backend = phone_backend()
    if backend is None or load_backend(backend).get_user(code.user_id) is None:
        return None
    return recovery.of_user(request, code.user, backend=backend, **urls)


def _add_next(url: str, next_url: str, *, name: str = REDIRECT_FIELD_NAME) -> str:
    """Return a URL with the page to go on to; empty for none."""
    query = urlencode({name: next_url}) if url and next_url else ""
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
