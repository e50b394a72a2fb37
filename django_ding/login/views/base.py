"""What the pages share: the headers, the page that asks for a number, and the page that asks for the code."""

import math
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from django.views.generic.base import TemplateResponseMixin
from django.views.generic.edit import FormMixin

from django_ding.login import flows, sentences, state
from django_ding.login.countries import language_region
from django_ding.login.flows import Refused
from django_ding.login.forms import CodeForm, PhoneNumberForm
from django_ding.login.state import FlowState
from django_ding.models import Authentication
from django_ding.non_atomic import NonAtomicView
from django_ding.services import CheckResult
from django_ding.services.records import seconds_until

_Text = str | Promise


#: Keeps what is posted out of error reports, and the answer out of caches.
_protected = method_decorator([sensitive_post_parameters(), csrf_protect, never_cache])


class Page(NonAtomicView, View):
    """A page that no cache keeps, with no transaction around what it counts and its input out of error reports."""

    @_protected
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)


class NumberFormMixin(FormMixin):  # type: ignore[type-arg]
    """The form that asks for a number, on a page of ``RedirectURLMixin``'s kind.

    What is refused is shown at once, since nothing was sent; what is sent ends in a redirect to the code's page.
    """

    form_class: Any = PhoneNumberForm
    template_name: str | None = "django_ding/login/phone_number.html"
    purpose: str
    code_url: Any
    heading: _Text
    intro: _Text = _("We send you a message with a code. You enter it on the next page.")
    submit: _Text = _("Send the code")

    request: HttpRequest

    def get_form(self, form_class: Any = None) -> PhoneNumberForm:
        """Return the form for the country that the browser's language hints at."""
        data = self.request.POST if self.request.method == "POST" else None
        form: PhoneNumberForm = (form_class or self.get_form_class())(data, region=language_region(self.request))
        if data is None:
            state.show_told(self.request, form, "phone_number")
        return form

    def form_valid(self, form: PhoneNumberForm) -> HttpResponse:
        """Send a code, and go on to the page that asks for it."""
        try:
            authentication = self.send(form)
        except Refused as refused:
            form.add_error("phone_number", str(refused))
            return self.form_invalid(form)
        state.begin(self.request, authentication, **self.facts())
        return redirect(resolve_url(self.code_url))

    def send(self, form: PhoneNumberForm) -> Authentication:
        """Send a code to the number of a valid form."""
        user = self.request.user if self.purpose == Authentication.Purpose.LINK else None
        return flows.send(self.request, form.cleaned_data["phone_number"], purpose=self.purpose, user=user)

    def facts(self) -> dict[str, str]:
        """Return what the flow has to remember."""
        restart_url = flows.with_next(self.request.path, self._next(), self.redirect_field_name)  # type: ignore[attr-defined]
        return {"destination": self.get_success_url(), "restart_url": restart_url}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"heading": self.heading, "intro": self.intro, "submit": self.submit}
        return super().get_context_data(**words, next=self._next(), **kwargs)

    def _next(self) -> str:
        return str(self.get_redirect_url())  # type: ignore[attr-defined]


class FlowPage(NonAtomicView, View):
    """A page of a flow that waits for a code; whoever is not in the flow is sent where it begins."""

    purpose: str
    code_url: Any
    start_url: Any

    state: FlowState
    authentication: Authentication

    @_protected
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known = state.recall(request, self.purpose)
        if known and known.is_over:
            return self.over(known.destination)
        authentication = state.awaited(known) if known else None
        if not known or not authentication:
            return self.lost()
        self.state, self.authentication = known, authentication
        return super().dispatch(request, *args, **kwargs)

    def over(self, destination: str) -> HttpResponse:
        """Lead on a visitor who is done. A destination that is this very page would lead in a circle."""
        is_circle = urlsplit(destination).path == self.request.path
        return self.lost() if is_circle else redirect(destination)

    def lost(self) -> HttpResponse:
        """Answer a visitor whose session ended, or has become another user's. A mere look makes no new session."""
        url = resolve_url(self.start_url)
        return self.start_again(url, sentences.LOST) if self.request.method == "POST" else redirect(url)

    def start_again(self, url: str, sentence: _Text) -> HttpResponse:
        """Give the flow up, and say why on the page where it begins."""
        state.forget(self.request, self.purpose)
        state.tell(self.request, url, str(sentence))
        return redirect(url)


class CodePage(TemplateResponseMixin, FlowPage):
    """Ask for the code and check it. Any check ends in a redirect, so that reloading the page never checks twice."""

    template_name = "django_ding/login/enter_code.html"
    resend_url: Any
    heading: _Text = _("Enter the code")
    #: Whether the visitor typed the number, and so may see it whole.
    shows_number = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        form = self.get_form()
        state.show_told(request, form, "code")
        return self.render_to_response(self.get_context_data(form))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check a code. What can't be one is not counted and shown at once."""
        form = self.get_form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form))
        try:
            result = flows.check(self.authentication, form.cleaned_data["code"])
        except Refused as refused:
            return self.refused(str(refused))
        return self.proven(form, result)

    def get_form(self, data: Any = None) -> CodeForm:
        """Return the form for the code."""
        return CodeForm(data)

    def refused(self, sentence: str) -> HttpResponse:
        """Show the page again, with what was wrong."""
        url = resolve_url(self.code_url)
        if sentence:
            state.tell(self.request, url, sentence)
        return redirect(url)

    def proven(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Do what the right code is good for. It is called once."""
        raise NotImplementedError

    def get_context_data(self, form: BaseForm) -> dict[str, Any]:
        """Return what the template needs."""
        row = self.authentication
        return {
            "form": form,
            "heading": self.heading,
            "masked_number": row.masked_number.replace("*", "•"),
            "shown_number": row.phone_number if self.shows_number else "",
            "remaining_checks": row.remaining_checks,
            "expires_at": row.expires_at,
            "next_retry_at": row.next_retry_at,
            "retry_seconds": math.ceil(seconds_until(row.next_retry_at)),
            "remaining_retry": row.remaining_retry,
            "over": sentences.of_state(row),
            "restart_url": self.state.restart_url,
            "resend_url": resolve_url(self.resend_url),
        }


class ResendPage(FlowPage):
    """Send another code, and go back to the page that asks for it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send nothing: somebody followed a link, or has just signed in again."""
        return redirect(resolve_url(self.code_url))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send another code, if it is time."""
        url = resolve_url(self.code_url)
        try:
            flows.retry(self.authentication)
        except Refused as refused:
            state.tell(request, url, str(refused))
        else:
            messages.success(request, sentences.ANOTHER_SENT, fail_silently=True)
        return redirect(url)
