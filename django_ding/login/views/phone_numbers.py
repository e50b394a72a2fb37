"""A signed-in user's phone numbers: list, add, change, make primary, delete."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm, Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import DeleteView, DetailView, FormView, ListView
from django.views.generic.detail import SingleObjectMixin

from django_ding import services
from django_ding.codes import user_message
from django_ding.exceptions import LastPhoneNumber
from django_ding.login import texts
from django_ding.login.forms import fill_in
from django_ding.login.session import FlowState
from django_ding.login.views.base import FlowView, NextPageMixin, PhoneNumberFormMixin, Text, UserPageView
from django_ding.login.views.code import CodeView, ResendView
from django_ding.login.views.step_up import StepUpRequiredMixin
from django_ding.models import Authentication, PhoneNumber
from django_ding.reverse import reverse
from django_ding.services import CheckResult

_LIST_URL = "django_ding_login:numbers"


class UserPhoneNumbersMixin(UserPageView):
    """Limit a generic view to the signed-in user's phone numbers."""

    request: HttpRequest
    slug_field = slug_url_kwarg = "public_id"
    pk_url_kwarg: Any = None  # "pk" may be an argument of the URL that the pages are mounted under.

    def get_queryset(self) -> QuerySet[PhoneNumber]:
        return PhoneNumber.write_db.of_user(self.request.user)


class PhoneNumberListView(UserPhoneNumbersMixin, ListView):  # type: ignore[type-arg]
    """List the user's numbers."""

    template_name = "django_ding/login/phone_number_list.html"
    context_object_name = "numbers"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "add_url": reverse(self.request, "django_ding_login:add"),
            "devices_url": reverse(self.request, "django_ding_login:devices"),
        }
        return super().get_context_data(**context, **kwargs)


class PhoneNumberAddView(
    UserPageView,
    StepUpRequiredMixin,
    NextPageMixin,
    PhoneNumberFormMixin,
    FormView,  # type: ignore[type-arg]
):
    """Ask for a number to link to the user's account once they have entered the code."""

    next_page = _LIST_URL
    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:number-code"
    heading: Text = _("Add a phone number")
    #: The heading for a user whom a view for verified users has sent here.
    verify_heading: Text = _("Verify your phone number")

    def get_back_url(self) -> str:
        """Return the page that the user came from, unless it would only send them here again."""
        next_url = self.get_redirect_url()
        return next_url if next_url and not self.reason else self.get_default_redirect_url()

    def get_form(self, form_class: Any = None) -> Any:
        """Fill in the number that a view for verified users wants to have verified again."""
        form = super().get_form(form_class)
        if self.reason and not (form.is_bound or self.message_about):
            number = services.primary_number(self.request.user)
            if number:
                fill_in(form, number.phone_number)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "heading": self.verify_heading} if self.reason else context

    def needs_step_up(self) -> bool:
        """Return whether the user has to confirm that it is them before they see the form."""
        # A view for verified users may have sent them here to verify a number of theirs again. Its code is proof
        # enough, and form_valid() asks those who enter another number.
        may_verify_again = self.get_redirect_url() and services.has_verified_number(self.request.user)
        return super().needs_step_up() and not may_verify_again

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send a code to the number, if it may be added."""
        if services.needs_step_up(self.request, form.cleaned_data["phone_number"]):
            return self.handle_step_up()
        return super().form_valid(form)


class PhoneNumberChangeView(UserPhoneNumbersMixin, SingleObjectMixin, PhoneNumberAddView):  # type: ignore[type-arg]
    """Ask for the number that replaces another one. The old one stays until the new one is verified."""

    context_object_name = "number"
    heading: Text = _("Change your phone number")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def needs_step_up(self) -> bool:
        # Also for another number of theirs: the old one goes.
        return services.needs_step_up(self.request)

    def get_form(self, form_class: Any = None) -> Any:
        """Call the number the new one: the page names the old one, too."""
        form = super().get_form(form_class)
        form.fields["phone_number"].label = _("New phone number")
        return form

    def get_former_number(self) -> str:
        number: str = self.object.phone_number
        return number

    def get_flow_data(self) -> dict[str, str]:
        return {**super().get_flow_data(), "replaces": str(self.object.public_id)}


class PhoneNumberFlowView(UserPageView, FlowView):
    """A page between the number and its code."""

    purpose: str = Authentication.Purpose.LINK
    code_url: Any = "django_ding_login:number-code"
    start_url: Any = "django_ding_login:add"

    def get_flow(self) -> FlowState | None:
        """Leave that of a recovery to its own pages, which a revoked code closes."""
        flow = super().get_flow()
        return None if flow and flow.user else flow


class PhoneNumberVerifyView(PhoneNumberFlowView, CodeView):
    """Ask for the code, and link its number to the user's account."""

    resend_url: Any = "django_ding_login:number-code-resend"

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Replace the old number with the new one, if there is an old one."""
        new = result.phone_number
        if new is None:
            taken, about = user_message(result.status), result.authentication
            return self.restart_flow(self.flow.restart_url, taken, field="phone_number", about=about)
        numbers = PhoneNumber.write_db.of_user(self.request.user)
        if self.flow.replaces and (old := numbers.filter(public_id=self.flow.replaces).first()):
            with removed_is_404():
                services.replace_number(old, new)
        messages.success(self.request, _("Phone number verified."), fail_silently=True)
        return self.finish_flow()


class PhoneNumberResendView(ResendView, PhoneNumberFlowView):
    """Resend the code to the number to link."""


class PhoneNumberMakePrimaryView(UserPhoneNumbersMixin, StepUpRequiredMixin, DetailView):  # type: ignore[type-arg]
    """Make a number the user's primary one. GET asks for confirmation: the visitor has just signed in or confirmed."""

    template_name = "django_ding/login/phone_number_confirm_primary.html"
    context_object_name = "number"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        url = reverse(request, _LIST_URL)
        with removed_is_404():
            services.make_primary(self.get_object())
        messages.success(request, _("Primary number changed."), fail_silently=True)
        return HttpResponseRedirect(url)


class PhoneNumberDeleteView(UserPhoneNumbersMixin, StepUpRequiredMixin, DeleteView):  # type: ignore[type-arg]
    """Ask for confirmation, and remove a number from the account."""

    # Without DELETE, which Django's view answers with the model's own delete(): nothing would release the number.
    http_method_names = ["get", "head", "options", "post"]
    template_name = "django_ding/login/phone_number_confirm_delete.html"
    context_object_name = "number"

    def get_success_url(self) -> str:
        return reverse(self.request, _LIST_URL)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Warn before the last number, or say that it stays."""
        warning = texts.removal_warning(self.object)
        is_kept = bool(warning) and services.must_keep_number(self.object.user)
        return super().get_context_data(warning=warning, is_kept=is_kept, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        url = self.get_success_url()
        try:
            services.remove_number(self.object, by_owner=True)
        except LastPhoneNumber:
            return self.form_invalid(form)  # The page says why.
        messages.success(self.request, _("Number removed."), fail_silently=True)
        return HttpResponseRedirect(url)


@contextmanager
def removed_is_404() -> Iterator[None]:
    """Raise Http404 for a number that another request has just removed."""
    try:
        yield
    except PhoneNumber.DoesNotExist:
        raise Http404 from None
