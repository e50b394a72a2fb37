"""The views of every flow: one that starts it, one that asks for the code, one that resends it."""

import math
import re
from copy import copy
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, View
from django.views.generic.edit import FormMixin

from django_ding.channels import Channel
from django_ding.countries import flag, localized_name
from django_ding.error_reports import without_variables
from django_ding.exceptions import InvalidCode, LockedOut
from django_ding.humanize import seconds_until
from django_ding.login import flows, session
from django_ding.login.decorators import find_reason
from django_ding.login.flows import FlowError
from django_ding.login.forms import CodeForm, PhoneNumberForm, fill_in, initial_region
from django_ding.login.outages import answer_outages
from django_ding.login.session import FlowState
from django_ding.models import Authentication
from django_ding.reverse import resolve_path, resolve_url
from django_ding.services import CheckResult
from django_ding.transactions import NonAtomicView

Text = str | Promise

_DISPATCH_ID = re.compile(r"[A-Za-z0-9-]{36}")


class PageView(NonAtomicView, View):
    """Keep a view out of caches and transactions, what it handles out of error reports, and check the CSRF token."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        # Around the whole view, not around dispatch(): a mixin's redirect must not be cached either.
        return never_cache(csrf_protect(sensitive_post_parameters()(without_variables(answer_outages(view)))))


class UserPageView(LoginRequiredMixin, PageView):
    """A page for signed-in users."""

    def get_login_url(self) -> str:
        return resolve_url(self.request, super().get_login_url())


class NextPageMixin(RedirectURLMixin):
    """Redirect to the visitor's ``next``, and otherwise to a page of the same part of the site."""

    request: HttpRequest

    def get_default_redirect_url(self) -> str:
        return resolve_url(self.request, self.next_page)


class StoredMessageMixin(FormMixin):  # type: ignore[type-arg]
    """Show on the form what a redirect to this page has to say."""

    request: HttpRequest
    #: The authentication whose number that is about, if it is about one.
    message_about: Authentication | None = None

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        # A submitted form has errors of its own; the message stays for the next GET.
        if self.request.method != "POST":
            self.message_about = session.pop_message(self.request, form)
        return form


class StartFlowMixin(NonAtomicView, StoredMessageMixin):
    """The first page of a flow, on a view with Django's ``RedirectURLMixin``."""

    purpose: str
    code_url: Any
    redirect_field_name: str

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, which is the project's own where a code follows its password: without variables, too."""
        return without_variables(answer_outages(super().as_view(**initkwargs)))

    def get_flow_data(self) -> dict[str, str]:
        """Return the fields of :class:`FlowState` that the flow has to keep."""
        next_url = self.get_redirect_url()  # type: ignore[attr-defined]
        query = f"?{urlencode({self.redirect_field_name: next_url})}" if next_url else ""
        return {
            "success_url": str(self.get_success_url()),
            "restart_url": f"{self.request.path}{query}",
            "back_url": self.get_back_url(),
        }

    @cached_property
    def reason(self) -> str:
        """Why the page that the visitor goes on to needs a verified number; empty for one that needs none."""
        return find_reason(str(self.get_redirect_url()))  # type: ignore[attr-defined]

    def get_back_url(self) -> str:
        """Return the URL of the page to leave the flow for; empty for none."""
        return ""

    def get_dispatch_id(self) -> str | None:
        """Return the id that the front-end SDK of the provider put into the form; ``None`` for anything else."""
        dispatch_id = self.request.POST.get("dispatch_id", "")
        return dispatch_id if _DISPATCH_ID.fullmatch(dispatch_id) else None

    def start_flow(self, form: BaseForm, phone_number: str, *, data: dict[str, str], user: Any = None) -> HttpResponse:
        """Send a code and redirect to the page that asks for it, or show the form again, with the error."""
        # Before the message is paid for, and the code spent: URLs that can't be reversed or redirected to fail here.
        url = resolve_url(self.request, self.code_url)
        HttpResponseRedirect(data["success_url"])
        resolve_urls_of(self.request, url)
        try:
            authentication = flows.send(
                self.request, phone_number, purpose=self.purpose, user=user, dispatch_id=self.get_dispatch_id()
            )
        except FlowError as error:
            return self.handle_not_sent(form, error)
        session.start(self.request, authentication, **data)
        return HttpResponseRedirect(url)

    def handle_not_sent(self, form: BaseForm, error: FlowError) -> HttpResponse:
        """Show the form again, with the reason why no code was sent."""
        is_of_field = error.is_input and "phone_number" in form.fields
        form.add_error("phone_number" if is_of_field else None, str(error))
        return self.form_invalid(form)


