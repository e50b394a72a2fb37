"""For a project's own views."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse_lazy
from django.views.decorators.debug import sensitive_variables

from django_ding import services
from django_ding.login import devices, flows, sentences, state
from django_ding.login.flows import Refused
from django_ding.login.gates import PhoneVerifiedRequiredMixin
from django_ding.login.views.numbers import numbers_of
from django_ding.models import Authentication, PhoneNumber
from django_ding.non_atomic import NonAtomicView

__all__ = ["PhoneVerificationLoginMixin", "PhoneVerifiedRequiredMixin"]


class PhoneVerificationLoginMixin(NonAtomicView):
    """Makes a ``LoginView`` ask for a code after the right password. It stands before the view among the bases.

    Nobody is signed in before the code is right: ``form_valid`` of a subclass runs too early for what needs it, so
    listen to ``user_logged_in``. Where the login leads to is asked of the view while ``request.user`` is the user.
    """

    code_url: Any = reverse_lazy("django_ding_login:second-factor")

    request: HttpRequest

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse the other order, in which nobody would ever be asked for a code."""
        super().__init_subclass__(**kwargs)
        bases = cls.__mro__
        if LoginView in bases and bases.index(LoginView) < bases.index(PhoneVerificationLoginMixin):
            raise TypeError(f"{cls.__name__}: PhoneVerificationLoginMixin must stand before the LoginView.")

    def needs_code(self, user: Any) -> bool:
        """Tell whether this user is asked for a code. By default everybody is."""
        return True

    def get_phone_number(self, user: Any) -> str | None:
        """Return the E.164 number to send the code to. By default the user's primary one."""
        number = services.primary_number(user)
        return number.phone_number if number else None

    def no_phone_number(self, form: AuthenticationForm, user: Any) -> HttpResponse:
        """Answer a user who needs a code and has no number. By default they are not let in.

        To let them in, return ``self.log_in(form)``.
        """
        return self.refuse(form, str(sentences.NO_NUMBER))

    def log_in(self, form: AuthenticationForm) -> HttpResponse:
        """Log the form's user in without a code."""
        return super().form_valid(form)  # type: ignore[misc, no-any-return]

    def refuse(self, form: AuthenticationForm, sentence: str) -> HttpResponse:
        """Show the form again, with why nobody was logged in."""
        form.add_error(None, sentence)
        return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return]

    def get_form(self, form_class: Any = None) -> BaseForm:
        """Return the form, with why a login that had begun was given up."""
        form: BaseForm = super().get_form(form_class)  # type: ignore[misc]
        if self.request.method != "POST":
            state.show_told(self.request, form)
        return form

    @sensitive_variables("phone_number")
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Send a code to the user whose password was right, and go on to the page that asks for it."""
        user = form.get_user()
        if not self.needs_code(user) or devices.is_remembered(self.request, user):
            return self.log_in(form)
        phone_number = self.get_phone_number(user)
        if not phone_number:
            return self.no_phone_number(form, user)
        number = numbers_of(user).filter(phone_number=phone_number).first()
        try:
            authentication = flows.send(
                self.request, phone_number, purpose=Authentication.Purpose.SECOND_FACTOR, user=user
            )
        except Refused as refused:
            return self.refuse(form, str(refused))
        self._await_code(user, authentication, number)
        return redirect(resolve_url(self.code_url))

    def _await_code(self, user: Any, authentication: Authentication, number: PhoneNumber | None) -> None:
        """Remember whose password was right."""
        next_url = self.get_redirect_url()  # type: ignore[attr-defined]
        state.begin(
            self.request,
            authentication,
            destination=self._destination(user),
            restart_url=flows.with_next(self.request.path, next_url, self.redirect_field_name),  # type: ignore[attr-defined]
            user=state.key_of(user),
            backend=getattr(user, "backend", settings.AUTHENTICATION_BACKENDS[0]),
            auth_hash=user.get_session_auth_hash(),
            number=state.key_of(number) if number else "",
        )

    def _destination(self, user: Any) -> str:
        """Ask the view where the login leads to, which may depend on who has logged in."""
        visitor, self.request.user = self.request.user, user
        try:
            return str(self.get_success_url())  # type: ignore[attr-defined]
        finally:
            self.request.user = visitor
