"""The first number of a user whose password was right, before the login is completed."""

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
from django_ding.login import enrollment, session, texts
from django_ding.login.enrollment import EnrollmentState
from django_ding.login.session import FlowState
from django_ding.login.views.base import FlowView, NextPageMixin, PageView, PhoneNumberFormMixin, Text
from django_ding.login.views.code import CodeView, ResendView
from django_ding.models import Authentication
from django_ding.reverse import resolve_url
from django_ding.services import CheckResult


class EnrollmentRequiredMixin(View):
    """Restrict a page to visitors whose password was right and who never had a number. List it after ``PageView``."""

    state: EnrollmentState
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = enrollment.load(request)
        if found is None:
            return restart_enrollment(request)
        self.state, self.user = found
        return super().dispatch(request, *args, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class EnrollView(
    PageView,
    EnrollmentRequiredMixin,
    NextPageMixin,
    PhoneNumberFormMixin,
    FormView,  # type: ignore[type-arg]
):
    """Ask for the number that codes go to from now on."""

    next_page = "django_ding_login:numbers"
    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:enroll-code"
    heading: Text = _("Set up your phone number")
    intro: Text = _("Your account needs a phone number. We'll text a code to it now, and each time you log in.")

    def get_back_url(self) -> str:
        return self.state.restart_url

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send a code to the number."""
        data = {
            "success_url": self.state.success_url,
            "restart_url": self.request.path,
            "back_url": self.state.restart_url,
            "user": self.state.user,
        }
        return self.start_flow(form, form.cleaned_data["phone_number"], data=data, user=self.user)


@method_decorator(login_not_required, name="dispatch")
class EnrollFlowView(FlowView, EnrollmentRequiredMixin):
    """A page between the number and its code."""

    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:enroll-code"
    start_url: Any = "django_ding_login:enroll"

    def get_flow(self) -> FlowState | None:
        """Leave that of a signed-in user, who adds a number to the account, to its own pages."""
        flow = super().get_flow()
        return flow if flow and (flow.user or flow.is_finished) else None


class EnrollVerifyView(EnrollFlowView, CodeView):
    """Ask for the code of the number, and log its user in."""

    resend_url: Any = "django_ding_login:enroll-code-resend"

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Complete the login, unless another browser's number came first: then that one gets the codes."""
        if result.phone_number is None:
            return self.restart_flow(self.flow.restart_url, user_message(result.status), field="phone_number")
        if not result.phone_number.is_primary:  # A constraint decides which of two at once is.
            services.remove_number(result.phone_number)
            enrollment.clear(self.request)
            return self.restart_flow(self.state.restart_url, texts.ACCOUNT_CHANGED)
        enrollment.clear(self.request)
        login(self.request, self.user, backend=self.state.backend)
        messages.success(self.request, _("Phone number verified."), fail_silently=True)
        return self.finish_flow()


class EnrollResendView(ResendView, EnrollFlowView):
    """Resend the code to the number."""


def restart_enrollment(request: HttpRequest) -> HttpResponse:
    """Redirect a visitor who can't verify a first number, or not any longer, to the login page."""
    enrollment.clear(request)
    url = resolve_url(request, settings.LOGIN_URL)
    if request.method == "POST":  # A GET request stores no message, so that it creates no session.
        session.set_message(request, url, str(texts.PAGE_EXPIRED))
    return HttpResponseRedirect(url)