class PhoneNumberFormMixin(StartFlowMixin):
    """Ask for a phone number and send a code to it."""

    form_class: Any = PhoneNumberForm
    template_name: str | None = "django_ding/login/phone_number_form.html"
    heading: Text
    intro: Text = _("We'll text you a code to confirm it's you.")
    submit: Text = _("Send code")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Preselect the country that the number is most likely of."""
        return {**super().get_form_kwargs(), "region": initial_region(self.request, near=self.get_former_number())}

    def get_former_number(self) -> str:
        """Return a number that the visitor had or has, in E.164, whose country comes first; empty for none."""
        return ""

    def get_form(self, form_class: Any = None) -> Any:
        """Show the number that a message is about."""
        form = super().get_form(form_class)
        if self.message_about:
            fill_in(form, self.message_about.phone_number)
        return form

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send a code to the number."""
        user = self.request.user if self.purpose == Authentication.Purpose.LINK else None
        return self.start_flow(form, form.cleaned_data["phone_number"], data=self.get_flow_data(), user=user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            "heading": self.heading,
            "intro": self.intro,
            "submit": self.submit,
            "next": str(self.get_redirect_url()),  # type: ignore[attr-defined]
            "reason": self.reason,
            "back_url": self.get_back_url(),
        }
        return super().get_context_data(**context | kwargs)


class FlowView(PageView):
    """A page of a flow that expects a code. A visitor outside the flow is redirected to its start."""

    purpose: str
    code_url: Any
    start_url: Any
    #: The attributes that are the page's URLs.
    url_attributes: tuple[str, ...] = ("code_url", "start_url")

    flow: FlowState
    authentication: Authentication

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        flow = session.load(request, self.purpose)
        if flow and flow.is_finished and session.count_return(request, self.purpose, flow):
            return self.handle_finished(flow.success_url)
        authentication = session.get_authentication(flow) if flow else None
        if not flow or not authentication:
            return self.handle_no_flow()
        self.flow, self.authentication = flow, authentication
        return super().dispatch(request, *args, **kwargs)

    def handle_finished(self, success_url: str) -> HttpResponse:
        """Redirect a visitor who has already entered the code."""
        return HttpResponseRedirect(success_url)

    def handle_no_flow(self) -> HttpResponse:
        """Redirect a visitor whose session expired or now belongs to another user."""
        url = resolve_url(self.request, self.start_url)
        # A GET request stores no message, so that it creates no session.
        if self.request.method == "POST":
            return self.restart_flow(url, flows.PAGE_EXPIRED)
        return HttpResponseRedirect(url)

    def restart_flow(
        self, url: str, message: Text, *, field: str = NON_FIELD_ERRORS, about: Authentication | None = None
    ) -> HttpResponse:
        """End the flow, and redirect to the page where it starts, which says why.

        :param about: the authentication whose number is in the way.
        """
        session.clear(self.request, self.purpose)
        session.set_message(self.request, url, str(message), field=field, about=about)
        return HttpResponseRedirect(url)

    def finish_flow(self) -> HttpResponse:
        """End the flow, and redirect to its success URL."""
        session.finish(self.request, self.purpose, self.flow.success_url)
        # Not redirect(), which takes a ``next`` without a slash for the name of a view.
        return HttpResponseRedirect(self.flow.success_url)


