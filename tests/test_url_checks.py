"""What the checks say of where a project mounts the pages."""

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path, re_path, reverse_lazy
from django.views import View
from django.views.generic import RedirectView

from django_ding.checks import check_urls
from django_ding.login import views
from django_ding.login.decorators import phone_verified_required
from django_ding.login.mixins import PhoneVerificationLoginMixin, PhoneVerifiedRequiredMixin

PASSWORDS_ALONE = ["django.contrib.auth.backends.ModelBackend"]


class CodeLoginView(PhoneVerificationLoginMixin, LoginView):
    pass


class MembersView(PhoneVerifiedRequiredMixin, View):
    pass


@phone_verified_required
def vault(request):
    return HttpResponse()


@phone_verified_required(verify_url="host:own-page")
async def avault(request):
    return HttpResponse()


def found(*patterns, **settings):
    """Return the ids and texts of the messages about a project with these URLs."""
    urlconf = type("Project", (), {"urlpatterns": list(patterns)})
    with override_settings(**{"ROOT_URLCONF": urlconf, "LOGIN_URL": "/login/", "LOGIN_REDIRECT_URL": "/", **settings}):
        return [(message.id.removeprefix("django_ding."), message.msg) for message in check_urls(None)]


PAGES = path("phone/", include("django_ding.login.urls"))
CODE_LOGIN = path("login/", CodeLoginView.as_view(), name="login")
OWN = ([path("own/<slug:tenant>/", views.PhoneNumberAddView.as_view(next_page="/"), name="own-page")], "host")
GATES = [
    path("members/", MembersView.as_view()),
    path("vault/", login_not_required(vault)),
    path("vault/async/", avault),
    path("own/", include(OWN)),
]


@pytest.mark.parametrize(
    "patterns",
    [
        [PAGES, CODE_LOGIN, *GATES],
        [path("host/", include(([PAGES], "host"))), CODE_LOGIN, GATES[0]],
        [path("<slug:tenant>/", include([PAGES])), CODE_LOGIN, *GATES],
        [path("phone/", include("django_ding.login.urls", namespace="phone")), CODE_LOGIN, *GATES],
        [path("members/", MembersView.as_view(verify_url="/verify/"))],
        [
            path("members/", MembersView.as_view(verify_url=reverse_lazy("verify"))),
            path("", vault, name="verify"),
            PAGES,
        ],
        [path("api/", include("django_ding.api.urls"))],
        [],
    ],
)
def test_pages_that_are_mounted_pass(patterns):
    assert found(*patterns) == []


def test_pages_that_are_not_mounted_are_an_error():
    add = "PhoneNumberAddView at 'own/own/<slug:tenant>/'"
    assert [(id_, *text.split(" will fail: ")) for id_, text in found(CODE_LOGIN, *GATES)] == [
        ("E035", "CodeLoginView at 'login/'", "no URL has the name 'django_ding_login:second-factor'."),
        ("E035", "MembersView at 'members/' and 1 more", "no URL has the name 'django_ding_login:add'."),
        ("E035", add, "no URL has the name 'django_ding_login:number-code'."),
        ("E035", add, "no URL has the name 'django_ding_login:step-up'."),
    ]


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (MembersView.as_view(verify_url="verify"), "no URL has the name 'verify'."),
        (MembersView.as_view(verify_url="host:verify"), "no URL has the name 'host:verify'."),
        (MembersView.as_view(verify_url="phone:verify"), "no URL has the name 'phone:verify'."),
        (
            MembersView.as_view(verify_url=reverse_lazy("verify")),
            "Reverse for 'verify' not found. 'verify' is not a valid view function or pattern name.",
        ),
        (views.PhoneLoginCodeView.as_view(resend_url="resend"), "no URL has the name 'resend'."),
        (views.PhoneLoginCodeView.as_view(start_url="start"), "no URL has the name 'start'."),
    ],
)
def test_each_url_of_a_view_has_to_exist(view, problem):
    [(id_, text)] = found(PAGES, path("", view), path("host/", include(([], "host"))))
    assert id_ == "E035"
    assert text == f"{view.view_class.__name__} at '' will fail: {problem}"


