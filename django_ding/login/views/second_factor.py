"""The code after a right password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.decorators import method_decorator

from django_ding.conf import ding_settings
from django_ding.login import recovery, remember, session, texts
from django_ding.login.recovery import RecoveryState
from django_ding.login.views.base import FlowView
from django_ding.login.views.code import ResendView
from django_ding.login.views.recovery import RecoveryCodeMixin
from django_ding.models import Authentication, PhoneNumber, RecoveryCode
from django_ding.services import CheckResult


@method_decorator(login_not_required, name="dispatch")
class SecondFactorFlowView(FlowView):
    """A page between the right password and the login."""

    purpose: str = Authentication.Purpose.SECOND_FACTOR
    code_url: Any = "django_ding_login:second-factor"

    @property
    def start_url(self) -> Any:
        """Return the login page of last resort: the session that knew the visitor's own is gone."""
        return settings.LOGIN_URL


class SecondFactorView(SecondFactorFlowView, RecoveryCodeMixin):
    """Ask for the code, and complete the login that ``PhoneVerificationLoginMixin`` started."""

    resend_url: Any = "django_ding_login:second-factor-resend"
    shows_number = False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "remember_days": ding_settings.REMEMBER_DEVICE_DAYS}

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        """Log in the user whose password was right."""
        user = self.get_user()
        if user is None:
            return self.restart_flow(self.flow.restart_url, texts.ACCOUNT_CHANGED)
        login(self.request, user, backend=self.flow.backend)
        response = self.finish_flow()
        if form.cleaned_data.get("remember"):
            remember.set_device_cookie(self.request, response, user, number=self.flow.number)
        return response

    def get_user(self) -> Any | None:
        """Return the user; ``None`` if they were deleted or deactivated, or changed the password or number since."""
        user = session.get_user(self.flow)
        # A user whose phone was stolen removes its number: the code already on its way there must not log anyone in.
        number = self.flow.number
        has_number = not number or PhoneNumber.write_db.of_user(user).filter(public_id=number).exists()
        return user if has_number else None

    def get_recovery_state(self, code: RecoveryCode) -> RecoveryState | None:
        """Return that of the user whose password was right, whether or not they still have the number."""
        return recovery.from_flow(self.flow) if session.get_user(self.flow) else None


class SecondFactorResendView(ResendView, SecondFactorFlowView):
    """Resend the code to complete the login with."""
