"""The pages where projects mount them: whatever a flow will need is there before a message is paid for."""

from contextlib import nullcontext

import pytest
from django.contrib.auth.views import LoginView
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch, include, path

from django_ding.login import views
from django_ding.login.mixins import PhoneVerificationLoginMixin
from tests.login.helpers import ALICE


class CodeLoginView(PhoneVerificationLoginMixin, LoginView):
    template_name = "django_ding/login/phone_number_form.html"


class ForeignLoginView(CodeLoginView):
    def get_flow_data(self):
        self.request.user.backend = "accounts.backends.ApprovedBackend"
        return super().get_flow_data()


PAGES = include("django_ding.login.urls")
HOST = [path("phone/", PAGES)]
LOGIN = path("password/", CodeLoginView.as_view())


class Namespaced:
    urlpatterns = [LOGIN, path("host/", include((HOST, "host")))]


class Instance:
    urlpatterns = [LOGIN, path("host/phone/", include("django_ding.login.urls", namespace="phone"))]


class Twice:
    urlpatterns = [LOGIN, path("host/phone/", PAGES), path("other/", include((HOST, "other"), namespace="again"))]


class Unmounted:
    urlpatterns = [LOGIN]


class WithoutResend:
    """A code page of its own, whose button leads nowhere."""

    urlpatterns = [
        path("password/", CodeLoginView.as_view(code_url="own-code")),
        path("signin/", views.PhoneLoginView.as_view(code_url="own-login-code", next_page="/")),
        path("code/", views.SecondFactorView.as_view(code_url="own-code"), name="own-code"),
        path(
            "signin/code/",
            views.PhoneLoginCodeView.as_view(start_url="/signin/", code_url="own-login-code"),
            name="own-login-code",
        ),
    ]


class OwnPages:
    urlpatterns = [
        path("password/", CodeLoginView.as_view(code_url="own-code")),
        path("code/", views.SecondFactorView.as_view(code_url="own-code", resend_url="own-resend"), name="own-code"),
        path("code/again/", views.SecondFactorResendView.as_view(code_url="own-code"), name="own-resend"),
    ]


class Elsewhere:
    """A code page on another site, or behind a view that isn't ours."""

    urlpatterns = [
        path("password/", CodeLoginView.as_view(code_url="https://codes.example.com/enter/")),
        path("own/", CodeLoginView.as_view(code_url="/function/")),
        path("enter/", views.SecondFactorView.as_view()),
        path("function/", lambda request: HttpResponse()),
    ]


class Foreign:
    urlpatterns = [path("password/", ForeignLoginView.as_view()), *HOST]


@pytest.mark.parametrize("urlconf", [Namespaced, Instance, Twice])
def test_second_factor_from_outside_the_namespace(client, settings, account, outbox, urlconf):
    settings.ROOT_URLCONF = urlconf
    answer = client.post("/password/", ALICE)
    assert answer.url == "/host/phone/second-factor/"
    assert 'action="/host/phone/second-factor/resend/"' in client.get(answer.url).text
    assert client.post(answer.url, {"code": outbox[-1].code}).url == "/"


def test_second_mount_has_pages_of_its_own(client, settings, account, phone, outbox):
    settings.ROOT_URLCONF = Twice
    answer = client.post("/other/phone/login/", {"phone_number": phone})
    assert answer.url == "/other/phone/login/code/"
    assert 'action="/other/phone/login/code/resend/"' in client.get(answer.url).text


@pytest.mark.parametrize(
    ("urlconf", "url", "form"),
    [
        (Unmounted, "/password/", ALICE),
        (WithoutResend, "/password/", ALICE),
        (WithoutResend, "/signin/", {"phone_number": "+33612345678"}),
    ],
)
def test_missing_page_costs_no_message(client, settings, account, outbox, urlconf, url, form):
    settings.ROOT_URLCONF = urlconf
    with pytest.raises(NoReverseMatch):
        client.post(url, form)
    assert not outbox


def test_own_pages(client, settings, account, outbox):
    settings.ROOT_URLCONF = OwnPages
    assert client.post("/password/", ALICE).url == "/code/"
    assert 'action="/code/again/"' in client.get("/code/").text
    assert client.post("/code/", {"code": outbox[-1].code}).url == "/"


@pytest.mark.parametrize(
    ("url", "code_url"), [("/password/", "https://codes.example.com/enter/"), ("/own/", "/function/")]
)
def test_code_page_may_be_any(client, settings, account, outbox, url, code_url):
    settings.ROOT_URLCONF = Elsewhere
    assert client.post(url, ALICE).url == code_url
    assert len(outbox) == 1


@pytest.mark.parametrize(("urlconf", "is_whole"), [(OwnPages, True), (WithoutResend, False)])
def test_missing_page_is_found_below_a_script_name(client, settings, account, outbox, urlconf, is_whole):
    settings.ROOT_URLCONF = urlconf
    with override_script_prefix("/app/"), nullcontext() if is_whole else pytest.raises(NoReverseMatch):
        assert client.post("/password/", ALICE).url == "/app/code/"
    assert len(outbox) == is_whole


def test_backend_that_cannot_log_in_costs_no_message(client, settings, account, outbox):
    settings.ROOT_URLCONF = Foreign
    with pytest.raises(ImproperlyConfigured, match=r"ForeignLoginView .* accounts\.backends\.ApprovedBackend"):
        client.post("/password/", ALICE)
    assert not outbox


def test_number_stays_where_the_list_is_missing(client, settings, account):
    class Single:
        urlpatterns = [path("<uuid:public_id>/", views.PhoneNumberDeleteView.as_view())]

    settings.ROOT_URLCONF = Single
    client.force_login(account)
    [number] = account.ding_phone_numbers.all()
    with pytest.raises(NoReverseMatch):
        client.post(f"/{number.public_id}/")
    assert account.ding_phone_numbers.exists()
