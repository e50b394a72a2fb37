import http.client
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import get_resolver, include, path, reverse

from django_ding.sandbox import Options, configure, default_simulator, urls, v1
from django_ding.sandbox.project import find_mounts, mounted_simulator, project_simulator
from django_ding.sandbox.v2 import urls as v2
from django_ding.sandbox.views import _MAX_DELAY

from .helpers import CUSTOMER, PHONE

CREDENTIALS = {"x-api-key": "key", "customer-uuid": CUSTOMER}


@pytest.fixture
def simulator():
    shared = configure(Options())
    shared.reset()
    yield shared
    default_simulator().reset()


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def send(browser, phone_number=PHONE, **fields):
    body = {"customer_uuid": CUSTOMER, "phone_number": phone_number, **fields}
    return browser.post("/sandbox/v1/authentication", body, content_type="application/json", headers=CREDENTIALS)


def test_mount_sends_without_csrf_token_login_or_database(simulator, browser):
    assert send(browser).json()["status"] == "pending"
    assert len(simulator.messages(PHONE)) == 1


def test_mount_shows_the_inbox_with_its_headers(simulator, browser):
    send(browser)
    response = browser.get(reverse("django_ding_sandbox:inbox"))
    assert simulator.messages()[0].code in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "text/html; charset=utf-8"


def test_mount_serves_json_and_assets(simulator, browser):
    send(browser)
    address = reverse("django_ding_sandbox:inbox_json")
    (message,) = browser.get(f"{address}?phone_number=+33612345678").json()["messages"]
    assert message["phone_number"] == PHONE
    assert browser.get("/sandbox/assets/inbox.css").status_code == 200


class Tenants:
    """A project with a sandbox below an argument of the URL."""

    urlpatterns = [path("<slug:tenant>/sandbox/", include("django_ding.sandbox.urls"))]


@pytest.mark.parametrize("name", ["", "inbox.json", "assets/inbox.css"])
def test_mount_below_an_argument_ignores_it(simulator, browser, settings, name):
    settings.ROOT_URLCONF = Tenants
    assert browser.get(f"/acme/sandbox/{name}").status_code == 200
    assert browser.get(f"/acme/sandbox/{name}nothing").status_code == 404


def test_mount_reads_percent_encoded_paths(simulator, browser):
    response = browser.get("/sandbox/v1/lookup/%2B33612345678?type=cnam", headers=CREDENTIALS)
    assert response.json()["phone_number"] == PHONE


def test_mount_answers_errors_as_the_api_does(simulator, browser):
    assert browser.get("/sandbox/v1/check", headers=CREDENTIALS).status_code == 405
    assert browser.post("/sandbox/v1/check").json() == {"message": "Forbidden"}
    assert browser.get("/sandbox/v1/nowhere", headers=CREDENTIALS).json()["code"] == "bad_request"
    assert browser.get("/sandbox/nowhere").status_code == 404


def test_mount_refuses_a_huge_body(simulator, browser):
    response = browser.post("/sandbox/v1/check", b" " * 70_000, content_type="application/json", headers=CREDENTIALS)
    assert response.status_code == 413


def test_mount_follows_the_settings(settings, browser):
    settings.DING = {**settings.DING, "SANDBOX": {"enabled": True, "code_length": 4}}
    send(browser)
    assert len(default_simulator().messages()[0].code) == 4


def test_mount_waits_before_a_slow_answer(settings, browser):
    settings.DING = {**settings.DING, "SANDBOX": {"enabled": True, "slow_seconds": 0.01}}
    assert send(browser, "+12025550128").json()["status"] == "pending"


def test_mount_is_outside_transactions():
    api = [*v1.urlpatterns, *v2.urlpatterns]
    patterns = [*api, *(pattern for pattern in urls.urlpatterns if pattern.callback)]
    assert len(patterns) == 26
    assert all(pattern.callback._non_atomic_requests == {"default"} for pattern in patterns)
    assert all(pattern.callback.csrf_exempt for pattern in api)


def test_mount_breaks_off_a_dropped_answer(simulator, browser):
    response = send(browser, "+12025550131")
    assert response["Content-Length"] == "1024"
    with pytest.raises(ConnectionResetError):
        b"".join(response.streaming_content)
    assert len(simulator.messages()) == 1


