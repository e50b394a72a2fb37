from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import NoReverseMatch, include, path, resolve, reverse_lazy

from django_ding.reverse import find_names, resolve_url, reverse, reverse_anywhere

ADD = "django_ding_login:add"


def view(request):
    return HttpResponse()


pages = include("django_ding.login.urls")
shop = [path("home/", view, name="home"), path("orders/<int:order>/", view), path("phone/", pages)]
urlpatterns = [
    path("phone/", pages),
    path("second/", include("django_ding.login.urls", namespace="second")),
    path("shop/<slug:tenant>/", include((shop, "shop"))),
    path("branded/", include((shop, "branded")), {"brand": "acme"}),
    path("<slug:tenant>/home/", view, name="tenant_home"),
    path("home/", view, name="home"),
]


class Hidden:
    """A URLconf whose pages are all in a namespace of the project's."""

    app_name = "host"
    urlpatterns = [path("home/", view, name="home"), path("phone/", pages)]


class Elsewhere:
    """A URLconf of which nothing is outside of a namespace but the view of the request."""

    urlpatterns = [path("home/", view, name="home"), path("host/", include((Hidden.urlpatterns, "host"), "inner"))]


@pytest.fixture
def request_to(settings):
    """Make the request that the view at a path gets."""
    settings.ROOT_URLCONF = __name__

    def make(path):
        request = RequestFactory().get(path)
        request.resolver_match = resolve(path)
        return request

    return make


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/home/", "/phone/numbers/add/"),
        ("/phone/numbers/", "/phone/numbers/add/"),
        ("/second/numbers/", "/second/numbers/add/"),
        ("/shop/acme/home/", "/shop/acme/phone/numbers/add/"),
        ("/shop/acme/orders/7/", "/shop/acme/phone/numbers/add/"),
        ("/shop/acme/phone/numbers/", "/shop/acme/phone/numbers/add/"),
        ("/branded/home/", "/branded/phone/numbers/add/"),
        ("/acme/home/", "/phone/numbers/add/"),
    ],
)
def test_page_is_of_the_same_part_of_the_site(request_to, path, url):
    assert reverse(request_to(path), ADD) == url


def test_own_arguments_come_before_captured_ones(request_to):
    assert reverse(request_to("/acme/home/"), "tenant_home", tenant="other") == "/other/home/"


def test_namespaces_are_for_the_pages_alone(request_to):
    assert resolve_url(request_to("/shop/acme/home/"), "home") == "/home/"


@pytest.mark.parametrize("to", ["/a/?b=1", "https://example.com/", "../up/", "page.html"])
def test_url_stays(request_to, to):
    assert resolve_url(request_to("/shop/acme/home/"), to) == to


def test_what_django_takes_is_taken(request_to):
    request = request_to("/shop/acme/home/")
    assert resolve_url(request, reverse_lazy(ADD)) == "/phone/numbers/add/"
    assert resolve_url(request, SimpleNamespace(get_absolute_url=lambda: "/object/")) == "/object/"


def test_request_that_no_url_led_to(settings):
    settings.ROOT_URLCONF = __name__
    assert resolve_url(RequestFactory().get("/"), ADD) == "/phone/numbers/add/"


def test_unknown_page(request_to):
    with pytest.raises(NoReverseMatch, match="'add' with keyword arguments"):
        reverse(request_to("/shop/acme/home/"), "django_ding_login:add", other=1)
    with pytest.raises(NoReverseMatch, match="'away'"):
        resolve_url(request_to("/shop/acme/home/"), "away")


def test_pages_in_a_namespace_are_found_from_outside(settings):
    settings.ROOT_URLCONF = Elsewhere
    request = RequestFactory().get("/home/")
    assert resolve_url(request, ADD) == "/host/phone/numbers/add/"
    request.resolver_match = resolve("/home/")
    assert resolve_url(request, ADD) == "/host/phone/numbers/add/"
    assert reverse_anywhere(ADD, urlconf=Elsewhere) == "/host/phone/numbers/add/"
    with pytest.raises(NoReverseMatch, match="'django_ding_login' is not a registered"):
        reverse(request, "django_ding_login:nowhere")


def test_names_of_pages_are_found_in_each_namespace(settings):
    settings.ROOT_URLCONF = __name__
    assert list(find_names(ADD)) == [
        "django_ding_login:add",
        "second:add",
        "shop:django_ding_login:add",
        "branded:django_ding_login:add",
    ]
    assert list(find_names("django_ding_login:nowhere")) == []
    assert list(find_names("shop:home")) == []
