"""What the views of every flow share: the page that starts it, and those that expect a code."""

import re
from copy import copy
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import ResolverMatch
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from django.views.generic.edit import FormMixin

from django_ding.error_reports import without_variables
from django_ding.login import flows, refusals, session, texts
from django_ding.login.decorators import find_reason
from django_ding.login.flows import FlowError
from django_ding.login.forms import PhoneNumberForm, fill_in, initial_region
from django_ding.login.outages import answer_outages
from django_ding.login.refusals import Refusal
from django_ding.login.session import FlowState
from django_ding.models import Authentication
from django_ding.reverse import resolve_path, resolve_url
from django_ding.transactions import NonAtomicView

Text = str | Promise

REFUSED_TEMPLATE = "django_ding/login/refused.html"

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
            if refusal := refusals.send_refusal(error, purpose=self.purpose, user=user):
                return self.handle_refusal(form, refusal, restart_url=data["restart_url"])
            return self.handle_not_sent(form, error)
        session.start(self.request, authentication, **data)
        return HttpResponseRedirect(url)

    def handle_not_sent(self, form: Any, error: FlowError) -> HttpResponse:
        """Show the form again, with the reason why no code was sent."""
        is_of_field = error.is_input and "phone_number" in form.fields
        form.add_error("phone_number" if is_of_field else None, str(error))
        return self.form_invalid(form)

    def handle_refusal(self, form: Any, refusal: Refusal, **context: str) -> HttpResponse:
        """Show why no code can be sent for now, until when, and the way back to the code that the visitor may have."""
        typed = self.request.POST
        flow = session.load(self.request, self.purpose) if refusal.wait else None
        has_code = bool(flow and texts.is_open(session.get_authentication(flow)))
        page = {
            **context,
            "refusal": refusal,
            "inputs": [(name, typed[name]) for name in self.get_kept_inputs() if name in typed],
            "open_code_url": resolve_url(self.request, self.code_url) if has_code else "",
            **(self.extra_context or {}),
        }
        return TemplateResponse(self.request, REFUSED_TEMPLATE, page)

    def get_kept_inputs(self) -> tuple[str, ...]:
        """Return the inputs that are posted again once a code can be sent: none, as of a password."""
        return ()


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

    def get_kept_inputs(self) -> tuple[str, ...]:
        return ("phone_number_country", "phone_number", self.redirect_field_name)

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
        flow = self.get_flow()
        if flow and flow.is_finished and session.count_return(request, self.purpose, flow):
            return self.handle_finished(flow.success_url)
        authentication = session.get_authentication(flow) if flow else None
        if not flow or not authentication:
            return self.handle_no_flow()
        self.flow, self.authentication = flow, authentication
        return super().dispatch(request, *args, **kwargs)

    def get_flow(self) -> FlowState | None:
        """Return the visitor's flow; ``None`` when there is none that this page belongs to."""
        return session.load(self.request, self.purpose)

    def handle_finished(self, success_url: str) -> HttpResponse:
        """Redirect a visitor who has already entered the code."""
        return HttpResponseRedirect(success_url)

    def handle_no_flow(self) -> HttpResponse:
        """Redirect a visitor whose session expired or now belongs to another user."""
        url = resolve_url(self.request, self.start_url)
        # A GET request stores no message, so that it creates no session.
        if self.request.method == "POST":
            return self.restart_flow(url, texts.PAGE_EXPIRED)
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
    if match := find_page(url):
        seen = request_of(request, url, match)
        page = match.func.view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
        page.setup(seen, *match.args, **match.kwargs)
        for name in page.url_attributes:
            resolve_url(seen, getattr(page, name))


def find_page(url: str) -> ResolverMatch | None:
    """Return the page of a flow at a URL of this site; ``None`` if it is another view's."""
    match = resolve_path(url)
    view_class = getattr(match.func, "view_class", None) if match else None
    return match if view_class and issubclass(view_class, FlowView) else None


def request_of(request: HttpRequest, url: str, match: ResolverMatch) -> HttpRequest:
    """Return the request as the page at this URL gets it."""
    seen = copy(request)
    seen.path, seen.resolver_match = urlsplit(url).path, match
    return seen