def test_login_url_has_to_exist():
    [(id_, text)] = found(PAGES, GATES[0], LOGIN_URL="signin")
    assert id_ == "E035"
    assert text.endswith("will fail: no URL has the name 'signin'.")


def test_renderer_without_the_templates_is_an_error(settings):
    renderer = "django.forms.renderers.TemplatesSetting"
    [(id_, text)] = found(PAGES, FORM_RENDERER=renderer)
    assert id_ == "E036"
    assert (
        text == f"FORM_RENDERER = '{renderer}' can't find 'django/forms/widgets/text.html', which the login pages need."
    )
    assert found(FORM_RENDERER=renderer) == []


def test_templates_that_are_not_found_are_an_error():
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": []}
    [(id_, text)] = found(PAGES, TEMPLATES=[engine])
    assert id_ == "E037"
    assert text == "TEMPLATES can't find 'django_ding/login/base.html', which the login pages need."
    assert found(path("api/", include("django_ding.api.urls")), TEMPLATES=[engine]) == []


def test_further_urls_of_a_page_have_to_exist():
    class HelpfulCodeView(views.PhoneLoginCodeView):
        url_attributes = (*views.PhoneLoginCodeView.url_attributes, "help_url")
        help_url = "help"

    [(id_, text)] = found(PAGES, path("code/", HelpfulCodeView.as_view()))
    assert id_ == "E035"
    assert text.endswith("no URL has the name 'help'.")


class TenantCodeView(views.PhoneLoginCodeView):
    @property
    def start_url(self):
        return self.tenants["of the request"]

    tenants = {}


def test_url_that_only_a_request_knows_passes():
    assert found(PAGES, path("code/", TenantCodeView.as_view())) == []


def test_phone_login_without_its_backend_is_a_warning():
    [(id_, text)] = found(PAGES, AUTHENTICATION_BACKENDS=PASSWORDS_ALONE)
    assert id_ == "W035"
    assert "'phone/login/' is 404" in text
    replaced = path("phone/login/", RedirectView.as_view(url="/login/"))
    assert found(replaced, PAGES, AUTHENTICATION_BACKENDS=PASSWORDS_ALONE) == []


ADMIN = path("admin/", admin.site.urls)
ACCOUNTS = path("", include("django.contrib.auth.urls"))


def without_code(*patterns):
    return [text.partition(" takes")[0] for id_, text in found(PAGES, *patterns) if id_ == "W036"]


def test_login_without_the_code_is_a_warning():
    assert without_code(CODE_LOGIN, ADMIN) == ["Admin at 'admin/login/'"]
    assert without_code(path("signin/", CodeLoginView.as_view()), ACCOUNTS) == ["LoginView at 'login/'"]
    assert found(PAGES, CODE_LOGIN, ADMIN)[-1][1].endswith(
        "takes a password alone, while CodeLoginView also asks for a code."
    )


def test_login_that_another_view_replaces_passes():
    assert without_code(CODE_LOGIN, ACCOUNTS) == []
    assert without_code(CODE_LOGIN, path("admin/login/", RedirectView.as_view(pattern_name="login")), ADMIN) == []


def test_login_passes_where_no_code_is_asked_for():
    assert without_code(ADMIN, ACCOUNTS) == []


class OwnSite(admin.AdminSite):
    def login(self, request, extra_context=None):
        return HttpResponse()


class TokenForm(AdminAuthenticationForm):
    token = forms.CharField()


class TokenSite(admin.AdminSite):
    login_form = TokenForm


class ThemedForm(AdminAuthenticationForm):
    pass


class ThemedSite(admin.AdminSite):
    login_form = ThemedForm


@pytest.mark.parametrize("site", [OwnSite, TokenSite])
def test_admin_with_a_login_of_its_own_passes(site):
    assert without_code(CODE_LOGIN, path("admin/", site().urls)) == []


def test_admin_with_a_theme_is_a_warning():
    assert without_code(CODE_LOGIN, path("admin/", ThemedSite().urls)) == ["Admin at 'admin/login/'"]


