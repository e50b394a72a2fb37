"""Mixins for a project's own class-based views."""

from datetime import timedelta
from inspect import isawaitable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import load_backend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from django_ding import services
from django_ding.login import enrollment, recovery, remember, session, texts
from django_ding.login.decorators import VERIFY_URL, Text
from django_ding.login.flows import FlowError
from django_ding.login.recovery import RecoveryState
from django_ding.login.refusals import Refusal
from django_ding.login.views.base import StartFlowMixin
from django_ding.models import Authentication, PhoneNumber
from django_ding.reverse import resolve_url


class PhoneVerifiedRequiredMixin(AccessMixin):
    """Restrict a view, sync or async, to users with a verified number.

    A visitor who is not signed in goes through ``handle_no_permission()``, as with Django's ``LoginRequiredMixin``;
    a user without such a number is redirected to ``verify_url``. Both return afterwards.

    :cvar max_age: how long ago the number may have been verified at most; ``None`` for any time.
    :cvar verify_reason: what the page at ``verify_url`` says: why this view needs a number.
    """

    request: HttpRequest
    max_age: timedelta | None = None
    verify_url: Any = VERIFY_URL
    verify_reason: Text = ""

    def get_login_url(self) -> str:
        return resolve_url(self.request, super().get_login_url())

    def handle_no_verified_number(self) -> HttpResponse:
        """Redirect a user without a verified number to the page where they verify one."""
        url = resolve_url(self.request, self.verify_url)
        return redirect_to_login(self.request.get_full_path(), url, self.get_redirect_field_name())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.view_is_async:  # type: ignore[attr-defined]
            # A coroutine, which Django's stubs don't distinguish either.
            return self._async_dispatch(super().dispatch, request, *args, **kwargs)  # type: ignore[misc,return-value]
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not services.has_verified_number(request.user, max_age=self.max_age):
            return self.handle_no_verified_number()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    async def _async_dispatch(self, dispatch: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = await request.auser()
        if not user.is_authenticated:
            # It reads request.user, which queries the database.
            return await sync_to_async(self.handle_no_permission)()
        if not await services.ahas_verified_number(user, max_age=self.max_age):
            return self.handle_no_verified_number()
        response = dispatch(request, *args, **kwargs)
        # Another mixin's dispatch() may answer for an async view without a coroutine.
        return await response if isawaitable(response) else response


class PhoneVerificationLoginMixin(StartFlowMixin):
    """Make a ``LoginView`` require a code after the correct password. List it before the view among the bases.

    No one is signed in before the correct code is entered, so a subclass's ``form_valid`` runs too early for anything
    that follows a login: use the signal ``user_logged_in``.

    :cvar default_template_name: the template of a project that has no ``registration/login.html``.
    :cvar enrolls: whether users who never had a number verify their first one after the password; otherwise they are
        shown an error.
    """

    purpose: str = Authentication.Purpose.SECOND_FACTOR
    code_url: Any = "django_ding_login:second-factor"
    default_template_name = "django_ding/login/login.html"
    enrolls: bool = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Raise TypeError for bases with which no code would be required, or no one could log in."""
        super().__init_subclass__(**kwargs)
        bases = cls.__mro__
        if LoginView in bases and bases.index(LoginView) < bases.index(PhoneVerificationLoginMixin):
            raise TypeError(f"{cls.__name__}: list PhoneVerificationLoginMixin before the LoginView among the bases.")
        # Without a view, it is a mixin of the project's own.
        if issubclass(cls, View) and LoginView not in bases:
            view = next(base for base in cls.__bases__ if issubclass(base, View))
            raise TypeError(
                f"{cls.__name__}: list PhoneVerificationLoginMixin before django.contrib.auth.views.LoginView or a "
                f"subclass of it. {view.__module__}.{view.__qualname__} is neither; see "
                '"Beside other packages" in the docs.'
            )

    def get_template_names(self) -> list[str]:
        names: list[str] = super().get_template_names()  # type: ignore[misc]
        # A template that the project names must exist.
        return [*names, self.default_template_name] if names == [LoginView.template_name] else names

    def needs_code(self, user: Any) -> bool:
        """Return whether this user has to enter a code. By default every user has to."""
        return True

    def get_phone_number(self, user: Any) -> str | None:
        """Return the E.164 number to send the code to. By default the user's primary one."""
        number = services.primary_number(user)
        return number.phone_number if number else None

    def handle_no_phone_number(self, form: AuthenticationForm, user: Any) -> HttpResponse:
        """Have a user who needs a code and never had a number verify one, before they are logged in.

        To let them in without, return ``self.log_in(form)``. With ``enrolls`` off, or without the page for the number,
        show an error.
        """
        url = self._start_enrollment(user) if self.enrolls else ""
        return HttpResponseRedirect(url) if url else self.offer_recovery(form, str(texts.NO_NUMBER))

    def handle_lost_phone_number(self, form: AuthenticationForm, user: Any) -> HttpResponse:
        """Lead a user who needs a code and lost their number to the page for a recovery code.

        They aren't let in, however ``handle_no_phone_number`` treats others. Without that page, show an error.
        """
        url = self._start_recovery(user)
        if not url:
            form.add_error(None, str(texts.LOST_NUMBER))
            return self.form_invalid(form)
        session.set_message(self.request, url, str(texts.LOST_NUMBER))
        return HttpResponseRedirect(url)

    def handle_not_sent(self, form: Any, error: FlowError) -> HttpResponse:
        """Show the form with the reason. Unless that is the number, a recovery code may help."""
        return super().handle_not_sent(form, error) if error.is_input else self.offer_recovery(form, str(error))

    def handle_refusal(self, form: AuthenticationForm, refusal: Refusal, **context: str) -> HttpResponse:
        """Show why no code can be sent for now. A recovery code may help."""
        url = self._start_recovery(form.get_user())
        return super().handle_refusal(form, refusal, recovery_url=url, **context)

    def offer_recovery(self, form: AuthenticationForm, message: str) -> HttpResponse:
        """Show the form with an error, and a link to the page for a recovery code if the project has it."""
        if url := self._start_recovery(form.get_user()):
            message = format_html('{} <a href="{}">{}</a>', message, url, _("Use a recovery code"))
        form.add_error(None, message)
        return self.form_invalid(form)

    def log_in(self, form: AuthenticationForm) -> HttpResponse:
        """Log the form's user in without a code."""
        return super().form_valid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Send a code to the user whose password was right, and redirect to the page that asks for it."""
        user = form.get_user()
        recovery.clear(self.request)  # It may be of another user.
        enrollment.clear(self.request)
        if not self.needs_code(user) or remember.is_remembered_device(self.request, user):
            return self.log_in(form)
        phone_number = self.get_phone_number(user)
        if not phone_number:
            is_lost = services.has_lost_number(user)
            return self.handle_lost_phone_number(form, user) if is_lost else self.handle_no_phone_number(form, user)
        # Kept by ID, so that a number removed and verified again in the meantime is another one.
        number = PhoneNumber.write_db.of_user(user).filter(phone_number=phone_number).first()
        data = {**self._flow_data_as(user), "number": str(number.public_id) if number else ""}
        return self.start_flow(form, phone_number, data=data, user=user)

    def get_flow_data(self) -> dict[str, str]:
        """Return what the flow has to keep. ``request.user`` is the user whose password was right while it runs.

        :raises ImproperlyConfigured: for a backend that can't complete the login.
        """
        user: Any = self.request.user
        # Django's AuthenticationForm gives the user their backend; a project's own form may not.
        backend = getattr(user, "backend", None) or _first_backend()
        if backend not in settings.AUTHENTICATION_BACKENDS:
            raise ImproperlyConfigured(
                f"The user that {type(self).__name__} has to log in is of the backend {backend}, which isn't in "
                "AUTHENTICATION_BACKENDS."
            )
        return {
            **super().get_flow_data(),
            "user": session.user_pk_to_str(user),
            "backend": backend,
            "auth_hash": user.get_session_auth_hash(),
        }

    def _start_enrollment(self, user: Any) -> str:
        """Let the user whose password was right verify a first number. Return the URL of the page, if there is one.

        Where the project keeps the numbers elsewhere, it doesn't: a number kept here would get no code.
        """
        is_own = type(self).get_phone_number is PhoneVerificationLoginMixin.get_phone_number
        url = enrollment.find_url(self.request) if is_own and enrollment.may_enroll(user) else ""
        if url:
            enrollment.start(self.request, self._flow_data_as(user))
        return url

    def _start_recovery(self, user: Any) -> str:
        """Let the user whose password was right enter a recovery code. Return the URL of the page, if there is one."""
        if url := recovery.find_url(self.request):
            data: dict[str, Any] = {**self._flow_data_as(user), "visitor": session.visitor(self.request)}
            recovery.start(self.request, RecoveryState(public_id="", **data))
        return url

    def _flow_data_as(self, user: Any) -> dict[str, str]:
        visitor, self.request.user = self.request.user, user
        try:
            return self.get_flow_data()
        finally:
            self.request.user = visitor  # Whatever renders this response must not believe the login complete.


def _first_backend() -> str:
    """Return the first backend that finds users: some, such as django-axes', only look at attempts to log in."""
    return next(path for path in settings.AUTHENTICATION_BACKENDS if hasattr(load_backend(path), "get_user"))
