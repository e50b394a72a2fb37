"""REST framework's settings and packages in a project: the endpoints answer as documented with each."""

import json
import time
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.http import Http404
from django.test import override_settings
from django.urls import include, path
from rest_framework import renderers, throttling, versioning, views
from rest_framework.exceptions import APIException, NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.urlpatterns import format_suffix_patterns

from django_ding.api.account_views import PhoneNumberListView
from django_ding.api.base import DingView
from django_ding.api.exceptions import PhoneAPIException
from django_ding.exceptions import BackendUnavailable
from django_ding.sandbox.project import project_simulator
from django_ding.testing import sandbox
from tests.api.helpers import URL, signed_in

pytestmark = pytest.mark.django_db

PHONE = "+33612345678"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
mounted = [path("<str:version>/phone/", include("django_ding.api.urls"))]
urlpatterns = format_suffix_patterns(mounted)


@pytest.fixture
def defaults(monkeypatch):
    """Set a default of REST framework, which its views read when they are defined."""

    def set_default(name, value):
        monkeypatch.setattr(views.APIView, name, value)

    return set_default


# Versions

VERSIONING = {
    "AcceptHeaderVersioning": 406,
    "NamespaceVersioning": 404,
    "QueryParameterVersioning": 404,
    "URLPathVersioning": 404,
}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("name", VERSIONING)
def test_versions_of_the_project_apply_only_if_it_asks_for_it(monkeypatch, member, phone, name):
    monkeypatch.setattr(versioning.BaseVersioning, "allowed_versions", ["v1"])
    with override_settings(REST_FRAMEWORK={"DEFAULT_VERSIONING_CLASS": f"rest_framework.versioning.{name}"}):
        assert member.post("/v2/phone/authentications/", {"phone_number": phone}).status_code == 201
        with sandbox(REST_VERSIONING=True):
            answers = [
                member.get(
                    f"/{which}/phone/phone-numbers/?version={which}", headers={"Accept": f"*/*; version={which}"}
                )
                for which in ("v1", "v2")
            ]
    # The app's namespace is no version of the project's.
    right = 404 if name == "NamespaceVersioning" else 200
    assert [answer.status_code for answer in answers] == [right, VERSIONING[name]]


@pytest.mark.urls(__name__)
def test_version_may_be_chosen_by_a_view(member):
    class Numbers(PhoneNumberListView):
        versioning_class = versioning.URLPathVersioning

        def get(self, request, *args, **kwargs):
            return Response(request.version)

    request = member.get("/v2/phone/phone-numbers/").wsgi_request
    request._force_auth_user = member.handler._force_user
    assert Numbers.as_view()(request, version="v2").data == "v2"
    as_argument = PhoneNumberListView.as_view(versioning_class=versioning.URLPathVersioning)
    assert as_argument(request, version="v2").status_code == 200


# URLs


@pytest.mark.urls(__name__)
def test_urls_may_have_a_suffix(member, phone):
    sent = member.post("/2/phone/authentications.json", {"phone_number": phone}).json()
    assert member.get(f"/2/phone/authentications/{sent['id']}.json").json() == sent
    answer = member.post(f"/2/phone/authentications/{sent['id']}/check.json", {"code": "000000"})
    assert answer.json()["code"] == "invalid"


def test_schema_of_urls_with_arguments_has_no_warning(tmp_path, settings):
    settings.ROOT_URLCONF = SimpleNamespace(urlpatterns=mounted)
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(file))
    assert "/{version}/phone/authentications/" in file.read_text()


# Renderers and parsers


class StrictRenderer(renderers.JSONRenderer):
    """Takes no more than JSON's own types, as some renderers do: no lazy text, no enumeration."""

    media_type = "application/vnd.strict+json"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        check_types(data)
        return super().render(data, accepted_media_type, renderer_context)


def check_types(value):
    if isinstance(value, dict):
        for name, item in value.items():
            assert type(name) is str, (name, type(name))
            check_types(item)
    elif isinstance(value, list):
        for item in value:
            check_types(item)
    else:
        assert type(value) in (str, int, bool, type(None)), (value, type(value))


@pytest.fixture
def strict(defaults, multilingual):
    """A project with that renderer alone; returns a client of a user's, or of nobody's, who reads German."""
    defaults("renderer_classes", [StrictRenderer])

    def strict(user=None):
        client = signed_in(user) if user else APIClient()
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
        return client

    return strict


