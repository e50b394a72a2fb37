"""The page that asks for the code of a flow, and the view that resends it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from django_ding.channels import Channel
from django_ding.countries import flag, localized_name
from django_ding.exceptions import InvalidCode
from django_ding.humanize import seconds_until
from django_ding.login import flows, refusals, session, texts
from django_ding.login.flows import FlowError
from django_ding.login.forms import CodeForm
from django_ding.login.refusals import Refusal
from django_ding.login.views.base import (
    REFUSED_TEMPLATE,
    FlowView,
    StoredMessageMixin,
    Text,
    find_page,
    request_of,
)
from django_ding.reverse import resolve_url
from django_ding.services import CheckResult, CheckStatus

#: The attribute of the request with the reason why no other code was sent.
_RESEND_ERROR = "ding_resend_error"


class CodeView(FlowView, StoredMessageMixin, FormView):  # type: ignore[type-arg]
    """Ask for the code and check it. A check that was answered ends in a redirect: a reload never checks twice."""

    form_class = CodeForm
    template_name = "django_ding/login/enter_code.html"
    resend_url: Any
    url_attributes = (*FlowView.url_attributes, "resend_url")
    heading: Text = _("Enter the code")
    #: Whether the visitor entered the number, and so can see all of it.
    shows_number = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the code, unless it was typed beside a button that sends another one."""
        if self.resend_error:
            return self.render_to_response(self.get_context_data())
        return super().post(request, *args, **kwargs)

    @property
    def resend_error(self) -> FlowError | None:
        """Return why no other code was sent, when :class:`ResendView` shows this page."""
        return getattr(self.request, _RESEND_ERROR, None)

    @cached_property
    def refusal(self) -> Refusal | None:
        """Return why no code can be entered for now. Used when the page is rendered, after a check."""
        return refusals.code_refusal(self.authentication)

    def get_template_names(self) -> list[str]:
        return [REFUSED_TEMPLATE] if self.refusal else super().get_template_names()

    def get_form_kwargs(self) -> dict[str, Any]:
        """Keep what was typed beside a button that sends another code. It isn't submitted, so it isn't validated."""
        kwargs = super().get_form_kwargs()
        if self.resend_error:
            kwargs["initial"] = {**kwargs["initial"], **kwargs.pop("data").dict()}
            del kwargs["files"]
        return kwargs

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        field = form.fields["code"]
        if self.authentication.channel == Channel.VOICE:
            field.help_text = _("Enter the code from the call.")
        if self.resend_error:  # The focus goes to what it says.
            field.widget.attrs.pop("autofocus", None)
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
        """Show the page again, with the error. What was typed is kept if it may be right."""
        if error.is_temporary:
            wait = error.retry_after if error.code == CheckStatus.RATE_LIMITED else None
            context = {"check_error": error, "check_wait": refusals.check_wait(wait) if wait else None}
            return self.render_to_response(self.get_context_data(form=form, **context))
        url = resolve_url(self.request, self.code_url)
        if message := str(error):
            is_of_field = error.code == CheckStatus.INVALID
            session.set_message(self.request, url, message, field="code" if is_of_field else NON_FIELD_ERRORS)
        return HttpResponseRedirect(url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.authentication
        retry_seconds = seconds_until(row.next_retry_at)
        if self.resend_error and self.resend_error.retry_after:
            retry_seconds = max(retry_seconds, self.resend_error.retry_after)
        context = {
            "heading": self.heading,
            "intro": texts.sent_message(row),
            "masked_number": row.masked_number,
            "shown_number": row.phone_number if self.shows_number else "",
            "country": localized_name(row.country),
            "country_flag": flag(row.country),
            "check_count": row.check_count,
            "remaining_checks": row.remaining_checks,
            "expires_at": row.expires_at,
            "next_retry_at": row.next_retry_at,
            "retry_wait": refusals.request_wait(retry_seconds) if retry_seconds else None,
            "remaining_retry": row.remaining_retry,
            "channels": texts.other_channels(row),
            "status_message": texts.status_message(row),
            "refusal": self.refusal,
            "resend_error": self.resend_error,
            "restart_url": self.flow.restart_url,
            "back_url": self.flow.back_url,
            "code_url": resolve_url(self.request, self.code_url),
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
            return self.handle_error(url, error)
        if row != self.authentication:
            session.replace_authentication(request, self.flow, row)
        messages.success(request, texts.resent_message(row), fail_silently=True)
        return HttpResponseRedirect(url)

    def handle_error(self, url: str, error: FlowError) -> HttpResponse:
        """Show the code's page, with the error and what was typed there. No redirect could keep a code."""
        match = find_page(url)
        if match is None:
            messages.error(self.request, str(error), fail_silently=True)
            return HttpResponseRedirect(url)
        request = request_of(self.request, url, match)
        setattr(request, _RESEND_ERROR, error)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response
