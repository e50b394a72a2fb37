"""The code after a right password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import load_backend
from django.contrib.auth import login as log_in
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator

from django_ding.conf import ding_settings
from django_ding.login import devices, sentences, state
from django_ding.login.forms import CodeForm
from django_ding.login.state import FlowState
from django_ding.login.views.base import CodePage, FlowPage, ResendPage
from django_ding.login.views.numbers import numbers_of
from django_ding.models import Authentication
from django_ding.services import CheckResult


@method_decorator(login_not_required, name="dispatch")
class SecondFactorPage(FlowPage):
    """A page between the right password and the login."""

    purpose = Authentication.Purpose.SECOND_FACTOR
    code_url = reverse_lazy("django_ding_login:second-factor")

    @property
    def start_url(self) -> Any:
        """Where a visitor goes whose login page is not known any more."""
        return settings.LOGIN_URL


class SecondFactorView(CodePage, SecondFactorPage):
    """Ask for the code, and complete the login that ``PhoneVerificationLoginMixin`` began."""

    resend_url = reverse_lazy("django_ding_login:second-factor-resend")
    shows_number = False

    def get_form(self, data: Any = None) -> CodeForm:
        """Offer to remember the device, if the settings do."""
        return CodeForm(data, offer_to_remember=ding_settings.REMEMBER_DEVICE_DAYS > 0)

    def proven(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Log the user in whose password was right, unless they may not any more."""
        user = unchanged_user(self.state)
        if user is None:
            return self.start_again(self.state.restart_url, sentences.CHANGED)
        log_in(self.request, user, backend=self.state.backend)
        state.finish(self.request, self.purpose, self.state.destination)
        response = redirect(self.state.destination)
        if form.cleaned_data.get("remember"):
            devices.remember(self.request, response, user)
        return response


class SecondFactorResendView(ResendPage, SecondFactorPage):
    """Send another code to complete the login with."""


def unchanged_user(known: FlowState) -> Any | None:
    """Load the user anew; ``None`` when they are gone, inactive, or lost the password or the number they began with."""
    if known.backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = load_backend(known.backend).get_user(state.user_key(known.user))
    return user if user and _is_unchanged(user, known) else None


def _is_unchanged(user: Any, known: FlowState) -> bool:
    if not user.is_active or not constant_time_compare(user.get_session_auth_hash(), known.auth_hash):
        return False
    # Whose phone was stolen removes its number: the code that is on its way there must let nobody in.
    return not known.number or numbers_of(user).filter(pk=known.number).exists()
