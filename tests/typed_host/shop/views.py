"""Pages: the login, restricted views, and views that call the services."""

import asyncio
from datetime import timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView

from django_ding.exceptions import BackendUnavailable, DingError, InputError, RateLimited
from django_ding.login.decorators import phone_verified_required
from django_ding.login.flows import FlowError
from django_ding.login.forms import CodeForm, PhoneNumberForm
from django_ding.login.mixins import PhoneVerificationLoginMixin, PhoneVerifiedRequiredMixin
from django_ding.login.views import (
    DeviceListView,
    PhoneLoginView,
    PhoneNumberAddView,
    PhoneNumberDeleteView,
    PhoneNumberListView,
    PhoneNumberVerifyView,
    SecondFactorResendView,
    SecondFactorView,
    StepUpView,
)
from django_ding.models import Authentication, PhoneNumber
from django_ding.services import (
    CheckResult,
    CheckStatus,
    DeviceSignals,
    RetryStatus,
    SendResult,
    acheck,
    ahas_verified_number,
    alookup,
    asend,
    check,
    get_authentication,
    make_primary,
    primary_number,
    retry,
    send,
)


class CodeLoginView(PhoneVerificationLoginMixin, LoginView):
    pass


class StaffCodeLoginView(PhoneVerificationLoginMixin, LoginView):
    """Require a code from staff, and let in those who have no number yet."""

    template_name = "shop/login.html"

    def needs_code(self, user: User) -> bool:
        return user.is_staff

    def get_phone_number(self, user: User) -> str | None:
        number = primary_number(user)
        return number.phone_number if number else None

    def handle_no_phone_number(self, form: AuthenticationForm, user: User) -> HttpResponse:
        return self.log_in(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        response["X-Shop"] = "open"
        return response


class SignInView(PhoneLoginView):
    heading = "Welcome back"
    intro = _("We'll text you a code.")
    next_page = "/welcome/"
    form_class = PhoneNumberForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "shop": "open"}


class AddView(PhoneNumberAddView):
    heading = "Add your mobile"
    submit = "Go"
    template_name = "shop/add.html"
    next_page = "/numbers/"
    code_url = "/numbers/code/"
    purpose = "payment"
    extra_context = {"shop": "open"}

    def get_dispatch_id(self) -> str | None:
        return None

    def get_flow_data(self) -> dict[str, str]:
        return super().get_flow_data() | {"success_url": "/welcome/"}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        return super().form_valid(form)


class NumbersView(PhoneNumberListView):
    paginate_by = 10
    context_object_name = "mobiles"
    extra_context = {"shop": "open"}

    def get_queryset(self) -> QuerySet[PhoneNumber]:
        return super().get_queryset().filter(is_primary=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "count": self.get_queryset().count()}


class RemoveView(PhoneNumberDeleteView):
    success_url = "/numbers/"


class ConfirmView(StepUpView):
    heading = "Is it you?"
    intro = "Enter your password."
    next_page = "/numbers/"


class DevicesView(DeviceListView):
    template_name = "shop/devices.html"


class OwnCodeForm(CodeForm):
    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        return code.strip()


class FactorView(SecondFactorView):
    shows_number = True
    form_class = OwnCodeForm
    resend_url = reverse_lazy("django_ding_login:second-factor-resend")


class FactorResendView(SecondFactorResendView):
    code_url = "/factor/"

    def post(self, request: HttpRequest) -> HttpResponse:
        return super().post(request)


class WelcomingVerifyView(PhoneNumberVerifyView):
    heading = "Almost there"

    def code_valid(self, form: BaseForm, result: CheckResult) -> HttpResponse:
        response = super().code_valid(form, result)
        if result.status == CheckStatus.VALID and isinstance(self.request.user, User):
            self.request.user.email_user("Welcome", "Your phone number is verified.")
        return response

    def code_invalid(self, form: BaseForm, error: FlowError) -> HttpResponse:
        if error.code == "invalid":
            return super().code_invalid(form, error)
        return self.handle_no_flow()


@phone_verified_required
def orders(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Your orders")


@phone_verified_required(max_age=timedelta(days=90))
async def payout(request: HttpRequest, amount: int = 0) -> HttpResponse:
    return HttpResponse(f"Your money: {amount}")


class AddressView(PhoneVerifiedRequiredMixin, View):
    max_age = timedelta(days=365)

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("Your address")


class CardView(PhoneVerifiedRequiredMixin, TemplateView):
    template_name = "shop/card.html"
    verify_url = "/verify/"

    def handle_no_verified_number(self) -> HttpResponse:
        return HttpResponse("Verify your number.", status=403)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)


def order(request: HttpRequest) -> HttpResponse:
    """Send a code, check it and send another."""
    try:
        result: SendResult = send(
            request.POST["phone_number"],
            user=request.user,
            purpose="payment",
            request=request,
            device_signals=DeviceSignals(device_type="IOS", app_version="4.2"),
            locale="fr-FR",
        )
    except RateLimited as error:
        return JsonResponse({"code": error.code, "retry_after": error.retry_after}, status=429)
    except (InputError, BackendUnavailable) as error:
        return JsonResponse({"code": error.code, "detail": str(error)}, status=400)
    authentication = get_authentication(result.authentication.public_id)
    if retry(authentication).status is RetryStatus.APPROVED:
        return JsonResponse({"next": authentication.next_retry_at, "left": authentication.remaining_retry})
    return JsonResponse({"sent": result.is_new, "until": authentication.expires_at.isoformat()})


def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    authentication = Authentication.objects.get(public_id=public_id, purpose=Authentication.Purpose.LINK)
    result = check(authentication, request.POST["code"], request=request)
    if result.status is CheckStatus.VALID and result.phone_number is not None:
        number: PhoneNumber = result.phone_number
        make_primary(number)
        return JsonResponse({"number": number.phone_number, "since": number.verified_at})
    return JsonResponse({"status": result.status.value, "left": result.remaining_checks}, status=400)


async def invite(request: HttpRequest) -> HttpResponse:
    """Send to many at once."""
    numbers: list[str] = request.POST.getlist("phone_number")
    results = await asyncio.gather(*(asend(number, request=request) for number in numbers), return_exceptions=True)
    sent = [result.authentication for result in results if isinstance(result, SendResult)]
    refused = [result.code for result in results if isinstance(result, DingError)]
    return JsonResponse({"sent": [str(one.public_id) for one in sent], "refused": refused})


async def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    authentication = await Authentication.objects.aget(public_id=public_id)
    result = await acheck(authentication, request.POST["code"])
    line = await alookup(authentication.phone_number)
    user = await request.auser()
    return JsonResponse(
        {
            "status": result.status.value,
            "line": line.line_type.value,
            "verified": await ahas_verified_number(user, max_age=timedelta(days=1)),
        }
    )