def resolve_urls_of(request: HttpRequest, url: str) -> None:
    """Resolve the URLs of the page that asks for a code as that page will do, if this site has it.

    :raises NoReverseMatch: for a page that would fail.
    """
    match = resolve_path(url)
    view_class = getattr(match.func, "view_class", None) if match else None
    if match and view_class and issubclass(view_class, FlowView):
        seen = copy(request)
        seen.resolver_match = match
        page = view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
        page.setup(seen, *match.args, **match.kwargs)
        for name in page.url_attributes:
            resolve_url(seen, getattr(page, name))


class CodeView(FlowView, StoredMessageMixin, FormView):  # type: ignore[type-arg]
    """Ask for the code and check it. Every check ends in a redirect, so that a reload never checks twice."""

    form_class = CodeForm
    template_name = "django_ding/login/enter_code.html"
    resend_url: Any
    url_attributes = (*FlowView.url_attributes, "resend_url")
    heading: Text = _("Enter the code")
    #: Whether the visitor entered the number, and so can see all of it.
    shows_number = True

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if self.authentication.channel == Channel.VOICE:
            form.fields["code"].help_text = _("Enter the code from the call.")
        return form

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Check the code."""
        try:
            result = flows.check(self.request, self.authentication, form.cleaned_data["code"])
        except FlowError as error:
            if error.code == InvalidCode.code:  # It can't be a code of this backend's, so no attempt was counted.
                form.add_error("code", str(error))
                return self.form_invalid(form)
            return self.code_invalid(form, error)
        return self.code_valid(form, result)

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Handle a right code, ``valid`` or ``number_taken``. Exactly one request gets here."""
        raise NotImplementedError

    def code_invalid(self, form: BaseForm, error: FlowError) -> HttpResponse:
        """Show the page again, with the error, or the start of the flow if no code is accepted."""
        if error.code == LockedOut.code:
            return self.restart_flow(self.flow.restart_url, str(error))
        url = resolve_url(self.request, self.code_url)
        if message := str(error):
            session.set_message(self.request, url, message, field="code" if error.is_input else NON_FIELD_ERRORS)
        return HttpResponseRedirect(url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.authentication
        context = {
            "heading": self.heading,
            "intro": flows.sent_message(row),
            "masked_number": row.masked_number,
            "shown_number": row.phone_number if self.shows_number else "",
            "country": localized_name(row.country),
            "country_flag": flag(row.country),
            "check_count": row.check_count,
            "remaining_checks": row.remaining_checks,
            "expires_at": row.expires_at,
            "next_retry_at": row.next_retry_at,
            "retry_seconds": math.ceil(seconds_until(row.next_retry_at)),
            "remaining_retry": row.remaining_retry,
            "channels": flows.other_channels(row),
            "status_message": flows.status_message(row),
            "restart_url": self.flow.restart_url,
            "back_url": self.flow.back_url,
            "resend_url": resolve_url(self.request, self.resend_url),
        }
        return super().get_context_data(**context, **kwargs)


class ResendView(FlowView):
    """Send another code, by the channel of the button if it has one, and redirect to the page that asks for it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send nothing: the visitor followed a link, or has just signed in again."""
        return HttpResponseRedirect(resolve_url(self.request, self.code_url))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        url = resolve_url(self.request, self.code_url)
        try:
            row = flows.resend(request, self.authentication, channel=request.POST.get("channel") or None)
        except FlowError as error:
            if error.code == LockedOut.code:
                return self.restart_flow(self.flow.restart_url, str(error))
            session.set_message(request, url, str(error), field="resend")
        else:
            if row != self.authentication:
                session.replace_authentication(request, self.flow, row)
            messages.success(request, flows.resent_message(row), fail_silently=True)
        return HttpResponseRedirect(url)
