"""Confirm that it is still the user, with the password or a code, before their phone numbers change."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from django_ding import services
from django_ding.conf import ding_settings
from django_ding.exceptions import DingError, InputError, InvalidProof
from django_ding.login import recovery, texts
from django_ding.login.forms import StepUpForm
from django_ding.login.recovery import RecoveryState
from django_ding.login.views.base import FlowView, NextPageMixin, StartFlowMixin, Text, UserPageView
from django_ding.login.views.code import ResendView
from django_ding.login.views.recovery import RecoveryCodeMixin
from django_ding.models import Authentication, PhoneNumber, RecoveryCode
from django_ding.reverse import resolve_url
from django_ding.services import CheckResult


class StepUpRequiredMixin:
    """Restrict a page to users who have confirmed that it is them. List it after ``LoginRequiredMixin``."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs_step_up():
            return self.handle_step_up()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def needs_step_up(self) -> bool:
        """Return whether the user has to confirm that it is them."""
        return services.needs_step_up(self.request)

    def handle_step_up(self) -> HttpResponse:
        """Redirect to the page where they do, from which they return."""
        return redirect_to_login(self.request.get_full_path(), resolve_url(self.request, ding_settings.STEP_UP_URL))


class StepUpView(UserPageView, NextPageMixin, StartFlowMixin, FormView):  # type: ignore[type-arg]
    """Ask for the password, or send a code to one of the user's numbers."""

    form_class = StepUpForm
    template_name = "django_ding/login/step_up.html"
    next_page = "django_ding_login:numbers"
    purpose: str = Authentication.Purpose.STEP_UP
    code_url: Any = "django_ding_login:step-up-code"
    heading: Text = _("Confirm it's you")
    intro: Text = _("Before you change your phone numbers, we need to make sure that it's you.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on at once for a user who has confirmed it, as in another tab."""
        if not services.needs_step_up(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_back_url(self) -> str:
        return self.get_default_redirect_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_kept_inputs(self) -> tuple[str, ...]:
        return ("number", self.redirect_field_name)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send a code to the number that was chosen, or check the password."""
        if number := form.cleaned_data["number"]:
            data = {**self.get_flow_data(), "number": str(number.public_id)}
            return self.start_flow(form, number.phone_number, data=data, user=self.request.user)
        try:
            services.step_up_by_password(self.request, form.cleaned_data["password"])
        except DingError as error:
            form.add_error("password" if isinstance(error, InputError) else None, texts.error_message(error))
            return self.form_invalid(form)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "heading": self.heading,
            "intro": self.intro,
            "next": self.get_redirect_url(),
            "reason": self.reason,
            "back_url": self.get_back_url(),
        }
        numbers = PhoneNumber.write_db.of_user(self.request.user)
        return super().get_context_data(**context, numbers=numbers, **kwargs)


class StepUpFlowView(UserPageView, FlowView):
    """A page between the choice of a number and its code."""

    purpose: str = Authentication.Purpose.STEP_UP
    code_url: Any = "django_ding_login:step-up-code"
    start_url: Any = "django_ding_login:step-up"


class StepUpCodeView(StepUpFlowView, RecoveryCodeMixin):
    """Ask for the code, and continue to the requested page."""

    resend_url: Any = "django_ding_login:step-up-code-resend"
    shows_number = False

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Record the confirmation in the session."""
        try:
            services.step_up_by_code(self.request, result.authentication)
        except InvalidProof:  # The number was removed while its code was entered.
            return self.restart_flow(self.flow.restart_url, texts.PAGE_EXPIRED)
        return self.finish_flow()

    def get_recovery_state(self, code: RecoveryCode) -> RecoveryState:
        """Return that of the user who is signed in."""
        urls = {"success_url": self.flow.success_url, "restart_url": self.flow.restart_url}
        return recovery.of_user(self.request, self.request.user, **urls)


class StepUpResendView(ResendView, StepUpFlowView):
    """Resend the code to confirm with."""