def test_renderers_get_plain_text(clock, strict, user, phone, outbox):
    member = strict(user)
    sent = member.post(URL, {"phone_number": phone}).json()
    url = f"{URL}{sent['id']}/"
    assert member.get(url).json() == sent
    assert member.post(f"{url}check/", {"code": "000000"}).json()["detail"].startswith("Falscher Code")
    assert member.post(f"{url}retry/").status_code == 429
    clock.shift(30)
    assert member.post(f"{url}retry/").status_code == 200
    assert member.post(f"{url}check/", {"code": outbox[-1].code}).status_code == 200
    (number,) = member.get("/api/phone/phone-numbers/").json()
    assert member.post(f"/api/phone/phone-numbers/{number['id']}/make-primary/").status_code == 200
    assert member.options(URL).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("post", URL, {}, 400, "invalid_input"),
        ("post", URL, {"phone_number": "12"}, 400, "invalid_phone_number"),
        ("post", URL, {"phone_number": PHONE, "device_type": "fax"}, 400, "invalid_input"),
        (
            "post",
            URL,
            {"phone_number": "+33612345678", "app_realm": "FA+9qCX9VSu"},
            400,
            "app_realm_require_device_type",
        ),
        ("post", URL, {"phone_number": "+33899123456"}, 400, "invalid_line"),
        ("post", URL, [1], 400, "invalid_input"),
        ("post", f"{URL}{UNKNOWN}/check/", [1], 400, "invalid_input"),
        ("post", f"{URL}{UNKNOWN}/check/", {}, 400, "invalid_code"),
        ("get", f"{URL}{UNKNOWN}/", None, 404, "not_found"),
        ("delete", URL, None, 405, "method_not_allowed"),
        ("get", "/api/phone/phone-numbers/", None, 403, "not_authenticated"),
    ],
)
def test_failures_are_plain_text_in_the_language_of_the_request(strict, method, path, body, status, code):
    answer = strict().generic(method, path, json.dumps(body), content_type="application/json")
    failure = answer.json()
    assert (answer.status_code, failure["code"]) == (status, code)
    assert list(failure) == ["code", "detail", *(["errors"] if code in ("invalid_input", "invalid_code") else [])]


PAGES = [renderers.TemplateHTMLRenderer, renderers.StaticHTMLRenderer, renderers.AdminRenderer]


@pytest.mark.parametrize(
    ("classes", "media_type"),
    [
        ([], "application/json"),
        ([*PAGES, renderers.HTMLFormRenderer], "application/json"),
        ([*PAGES, renderers.BrowsableAPIRenderer], "text/html; charset=utf-8"),
        ([*PAGES, StrictRenderer], StrictRenderer.media_type),
    ],
)
def test_renderers_of_pages_are_for_views_with_a_template(defaults, member, phone, classes, media_type):
    defaults("renderer_classes", classes)
    for body, status in [({"phone_number": phone}, 201), ({}, 400)]:
        answer = member.post(URL, body, format="json")
        assert (answer.status_code, answer["Content-Type"]) == (status, media_type)


def test_renderers_of_a_view_are_its_own(member):
    class Numbers(PhoneNumberListView):
        renderer_classes = [renderers.TemplateHTMLRenderer]

    assert [type(renderer) for renderer in Numbers().get_renderers()] == Numbers.renderer_classes


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "text/html, */*;q=0.1", "*/*; version=1", "text/csv"]
)
@pytest.mark.parametrize("query", ["", "format=api", "format=csv"])
def test_renderer_is_the_one_that_rest_framework_chooses(accept, query):
    request = Request(APIRequestFactory().get(f"{URL}?{query}", headers={"Accept": accept} if accept else {}))
    chosen = []
    for method in (DingView.perform_content_negotiation, views.APIView.perform_content_negotiation):
        view = DingView(format_kwarg=None)
        try:
            renderer, media_type = method(view, request)
            chosen.append((type(renderer), media_type))
        except (Http404, NotAcceptable) as error:
            chosen.append(type(error))
    assert chosen[0] == chosen[1]


def test_negotiation_of_the_project_is_asked(member):
    class Ours(DefaultContentNegotiation):
        def select_renderer(self, request, renderers, format_suffix=None):
            return renderers[-1], "text/ours"

    request = Request(APIRequestFactory().get(URL))
    assert (
        DingView(format_kwarg=None, content_negotiation_class=Ours).perform_content_negotiation(request)[1]
        == "text/ours"
    )