def test_mount_under_runserver_closes_a_dropped_connection(simulator):
    """The development server keeps connections open: a length never reached would hang the client."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    body = json.dumps({"customer_uuid": CUSTOMER, "phone_number": "+12025550131"})
    headers = {**CREDENTIALS, "content-type": "application/json", "host": "testserver"}
    connection.request("POST", "/sandbox/v1/authentication", body, headers)
    assert connection.getresponse().read() == b"{"
    connection.close()
    server.shutdown()
    server.server_close()
    thread.join()


# Where it answers


PATHS = ["", "inbox.json", "assets/inbox.css", "webhook-key.pem", "v1/check", "v2/verification", "v2/silent/x", "v2/x"]


@pytest.mark.parametrize("path", PATHS)
def test_mount_is_404_where_debug_is_off(settings, browser, path):
    settings.DING = {**settings.DING, "SANDBOX": {}}
    assert browser.get(f"/sandbox/{path}").status_code == 404
    assert Client().post(f"/sandbox/{path}").status_code == 404


@pytest.mark.parametrize(("debug", "options", "status"), [(True, {}, 200), (True, {"enabled": False}, 404)])
def test_mount_answers_where_it_is_meant_to(settings, browser, debug, options, status):
    settings.DEBUG = debug
    settings.DING = {**settings.DING, "SANDBOX": options}
    assert browser.get("/sandbox/").status_code == status


def test_mount_does_not_take_anything_for_yes(settings, browser):
    settings.DING = {**settings.DING, "SANDBOX": {"enabled": "no"}}
    with pytest.raises(ImproperlyConfigured, match="must be True or False"):
        browser.get("/sandbox/")


# Options of each mount


@pytest.fixture
def two_mounts(settings):
    settings.ROOT_URLCONF = "tests.sandbox.two_mounts"
    settings.DING = {**settings.DING, "SANDBOX": {"code_length": 5}}


def test_mounts_have_options_and_messages_of_their_own(two_mounts, simulator, browser):
    for place in ("short", "long"):
        body = {"customer_uuid": CUSTOMER, "phone_number": PHONE}
        sent = browser.post(f"/{place}/v1/authentication", body, content_type="application/json", headers=CREDENTIALS)
        assert sent.status_code == 200
    lengths = {}
    for place in ("short", "long"):
        (message,) = browser.get(f"/{place}/inbox.json").json()["messages"]
        lengths[place] = len(message["code"])
    assert lengths == {"short": 4, "long": 8}
    assert browser.get("/hidden/").status_code == 404
    assert browser.get("/short/v1/lookup/%2B33612345678", headers=CREDENTIALS).status_code == 200


def test_mounts_with_the_options_of_the_setting_share_its_sandbox(settings):
    settings.DING = {**settings.DING, "SANDBOX": {"code_length": 5}}
    assert mounted_simulator({}) is mounted_simulator({"code_length": 5}) is project_simulator()
    assert mounted_simulator({"code_length": 6}) is mounted_simulator({"code_length": 6}) is not project_simulator()


def test_mount_with_an_unknown_option_says_so(settings):
    with pytest.raises(ImproperlyConfigured, match="options of the sandbox's URLs has no key 'code_lenght'"):
        mounted_simulator({"code_lenght": 4})


def test_mounts_are_found_with_their_options(two_mounts):
    found = dict(find_mounts(get_resolver("tests.sandbox.two_mounts").url_patterns))
    assert found == {
        "short/": {"code_length": 4, "enabled": True},
        "long/": {"code_length": 8, "enabled": True},
        "hidden/": {},
    }


# What the inbox offers in a project


def token(browser):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/sandbox/").content.decode())[1]


def test_mount_is_cleared_with_a_token_only(simulator, browser):
    send(browser)
    assert browser.post("/sandbox/clear").status_code == 403
    assert len(simulator.messages()) == 1
    response = browser.post("/sandbox/clear", {"csrfmiddlewaretoken": token(browser)}, follow=True)
    assert response.redirect_chain == [("./", 302)]
    assert simulator.messages() == []


def test_mount_is_cleared_with_a_token_where_the_project_checks_none(settings, simulator, browser):
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "Csrf" not in path]
    send(browser)
    assert browser.post("/sandbox/clear").status_code == 403
    assert browser.post("/sandbox/clear", {"csrfmiddlewaretoken": token(browser)}).status_code == 302


def test_mount_is_cleared_by_programs_without_a_token(simulator, browser):
    send(browser)
    assert browser.delete("/sandbox/inbox.json").status_code == 204
    assert simulator.messages() == []
    assert browser.options("/sandbox/inbox.json").status_code == 405


class Site:
    """A project with the pages and the sandbox."""

    urlpatterns = [
        path("phone/", include("django_ding.login.urls")),
        path("sandbox/", include("django_ding.sandbox.urls")),
    ]


@pytest.fixture
def site(settings, simulator):
    settings.ROOT_URLCONF = Site


@pytest.mark.django_db
def test_mount_starts_special_numbers_on_the_site(site, browser, django_user_model):
    html = browser.get("/sandbox/").content.decode()
    assert re.search(r'<form id="try" method="post" action="/phone/login/"', html)
    assert 'name="phone_number" value="+12025550110"' in html
    browser.force_login(django_user_model.objects.create_user("demo"))
    assert 'action="/phone/numbers/add/"' in browser.get("/sandbox/").content.decode()


@pytest.mark.django_db
def test_mount_starts_a_number_with_one_post(site, simulator, browser):
    form = {"csrfmiddlewaretoken": token(browser), "phone_number": "+12025550123"}
    assert browser.post("/phone/login/", form)["Location"] == "/phone/login/code/"
    assert simulator.messages()[0].channel == "whatsapp"


def test_mount_without_a_login_by_phone_starts_nothing(site, settings, browser):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert 'form="try"' not in browser.get("/sandbox/").content.decode()


def test_mount_without_pages_starts_nothing(simulator, browser):
    html = browser.get("/sandbox/").content.decode()
    assert 'data-copy="+12025550110"' in html
    assert 'form="try"' not in html


# What strangers can make of it


def verification(browser, url):
    body = {"target": {"type": "phone_number", "value": PHONE}, "options": {"callback_url": url}}
    headers = {"Authorization": "Bearer key"}
    return browser.post("/sandbox/v2/verification", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("http://127.0.0.1:8000/hook", True),
        ("http://localhost/hook", True),
        ("http://[::1]/hook", True),
        ("https://example.com/app/ding/webhooks/1", True),
        ("https://example.com/app", False),
        ("https://example.com/application/", False),
        ("https://example.com.evil.example/app/", False),
        ("http://example.com/app/hook", False),
        ("https://user@example.com/app/hook", False),
        ("http://169.254.169.254/latest/meta-data/", False),
        ("http://10.0.0.1/", False),
        ("http://localhost.evil.example/", False),
    ],
)
def test_mount_posts_webhooks_to_the_site_and_this_machine_only(settings, simulator, browser, url, accepted):
    settings.DING = {**settings.DING, "WEBHOOK_BASE_URL": "https://example.com/app"}
    answer = verification(browser, url)
    assert answer.status_code == (200 if accepted else 400)
    assert accepted or answer.json()["code"] == "invalid_callback_url"
    simulator.webhooks.clear()
    first = send(browser, "+12025550100", callback_url=url)
    assert accepted or first.json()["code"] == "bad_request"
    simulator.webhooks.clear()


def test_mount_without_a_base_url_posts_to_this_machine_only(simulator, browser):
    assert verification(browser, "https://example.com/hook").status_code == 400


def test_standalone_simulator_posts_anywhere(client):
    assert client.send(callback_url="https://example.com/hook")["status"] == "pending"


def test_slow_answers_do_not_stop_a_site(settings, simulator):
    """Of many at a time, two are held, and those for three seconds at most."""
    settings.DING = {**settings.DING, "SANDBOX": {"enabled": True, "slow_seconds": 0.5}}
    start = time.monotonic()

    def one(_):
        send(Client(), "+12025550128")
        return time.monotonic() - start

    with ThreadPoolExecutor(12) as pool:
        waits = sorted(pool.map(one, range(12)))
    assert [wait >= 0.5 for wait in waits] == [False] * 10 + [True] * 2
    assert _MAX_DELAY <= 3


def test_mount_needs_no_login(simulator, browser, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert send(browser).json()["status"] == "pending"
    assert browser.post("/sandbox/v2/verification").status_code == 401
    assert browser.get("/sandbox/v2/nowhere").status_code == 404
    for name in ("", "inbox.json", "assets/inbox.css"):
        assert browser.get(f"/sandbox/{name}").status_code == 200
