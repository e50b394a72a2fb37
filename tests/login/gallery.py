"""Every page in every state, for tests of the templates and to look at: ``/<page>/?lang=ar``."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.messages import ERROR, SUCCESS
from django.contrib.messages.storage.base import Message
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy, ngettext

from django_ding.channels import Channel
from django_ding.codes import CODES, UNAVAILABLE
from django_ding.countries import flag, localized_name
from django_ding.exceptions import BackendUnavailable, NoAccount
from django_ding.login import decorators, refusals, texts
from django_ding.login.flows import FlowError
from django_ding.login.forms import CodeForm, PhoneNumberForm, RecoveryCodeForm, StepUpForm, fill_in, initial_region
from django_ding.login.views import (
    PhoneLoginView,
    PhoneNumberAddView,
    PhoneNumberChangeView,
    RecoveryCodeView,
    SecondFactorView,
    StepUpView,
)
from django_ding.models import Authentication

LANGUAGES = [("en", "English"), ("fr", "French"), ("de", "German"), ("es", "Spanish"), ("ar", "Arabic")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3


def _number(number: int, phone_number: str, **fields) -> SimpleNamespace:
    return SimpleNamespace(public_id=UUID(int=number), phone_number=phone_number, verified_at=timezone.now(), **fields)


def _step_up(*, has_password: bool) -> dict:
    user = SimpleNamespace(pk=None, has_usable_password=lambda: has_password)
    words = {"heading": StepUpView.heading, "intro": StepUpView.intro}
    return {
        "form": StepUpForm(user=user),
        **words,
        "numbers": [_number(1, "+33612345678"), _number(2, "+447400123456")],
    }


def _recovery_code(form: RecoveryCodeForm) -> dict:
    words = {"heading": RecoveryCodeView.heading, "intro": RecoveryCodeView.intro}
    return {"form": form, **words, "restart_url": "/phone-number/"}


def _devices(count: int) -> dict:
    times = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=30)}
    devices = [SimpleNamespace(public_id=UUID(int=number), name="", **times) for number in range(count)]
    return {"devices": devices, "current_device": devices[0] if devices else None, "numbers_url": "/numbers/"}


def _phone_number(request: HttpRequest, **data) -> dict:
    form = PhoneNumberForm(data or None, region=initial_region(request))
    words = {name: getattr(PhoneLoginView, name) for name in ("heading", "intro", "submit")}
    return {"form": form, **words}


def _unknown_number(request: HttpRequest) -> dict:
    context = _phone_number(request)
    fill_in(context["form"], "+447400123456")
    context["form"].errors["phone_number"] = ErrorList([NoAccount.message])
    return context


def _refused_login() -> AuthenticationForm:
    form = AuthenticationForm()
    form.errors["__all__"] = ErrorList([texts.NO_NUMBER])
    return form


def _code(form: CodeForm | None = None, *, channel: str = "", **changed) -> dict:
    return {
        "form": form or CodeForm(),
        "heading": SecondFactorView.heading,
        "intro": texts.sent_message(Authentication(channel=channel)),
        "masked_number": "+33*******78",
        "country": localized_name("FR"),
        "country_flag": flag("FR"),
        "check_count": 0,
        "remaining_checks": 5,
        "expires_at": timezone.now() + timedelta(minutes=10),
        "next_retry_at": None,
        "retry_wait": refusals.request_wait(30),
        "remaining_retry": 3,
        "channels": [],
        "status_message": "",
        "restart_url": "/phone-number/",
        "code_url": "",
        "resend_url": "/resend/",
        **changed,
    }


def _channels(*names: str) -> list[texts.ChannelChoice]:
    return [texts.channel_choice(Channel(name)) for name in names]


def _refused_code(**changed) -> dict:
    return _code(CodeForm({"code": "123456"}), check_error=str(BackendUnavailable()), **changed)


def _incorrect_code() -> CodeForm:
    form = CodeForm()
    wrong = ngettext("Incorrect code. %(count)d attempt left.", "Incorrect code. %(count)d attempts left.", 4) % {
        "count": 4
    }
    form.errors["code"] = form.error_class([wrong])
    return form


def _refused(refusal: refusals.Refusal, **changed) -> dict:
    return {"refusal": refusal, "restart_url": "/phone-number/", **changed}


def _too_many(**changed) -> refusals.Refusal:
    error = FlowError(code="rate_limited", retry_after=600)
    return replace(refusals.send_refusal(error, purpose="login"), **changed)


def _locked(scope: str, purpose: str) -> refusals.Refusal:
    return refusals.send_refusal(FlowError(code="locked_out", scope=scope), purpose=purpose)


PAGES = {
    "phone-number": ("phone_number_form", lambda request: {**_phone_number(request), "next": "/numbers/"}),
    "phone-number-typed": ("phone_number_form", lambda request: _phone_number(request, phone_number="0612345678")),
    "phone-number-refused": ("phone_number_form", lambda request: _phone_number(request, phone_number="06 12")),
    "phone-number-reason": (
        "phone_number_form",
        lambda request: {
            **_phone_number(request),
            "heading": PhoneNumberAddView.verify_heading,
            "reason": decorators._DEFAULT_REASON,
            "back_url": "/numbers/",
        },
    ),
    "phone-number-change": (
        "phone_number_form",
        lambda request: {
            **_phone_number(request),
            "heading": PhoneNumberChangeView.heading,
            "number": _number(1, "+447400123456"),
            "back_url": "/numbers/",
        },
    ),
    "phone-number-sign-up": (
        "phone_number_form",
        lambda request: {**_phone_number(request), "sign_up_url": "/sign-up/"},
    ),
    "phone-number-unknown": (
        "phone_number_form",
        lambda request: {**_unknown_number(request), "is_unknown": True, "sign_up_url": "/sign-up/"},
    ),
    "phone-number-long": (
        "phone_number_form",
        lambda request: {**_phone_number(request), "heading": LONG, "intro": LONG, "submit": LONG},
    ),
    "login": ("login", lambda request: {"form": AuthenticationForm(), "next": "/numbers/"}),
    "login-refused": ("login", lambda request: {"form": _refused_login()}),
    "code": ("enter_code", lambda request: _code()),
    "code-lost": (
        "enter_code",
        lambda request: _code(
            intro=texts.sent_message(Authentication(status="failed", dedup_key=uuid4())), back_url="/numbers/"
        ),
    ),
    "code-ready": ("enter_code", lambda request: _code(retry_wait=None, check_count=4, remaining_checks=1)),
    "code-incorrect": ("enter_code", lambda request: _code(_incorrect_code(), check_count=1, remaining_checks=4)),
    "code-channels": ("enter_code", lambda request: _code(channels=_channels("whatsapp", "voice"))),
    "code-called": ("enter_code", lambda request: _code(channel="voice", retry_wait=None, channels=_channels("sms"))),
    "code-whatsapp": (
        "enter_code",
        lambda request: _code(
            channel="whatsapp", retry_wait=None, channels=_channels("sms", "telegram", "viber", "zalo", "rcs", "voice")
        ),
    ),
    "code-early": ("enter_code", lambda request: _code(resend_error=texts.NOT_RESENT)),
    "code-remember": (
        "enter_code",
        lambda request: _code(
            CodeForm(remember_days=30), shown_number="+33612345678", remaining_retry=0, recovery_url="/recovery-code/"
        ),
    ),
    "code-refused": ("enter_code", lambda request: _refused_code()),
    "code-waiting": ("enter_code", lambda request: _refused_code(check_wait=refusals.check_wait(7))),
    "code-expired": (
        "enter_code",
        lambda request: _code(status_message=texts.status_message(Authentication(status="expired"))),
    ),
    "too-many-requests": (
        "refused",
        lambda request: _refused(_too_many(), inputs=[("phone_number", "+33612345678")], open_code_url="/code/"),
    ),
    "too-many-logins": ("refused", lambda request: _refused(_too_many(other_way=""))),
    "locked-number": ("refused", lambda request: _refused(_locked("phone", "login"))),
    "locked-account": ("refused", lambda request: _refused(_locked("user", "link"))),
    "numbers": (
        "phone_number_list",
        lambda request: {
            "numbers": [
                _number(1, "+33612345678", is_primary=True),
                _number(2, "+447400123456", is_primary=False),
                _number(3, "+12025550100", is_primary=False),
            ],
            "add_url": "/phone-number/",
            "messages": [
                Message(SUCCESS, gettext_lazy("Phone number verified.")),
                Message(ERROR, CODES["number_taken"].user_message),
            ],
        },
    ),
    "numbers-none": ("phone_number_list", lambda request: {"numbers": [], "add_url": "/phone-number/"}),
    "step-up": ("step_up", lambda request: _step_up(has_password=True)),
    "step-up-code": ("step_up", lambda request: _step_up(has_password=False)),
    "recovery-code": ("recovery_code", lambda request: _recovery_code(RecoveryCodeForm())),
    "recovery-code-refused": ("recovery_code", lambda request: _recovery_code(RecoveryCodeForm({"code": ""}))),
    "primary-number": (
        "phone_number_confirm_primary",
        lambda request: {"number": _number(1, "+33612345678", is_primary=False)},
    ),
    "devices": ("device_list", lambda request: _devices(2)),
    "devices-none": ("device_list", lambda request: _devices(0)),
    "remove-number": (
        "phone_number_confirm_delete",
        lambda request: {"number": _number(1, "+33612345678", is_primary=True)},
    ),
    "unavailable": (
        "unavailable",
        lambda request: {"heading": gettext_lazy("Temporarily unavailable"), "intro": UNAVAILABLE},
    ),
}


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page in the language that is asked for, by the strictest policy for scripts and styles."""
    template, context = PAGES[name]
    with translation.override(request.GET.get("lang", "en")):
        response = render(request, f"django_ding/login/{template}.html", context(request))
    response["Content-Security-Policy"] = "default-src 'self'"
    return response


def posted(request: HttpRequest, **_: object) -> HttpResponse:
    """Count what was posted."""
    POSTED.append(request.POST.dict())
    return HttpResponse("<title>Posted</title>")


POSTED: list[dict] = []
_login = [
    path("<uuid:public_id>/make-primary/", posted, name="make-primary"),
    path("<uuid:public_id>/change/", posted, name="change"),
    path("<uuid:public_id>/remove/", posted, name="remove"),
    path("devices/forget/", posted, name="forget-devices"),
    path("devices/<uuid:public_id>/forget/", posted, name="forget-device"),
    path("", posted, name="numbers"),
]
urlpatterns = [
    path("numbers-of-user/", include((_login, "django_ding_login"))),
    path("resend/", posted),
    path("<slug:name>/", lambda request, name: (posted if request.method == "POST" else page)(request, name=name)),
]
