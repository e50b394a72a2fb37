"""A signed-in user's numbers: add, change, make primary, remove."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from django.views.generic.edit import FormView

from django_ding import services
from django_ding.login import sentences, state
from django_ding.login.views.base import CodePage, FlowPage, NumberFormMixin, Page, ResendPage
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import CheckResult
from django_ding.services.records import write_alias

_NUMBERS_URL = reverse_lazy("django_ding_login:numbers")


class NumbersView(Page, LoginRequiredMixin, TemplateView):
    """List the user's numbers."""

    template_name = "django_ding/login/numbers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        add_url = reverse_lazy("django_ding_login:add")
        return super().get_context_data(numbers=numbers_of(self.request.user), add_url=add_url, **kwargs)


class VerifyPhoneView(Page, LoginRequiredMixin, RedirectURLMixin, NumberFormMixin, FormView):  # type: ignore[type-arg]
    """Ask for a number to link to the user's account. It is theirs once they enter the code."""

    next_page = _NUMBERS_URL  # type: ignore[assignment]
    purpose = Authentication.Purpose.LINK
    code_url = reverse_lazy("django_ding_login:number-code")
    heading = _("Add a phone number")


class ChangeNumberView(VerifyPhoneView):
    """Ask for the number to take another one's place. The old one stays until the new one is proven."""

    heading = _("Change your phone number")
    submit = _("Send a code to the new number")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            own_number(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def facts(self) -> dict[str, str]:
        """Remember besides which number is to be replaced."""
        return {**super().facts(), "replaces": str(self.kwargs["pk"])}


class NumberFlowPage(LoginRequiredMixin, FlowPage):
    """A page between the number and its code."""

    purpose = Authentication.Purpose.LINK
    code_url = reverse_lazy("django_ding_login:number-code")
    start_url = reverse_lazy("django_ding_login:add")


class NumberCodeView(CodePage, NumberFlowPage):
    """Ask for the code, and link its number to the user's account."""

    resend_url = reverse_lazy("django_ding_login:number-code-resend")

    def proven(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Let the new number take the old one's place, if there is one."""
        if result.phone_number is None:
            return self.start_again(self.state.restart_url, sentences.TAKEN)
        self.replace_old(result.phone_number)
        state.finish(self.request, self.purpose, self.state.destination)
        messages.success(self.request, sentences.VERIFIED, fail_silently=True)
        return redirect(self.state.destination)

    def replace_old(self, proven: PhoneNumber) -> None:
        """Let a number that was just proven take the place of the one it is to replace, if that is still there."""
        old = numbers_of(self.request.user).filter(pk=self.state.replaces).first() if self.state.replaces else None
        if old:
            with found_or_404():
                services.replace(old, by=proven)


class NumberResendView(ResendPage, NumberFlowPage):
    """Send another code to the number that is to be linked."""


class MakePrimaryView(Page, LoginRequiredMixin, View):
    """Make a number the one to use."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change nothing: somebody has just signed in again."""
        return redirect(_NUMBERS_URL)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make it so."""
        with found_or_404():
            services.make_primary(own_number(request, pk))
        messages.success(request, sentences.PRIMARY, fail_silently=True)
        return redirect(_NUMBERS_URL)


class RemoveNumberView(Page, LoginRequiredMixin, TemplateView):
    """Ask whether to remove a number, and remove it."""

    template_name = "django_ding/login/remove_number.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(number=own_number(self.request, kwargs["pk"]), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Release the number."""
        services.remove(own_number(request, pk))
        messages.success(request, sentences.REMOVED, fail_silently=True)
        return redirect(_NUMBERS_URL)


def numbers_of(user: Any) -> QuerySet[PhoneNumber]:
    """Return the user's numbers, the primary one first."""
    return PhoneNumber.objects.using(write_alias()).filter(user=user)


def own_number(request: HttpRequest, pk: int) -> PhoneNumber:
    """Return a number of the user's.

    :raises Http404: when they have no such number.
    """
    return get_object_or_404(numbers_of(request.user), pk=pk)


@contextmanager
def found_or_404() -> Iterator[None]:
    """Answer as for a number that isn't there when it was removed at this moment."""
    try:
        yield
    except PhoneNumber.DoesNotExist:
        raise Http404 from None
