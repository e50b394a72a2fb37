import http.client
import json
import threading

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import reverse

from django_ding.sandbox import Options, configure, default_simulator, urls, v1
from django_ding.sandbox.v2 import urls as v2

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


def send(browser, phone_number=PHONE):
    body = {"customer_uuid": CUSTOMER, "phone_number": phone_number}
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
    settings.DING = {**settings.DING, "SANDBOX": {"code_length": 4}}
    send(browser)
    assert len(default_simulator().messages()[0].code) == 4


def test_mount_waits_before_a_slow_answer(settings, browser):
    settings.DING = {**settings.DING, "SANDBOX": {"slow_seconds": 0.01}}
    assert send(browser, "+12025550128").json()["status"] == "pending"


def test_mount_is_outside_transactions():
    api = [*v1.urlpatterns, *v2.urlpatterns]
    patterns = [*api, *(pattern for pattern in urls.urlpatterns if pattern.callback)]
    assert len(patterns) == 25
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
