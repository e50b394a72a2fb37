"""Recovery after a lost phone: the code that support created, then a new number, then the login."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, View

from django_ding import services
from django_ding.codes import user_message
from django_ding.exceptions import InvalidCode, InvalidProof
from django_ding.login import flows, recovery, session, texts
from django_ding.login.flows import FlowError
from django_ding.login.forms import RecoveryCodeForm
from django_ding.login.recovery import RecoveryState
from django_ding.login.session import FlowState
from django_ding.login.views.base import (
    FlowView,
    NextPageMixin,
    PageView,
    PhoneNumberFormMixin,
    StoredMessageMixin,
    Text,
)
from django_ding.login.views.code import CodeView, ResendView
from django_ding.models import Authentication, PhoneNumber, RecoveryCode
from django_ding.reverse import resolve_url
from django_ding.services import CheckResult

NOT_A_RECOVERY_CODE = _("A recovery code has ten digits.")


class RecoveryCodeMixin(CodeView):
    """Take a recovery code in place of the message's code, and offer a page for it to those who see no field."""

    #: The page where this page's visitor may enter a recovery code without the code of a message.
    recovery_code_url: Any = recovery.CODE_URL

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Check what can only be a recovery code as one."""
        code = form.cleaned_data["code"]
        number_url = recovery.find_url(self.request, recovery.NUMBER_URL)
        if not number_url or not services.is_recovery_code(code):
            return super().form_valid(form)
        try:
            entered = flows.redeem_recovery_code(self.request, code, authentication=self.authentication)
        except FlowError as error:
            return self.code_invalid(form, error)
        state = self.get_recovery_state(entered)
        if state is None:
            return self.restart_flow(self.flow.restart_url, texts.ACCOUNT_CHANGED)
        recovery.start(self.request, state, code=entered)
        session.clear(self.request, self.purpose)
        return HttpResponseRedirect(number_url)

    def get_recovery_state(self, code: RecoveryCode) -> RecoveryState | None:
        """Return the user's recovery; ``None`` if they may not log in."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(recovery_url=self.get_recovery_url(), **kwargs)

    def get_recovery_url(self) -> str:
        """Return the URL of the page for a recovery code alone; empty where the project doesn't have it."""
        return recovery.find_url(self.request, self.recovery_code_url)


@method_decorator(login_not_required, name="dispatch")
class RecoveryCodeView(PageView, StoredMessageMixin, FormView):  # type: ignore[type-arg]
    """Ask a user whose password was right, or who is signed in, for the recovery code alone."""

    form_class = RecoveryCodeForm
    template_name = "django_ding/login/recovery_code.html"
    heading: Text = _("Use a recovery code")
    intro: Text = _(
        "Lost your phone? Contact support. Once they've confirmed that it's you, they'll give you a recovery code to "
        "set up a new phone number with."
    )

    state: RecoveryState
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        state = recovery.load(request) or self._get_own_state()
        user = session.get_user(state) if state else None
        if state is None or user is None:
            return HttpResponseRedirect(resolve_url(request, settings.LOGIN_URL))
        self.state, self.user = state, user
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Check the code. Every check ends in a redirect, so that a reload never checks twice."""
        # Before the code is spent: a URL that can't be reversed fails here.
        number_url = resolve_url(self.request, recovery.NUMBER_URL)
        try:
            entered = flows.redeem_recovery_code(self.request, form.cleaned_data["code"], user=self.user)
        except FlowError as error:
            if error.code == InvalidCode.code:
                form.add_error("code", NOT_A_RECOVERY_CODE)
                return self.form_invalid(form)
            session.set_message(self.request, self.request.path, str(error), field="code")
            return HttpResponseRedirect(self.request.path)
        recovery.start(self.request, self.state, code=entered)
        return HttpResponseRedirect(number_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"heading": self.heading, "intro": self.intro, "restart_url": self.state.restart_url}
        return super().get_context_data(**context, **kwargs)

    def _get_own_state(self) -> RecoveryState | None:
        user = self.request.user
        if not user.is_authenticated:
            return None
        url = resolve_url(self.request, "django_ding_login:numbers")
        return recovery.of_user(self.request, user, success_url=url, restart_url=url)


class RecoveryRequiredMixin(View):
    """Restrict a page to visitors who entered a recovery code. List it after ``PageView`` and ``FlowView``."""

    state: RecoveryState
    code: RecoveryCode
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = recovery.load_entered(request)
        user = session.get_user(found[0]) if found else None
        if found is None or user is None:
            return restart_recovery(request)
        (self.state, self.code), self.user = found, user
        return super().dispatch(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class RecoveryNumberView(
    PageView,
    RecoveryRequiredMixin,
    NextPageMixin,
    PhoneNumberFormMixin,
    FormView,  # type: ignore[type-arg]
):
    """Ask for the new number."""

    next_page = "django_ding_login:numbers"
    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:recovery-number-code"
    heading: Text = _("Set up a new phone number")
    intro: Text = _(
        "Recovery code accepted. We'll text a code to your new number. Once verified, it replaces all phone numbers of "
        "your account."
    )

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send a code to the number."""
        data = {"success_url": self.state.success_url, "restart_url": self.request.path, "user": self.state.user}
        return self.start_flow(form, form.cleaned_data["phone_number"], data=data, user=self.user)


@method_decorator(login_not_required, name="dispatch")
class RecoveryNumberFlowView(FlowView, RecoveryRequiredMixin):
    """A page between the new number and its code."""

    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:recovery-number-code"
    start_url: Any = "django_ding_login:recovery-number"

    def get_flow(self) -> FlowState | None:
        """Leave that of a signed-in user, who adds a number to the account, to its own pages."""
        flow = super().get_flow()
        return flow if flow and (flow.user or flow.is_finished) else None


class RecoveryNumberVerifyView(RecoveryNumberFlowView, CodeView):
    """Ask for the code of the new number, and log its user in."""

    resend_url: Any = "django_ding_login:recovery-number-code-resend"

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Let the new number replace the others, and complete the login."""
        if result.phone_number is None:
            return self.restart_flow(self.flow.restart_url, user_message(result.status), field="phone_number")
        try:
            services.complete_recovery(self.code, result.phone_number)
        except (InvalidProof, PhoneNumber.DoesNotExist):
            return restart_recovery(self.request)
        recovery.clear(self.request)
        self.user.refresh_from_db()  # A user without a password has another random text in its place.
        login(self.request, self.user, backend=self.state.backend)
        messages.success(self.request, _("Phone number verified."), fail_silently=True)
        return self.finish_flow()


class RecoveryNumberResendView(ResendView, RecoveryNumberFlowView):
    """Resend the code to the new number."""


def restart_recovery(request: HttpRequest) -> HttpResponse:
    """Redirect a visitor who can't verify a new number with a recovery code, or no longer can."""
    state = recovery.load(request)
    recovery.clear(request)
    url = state.restart_url if state else resolve_url(request, settings.LOGIN_URL)
    if state or request.method == "POST":  # A GET request stores no message, so that it creates no session.
        session.set_message(request, url, str(texts.PAGE_EXPIRED))
    return HttpResponseRedirect(url)
