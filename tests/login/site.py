"""The URLs of a project that uses the pages, the mixins and the decorators."""

from datetime import timedelta

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View

from django_ding.login.decorators import phone_verified_required
from django_ding.login.mixins import PhoneVerificationLoginMixin, PhoneVerifiedRequiredMixin
from django_ding.login.views import PhoneLoginView


class PasswordLoginView(PhoneVerificationLoginMixin, LoginView):
    template_name = "django_ding/login/phone_number_form.html"


class PlainLoginView(PhoneVerificationLoginMixin, LoginView):
    """Has no template of the project's."""


class StaffLoginView(PasswordLoginView):
    """A project's own: of its hooks, each is another way out."""

    redirect_field_name = "onward"
    success_url_allowed_hosts = {"partner.example"}

    def needs_code(self, user):
        return user.is_staff

    def handle_no_phone_number(self, form, user):
        return self.log_in(form)

    def get_default_redirect_url(self):
        return f"/desk/{self.request.user}/"


def home(request, **kwargs):
    return HttpResponse(f"home of {request.user}")


class Gated(PhoneVerifiedRequiredMixin, View):
    def get(self, request):
        return HttpResponse("inside")


class AsyncGated(PhoneVerifiedRequiredMixin, View):
    async def get(self, request):
        return HttpResponse("inside")


class AsyncPlain(View):
    async def get(self, request):
        return HttpResponse("inside")


class Closed:
    def dispatch(self, request):
        return HttpResponse("closed")


class AsyncClosed(PhoneVerifiedRequiredMixin, Closed, AsyncPlain):
    """Another mixin answers without a coroutine."""


class Fresh(Gated):
    max_age = timedelta(days=90)
    verify_url = "/elsewhere/"


class Explained(Gated):
    verify_reason = "Verify your phone number to see the orders."


class Forbidden(Gated):
    """Answers as any of Django's AccessMixins can."""

    raise_exception = True

    def handle_no_verified_number(self):
        return HttpResponse("no number", status=403)


@phone_verified_required
def gated(request):
    return HttpResponse("inside")


@phone_verified_required
async def agated(request):
    return HttpResponse("inside")


@phone_verified_required(max_age=timedelta(days=90), verify_url="/elsewhere/", login_url="/staff/")
def fresh(request):
    return HttpResponse("inside")


@phone_verified_required(max_age=timedelta(days=90), verify_url="/elsewhere/", login_url="/staff/")
async def afresh(request):
    return HttpResponse("inside")


@phone_verified_required(max_age=timedelta(days=90), verify_reason="Verify your phone number to be paid.")
def explained(request):
    return HttpResponse("inside")


@method_decorator(phone_verified_required(verify_reason="Verify your phone number to see the orders."), name="dispatch")
class Decorated(View):
    """Has the restriction of a function on its dispatch()."""


urlpatterns = [
    path("", home),
    path("desk/<str:name>/", home),
    path("password/", PasswordLoginView.as_view(), name="password"),
    path("plain/", PlainLoginView.as_view(extra_context={"heading": "Welcome"})),
    path("staff/", StaffLoginView.as_view()),
    path("signin/", PhoneLoginView.as_view(redirect_authenticated_user=False, next_page="/desk/new/")),
    path("logout/", LogoutView.as_view(next_page="/")),
    path("phone/", include("django_ding.login.urls")),
    path("gated/class/", Gated.as_view()),
    path("gated/class/async/", AsyncGated.as_view()),
    path("gated/class/closed/", AsyncClosed.as_view()),
    path("gated/class/wrapped/", phone_verified_required(AsyncPlain.as_view())),
    path("gated/class/forbidden/", Forbidden.as_view()),
    path("gated/class/fresh/", Fresh.as_view()),
    path("gated/class/explained/", Explained.as_view()),
    path("gated/class/explained/here/", Gated.as_view(verify_reason="Verify your phone number to see the orders.")),
    path("gated/class/decorated/", Decorated.as_view()),
    path("gated/function/explained/", explained),
    path("signup/", home, name="signup"),
    path("phone/signin/", PhoneLoginView.as_view(sign_up_url="signup")),
    path("gated/function/", gated),
    path("gated/function/async/", agated),
    path("gated/function/fresh/", fresh),
    path("gated/function/fresh/async/", afresh),
]
