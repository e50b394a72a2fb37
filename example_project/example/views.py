"""The pages. Whatever asks the provider ends in a redirect, so reloading a page never sends or checks twice."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from django_ding import services
from django_ding.backends.base import DeviceType
from django_ding.exceptions import DingError
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import Signals
from example import sentences, words
from example.forms import CodeForm, PhoneNumberForm

_REFUSED = "refused"


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, and show a user's numbers."""
    user = request.user
    numbers = user.phone_numbers.all() if user.is_authenticated else PhoneNumber.objects.none()
    return render(request, "example/home.html", {"numbers": numbers, "inbox_url": settings.INBOX_URL})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@transaction.non_atomic_requests
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a number and send a code to it."""
    if request.method != "POST":
        return render(request, "example/verify.html", {"form": _form(request, PhoneNumberForm)})
    form = PhoneNumberForm(request.POST)
    if not form.is_valid():
        return render(request, "example/verify.html", {"form": form})
    return _send(request, form.cleaned_data["phone_number"])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@transaction.non_atomic_requests
def enter_code(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for the code that was sent and check it."""
    authentication = _authentication(request, public_id)
    if request.method != "POST":
        return _code_page(request, authentication, _form(request, CodeForm))
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, authentication, form)
    return _check(request, authentication, form.cleaned_data["code"])


@require_POST
@login_required
@transaction.non_atomic_requests
def resend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send another code."""
    authentication = _authentication(request, public_id)
    try:
        refusal = sentences.of_retry(services.retry(authentication))
    except DingError as error:
        refusal = sentences.of_error(error)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, "Another code is on its way.")
    return redirect("enter-code", public_id)


@require_POST
@login_required
def make_primary(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a number the one to use."""
    number = services.make_primary(_number(request, pk))
    messages.success(request, f"{number.phone_number} is your primary number now.")
    return redirect("home")


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Release a number."""
    number = _number(request, pk)
    services.remove(number)
    messages.success(request, f"{number.phone_number} is removed.")
    return redirect("home")


def _send(request: HttpRequest, typed: str) -> HttpResponse:
    signals = Signals(ip=request.META.get("REMOTE_ADDR") or None, device_type=DeviceType.WEB)
    try:
        authentication = services.send(typed, user=request.user, signals=signals)
    except DingError as error:
        return _ask_again(request, sentences.of_error(error), phone_number=typed)
    if refusal := sentences.of_send(authentication):
        return _ask_again(request, refusal, phone_number=typed)
    return redirect("enter-code", authentication.public_id)


def _check(request: HttpRequest, authentication: Authentication, code: str) -> HttpResponse:
    try:
        result = services.check(authentication, code)
    except DingError as error:
        return _ask_again(request, sentences.of_error(error))
    if refusal := sentences.of_check(result):
        return _ask_again(request, refusal)
    messages.success(request, f"{authentication.phone_number} is verified.")
    return redirect("home")


def _ask_again(request: HttpRequest, refusal: str, **typed: str) -> HttpResponse:
    """Show this page's form again with what was refused, after a redirect. A code is never among what was ``typed``."""
    request.session[_REFUSED] = {"path": request.path, "refusal": refusal, "typed": typed}
    return redirect(request.path)


def _form(request: HttpRequest, form_class: type[forms.Form]) -> forms.Form:
    """Return an empty form, or the one that was refused with the reason beside its field."""
    refused = request.session.pop(_REFUSED, {})
    if refused.get("path") != request.path:
        return form_class()
    form = form_class(refused["typed"])
    form.errors.clear()
    form.add_error(next(iter(form.fields)), refused["refusal"])
    return form


def _code_page(request: HttpRequest, authentication: Authentication, form: forms.Form) -> HttpResponse:
    context = {
        "authentication": authentication,
        "form": form,
        "over": sentences.of_state(authentication),
        "tries": words.count(authentication.remaining_checks, "try", "tries"),
        "time_left": words.time_until(authentication.expires_at),
        "retry_seconds": words.seconds_until(authentication.next_retry_at),
        "retry_wait": words.time_until(authentication.next_retry_at),
        "inbox_url": settings.INBOX_URL,
    }
    return render(request, "example/enter_code.html", context)


def _authentication(request: HttpRequest, public_id: UUID) -> Authentication:
    return get_object_or_404(Authentication, public_id=public_id, user=request.user)


def _number(request: HttpRequest, pk: int) -> PhoneNumber:
    return get_object_or_404(PhoneNumber, pk=pk, user=request.user)