@pytest.mark.parametrize("urlconf", ["tests.broken_urls", None])
def test_urlconf_that_cannot_be_imported_is_left_to_django(urlconf):
    with override_settings(ROOT_URLCONF=urlconf):
        assert check_urls(None) == []


# Arguments of URLs


def mounted_below(route, how=path):
    return path("shop/", include(([how(route, include("django_ding.login.urls"))], "shop")))


@pytest.mark.parametrize("route", ["", "<slug:tenant>/", "<str:version>/<int:pk>/", "<slug:tenant>/<slug:place>/"])
def test_pages_below_arguments_with_names_are_fine(route):
    assert found(mounted_below(route)) == []


def test_pages_below_an_argument_that_is_captured_twice_are_fine():
    assert found(path("<slug:tenant>/", include(([mounted_below("<slug:tenant>/")], "tenant")))) == []


@pytest.mark.parametrize(
    ("route", "how"),
    [("<uuid:public_id>/", path), (r"^(\w+)/", re_path), (r"^(?P<tenant>\w+)/(\d+)/", re_path)],
)
def test_pages_below_other_arguments_are_an_error(route, how):
    ((code, text),) = found(mounted_below(route, how))
    assert code == "E025"
    assert "below 'shop/" in text


# Django's defaults of LOGIN_URL and LOGIN_REDIRECT_URL

DEFAULTS = {"LOGIN_URL": "/accounts/login/", "LOGIN_REDIRECT_URL": "/accounts/profile/"}


def test_default_of_the_login_page_that_is_nowhere_is_a_warning():
    [(id_, text)] = found(PAGES, CODE_LOGIN, *GATES[:2], LOGIN_URL="/accounts/login/")
    assert id_ == "W038"
    assert " more leads to LOGIN_URL, which is '/accounts/login/' by default, and no view has that URL." in text


def test_default_of_the_login_page_counts_for_functions():
    warning = (
        "W038",
        "vault at 'vault/' leads to LOGIN_URL, which is '/accounts/login/' by default, and no view has that URL.",
    )
    assert warning in found(path("vault/", vault), LOGIN_URL="/accounts/login/")
    gate = phone_verified_required(verify_url="/verify/", login_url="/login/")(lambda request: HttpResponse())
    assert found(path("gate/", gate), LOGIN_URL="/accounts/login/") == []


def test_default_of_the_page_after_the_login_that_is_nowhere_is_a_warning():
    [(id_, text)] = found(PAGES, CODE_LOGIN, LOGIN_REDIRECT_URL="/accounts/profile/")
    assert id_ == "W039"
    assert text == (
        "PhoneLoginView at 'phone/login/' and 1 more leads to LOGIN_REDIRECT_URL, which is '/accounts/profile/' by "
        "default, and no view has that URL."
    )


@pytest.mark.parametrize(
    ("patterns", "settings"),
    [
        ([PAGES, path("accounts/login/", vault), path("accounts/profile/", vault)], DEFAULTS),
        ([PAGES, CODE_LOGIN], {"LOGIN_URL": "/another/server/", "LOGIN_REDIRECT_URL": "/another/server/"}),
        ([PAGES], {"LOGIN_URL": "django_ding_login:login", "LOGIN_REDIRECT_URL": "django_ding_login:numbers"}),
        ([path("api/", include("django_ding.api.urls"))], DEFAULTS),
    ],
)
def test_pages_that_settings_name_pass(patterns, settings):
    assert found(*patterns, **settings) == []


def test_login_that_goes_elsewhere_needs_no_setting():
    class Own(CodeLoginView):
        def get_default_redirect_url(self):
            return f"/of/{self.request.user}/"

    logins = [path("own/", Own.as_view()), path("next/", CodeLoginView.as_view(next_page="/"))]
    [(_, text)] = found(PAGES, *logins, LOGIN_REDIRECT_URL="/accounts/profile/")
    assert text.startswith("PhoneLoginView at 'phone/login/' leads to")


def test_page_after_the_login_has_to_exist():
    [(id_, text)] = found(PAGES, CODE_LOGIN, LOGIN_REDIRECT_URL="home")
    assert (id_, text) == ("E035", "PhoneLoginView at 'phone/login/' and 1 more will fail: no URL has the name 'home'.")
