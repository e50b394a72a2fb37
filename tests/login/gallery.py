"""Every page in every state, for tests of the templates and to look at: ``/<page>/?lang=ar``."""

from datetime import timedelta
from types import SimpleNamespace

from django.contrib.messages import ERROR, SUCCESS
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone, translation

from django_ding.exceptions import BackendUnavailable
from django_ding.login import sentences
from django_ding.login.countries import language_region
from django_ding.login.forms import CodeForm, PhoneNumberForm
from django_ding.login.views import PhoneLoginView, SecondFactorView
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


def _number(pk: int, phone_number: str, **fields) -> SimpleNamespace:
    return SimpleNamespace(pk=pk, phone_number=phone_number, verified_at=timezone.now(), **fields)


def _phone_number(request: HttpRequest, **data) -> dict:
    form = PhoneNumberForm(data or None, region=language_region(request))
    words = {name: getattr(PhoneLoginView, name) for name in ("heading", "intro", "submit")}
    return {"form": form, **words}


def _code(form: CodeForm | None = None, **changed) -> dict:
    return {
        "form": form or CodeForm(),
        "heading": SecondFactorView.heading,
        "masked_number": "+33 •• •• •• •• 78",
        "remaining_checks": 5,
        "expires_at": timezone.now() + timedelta(minutes=10),
        "next_retry_at": None,
        "retry_seconds": 30,
        "remaining_retry": 3,
        "over": "",
        "restart_url": "/phone-number/",
        "resend_url": "/resend/",
        **changed,
    }


def _refused_code() -> CodeForm:
    form = CodeForm({"code": "12"})
    form.add_error(None, str(BackendUnavailable()))
    return form


PAGES = {
    "phone-number": ("phone_number", lambda request: {**_phone_number(request), "next": "/numbers/"}),
    "phone-number-typed": ("phone_number", lambda request: _phone_number(request, phone_number="0612345678")),
    "phone-number-refused": ("phone_number", lambda request: _phone_number(request, phone_number="06 12")),
    "phone-number-long": (
        "phone_number",
        lambda request: {**_phone_number(request), "heading": LONG, "intro": LONG, "submit": LONG},
    ),
    "code": ("enter_code", lambda request: _code()),
    "code-ready": ("enter_code", lambda request: _code(retry_seconds=0, remaining_checks=1)),
    "code-remember": (
        "enter_code",
        lambda request: _code(CodeForm(offer_to_remember=True), shown_number="+33612345678", remaining_retry=0),
    ),
    "code-refused": ("enter_code", lambda request: _code(_refused_code())),
    "code-over": ("enter_code", lambda request: _code(over=sentences.of_state(Authentication(status="expired")))),
    "numbers": (
        "numbers",
        lambda request: {
            "numbers": [
                _number(1, "+33612345678", is_primary=True),
                _number(2, "+447400123456", is_primary=False),
                _number(3, "+12025550100", is_primary=False),
            ],
            "add_url": "/phone-number/",
            "messages": [Message(SUCCESS, sentences.VERIFIED), Message(ERROR, sentences.TAKEN)],
        },
    ),
    "numbers-none": ("numbers", lambda request: {"numbers": [], "add_url": "/phone-number/"}),
    "remove-number": ("remove_number", lambda request: {"number": _number(1, "+33612345678", is_primary=True)}),
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
    path("<int:pk>/make-primary/", posted, name="make-primary"),
    path("<int:pk>/change/", posted, name="change"),
    path("<int:pk>/remove/", posted, name="remove"),
    path("", posted, name="numbers"),
]
urlpatterns = [
    path("numbers-of-user/", include((_login, "django_ding_login"))),
    path("resend/", posted),
    path("<slug:name>/", lambda request, name: (posted if request.method == "POST" else page)(request, name=name)),
]