def test_renderer_that_the_client_cannot_read(strict):
    answer = strict().get(f"{URL}{UNKNOWN}/", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_parser_that_is_not_there(strict):
    answer = strict().post(URL, "<phone/>", content_type="text/xml")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    answer = strict().post(URL, "{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


# Names of the project


@pytest.mark.parametrize("key", ["code", "detail", "errors", "all"])
def test_errors_of_no_field_have_the_name_that_the_project_gives(member, start, key):
    url = f"{URL}{start()['id']}/check/"
    with override_settings(REST_FRAMEWORK={"NON_FIELD_ERRORS_KEY": key}):
        for path_ in (URL, url):
            failure = member.post(path_, [1], format="json").json()
            assert (failure["code"], list(failure["errors"])) == ("invalid_input", [key])
            assert isinstance(failure["detail"], str)
        assert member.post(url, {"code": 7}, format="json").json()["code"] == "invalid_code"


# Exception handlers and throttles


def of_the_project(error, context):
    """Make the answers of all endpoints of a project look the same."""
    if not isinstance(error, APIException):
        return None
    more = error.extra if isinstance(error, PhoneAPIException) else {}
    body = {"type": type(error).__name__, "codes": error.get_codes(), **more}
    return Response(body, status=error.status_code, headers={"Wait": getattr(error, "wait", None)})


@pytest.mark.parametrize("handler", [f"{__name__}.of_the_project", "rest_framework.views.exception_handler"])
def test_handler_of_the_project_gets_every_failure(clock, member, start, outbox, handler):
    with sandbox(REST_EXCEPTION_HANDLER=handler) as outbox:
        url = f"{URL}{start()['id']}/"
        answers = [
            member.post(f"{url}check/", {"code": "000000"}),
            member.post(f"{url}check/", {}),
            member.post(URL, {"phone_number": "12"}),
            member.post(URL, {}),
            member.get(f"{URL}{UNKNOWN}/"),
            member.post(f"{url}retry/"),
        ]
        clock.shift(600)
        answers.append(member.post(f"{url}check/", {"code": outbox[-1].code}))
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 404, 429, 410]
    if handler.startswith(__name__):
        assert [answer.json()["type"] for answer in answers] == [
            *["PhoneAPIException"] * 3,
            *("ValidationError", "NotFound"),
            *["PhoneAPIException"] * 2,
        ]
        assert answers[0].json() == {"type": "PhoneAPIException", "codes": "invalid", "remaining_checks": 4}
        assert answers[5]["Wait"] == "30"
    else:
        assert answers[0].json() == {"detail": "Incorrect code. 4 attempts left."}
        assert answers[5]["Retry-After"] == "30"


def seen_cause(error, context):
    seen_cause.cause = error.__cause__
    return Response(status=error.status_code)


def test_handler_of_the_project_sees_the_cause(member):
    with sandbox(REST_EXCEPTION_HANDLER=f"{__name__}.seen_cause"):
        project_simulator().script("send", "server_error")
        assert member.post(URL, {"phone_number": PHONE}).status_code == 503
    assert isinstance(seen_cause.cause, BackendUnavailable)


class Once(throttling.AnonRateThrottle):
    rate = "1/min"

    def timer(self):
        return time.time()


def test_throttle_of_the_project_says_when(clock, client, defaults, phone):
    defaults("throttle_classes", [Once])
    assert client.post(URL, {"phone_number": phone}).status_code == 201
    answer = client.post(URL, {"phone_number": phone})
    assert answer.status_code == 429
    assert answer.json()["code"] == "throttled"
    assert answer.json()["retry_after"] == int(answer["Retry-After"]) == 60


# Guests


def test_guests_may_be_no_user_at_all(client, phone, outbox):
    """``request.user`` is ``None`` for them where a project has no ``django.contrib.auth`` in REST framework."""
    with override_settings(REST_FRAMEWORK={"UNAUTHENTICATED_USER": None}):
        sent = client.post(URL, {"phone_number": phone}).json()
        assert client.post(f"{URL}{sent['id']}/check/", {"code": outbox[-1].code}).json()["proof"]
        for path_ in ("phone-numbers/", "devices/"):
            assert client.get(f"/api/phone/{path_}").status_code == 403
        assert client.post("/api/phone/step-up/", {"password": "secret"}).status_code == 403


@pytest.mark.parametrize("path_", ["authentications/", "login/", f"authentications/{UNKNOWN}/check/", "phone-numbers/"])
def test_options_are_answered(member, settings, path_):
    settings.AUTHENTICATION_BACKENDS = ["django_ding.login.backends.PhoneBackend"]
    assert member.options(f"/api/phone/{path_}").status_code == 200
