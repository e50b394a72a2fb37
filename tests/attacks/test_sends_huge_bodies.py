"""A stranger wants the memory of the workers, or a 500, with bodies that are too long or too deep."""

import json
from io import BytesIO

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import Client
from rest_framework.test import APIRequestFactory, force_authenticate

from django_ding.api.views import SendView
from django_ding.models import Authentication

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
SIZE = 20 * 1024 * 1024
LIMIT = 64 * 1024
PATHS = ["", "5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11/check/", "5b0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11/retry/"]
TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
CSRF = "a" * 32


class Body(BytesIO):
    """A body that counts what is read of it."""

    bytes_read = 0

    def read(self, size=-1):
        data = super().read(size)
        self.bytes_read += len(data)
        return data

    def readline(self, size=-1):
        data = super().readline(size)
        self.bytes_read += len(data)
        return data


@pytest.fixture(params=["anonymous", "session"])
def client(request, user):
    client = Client(enforce_csrf_checks=True)
    if request.param == "session":
        client.force_login(user)
        # The check of the token parses the body.
        client.cookies["csrftoken"] = CSRF
    return client


def post(client, body, *, path=URL, content_type="application/json", length=str(SIZE), **headers):
    return client.request(
        PATH_INFO=path,
        REQUEST_METHOD="POST",
        CONTENT_TYPE=content_type,
        CONTENT_LENGTH=length,
        **headers,
        **{"wsgi.input": body},
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("path", [*(URL + path for path in PATHS), "/api/phone/login/"])
def test_long_body_is_rejected_unread(client, path, content_type, accept):
    body = Body(b" " * LIMIT * 2)
    response = post(client, body, path=path, content_type=content_type, HTTP_ACCEPT=accept)
    assert (response.status_code, body.bytes_read) == (413, 0)
    if accept == "application/json":
        assert response.json() == {"code": "content_too_large", "detail": "The request is too large."}
    assert not Authentication.objects.exists()


@pytest.mark.parametrize("length", ["-1", "9" * 40])
def test_absurd_length_is_rejected_unread(client, length):
    body = Body(b" " * LIMIT * 2)
    assert post(client, body, length=length).status_code == 413
    assert body.bytes_read == 0


@pytest.mark.parametrize("length", ["", "x"])
@pytest.mark.parametrize("similar", [{}, {"HTTP_CONTENT_LENGTH": "9"}])
def test_body_without_a_length_is_not_read(length, similar):
    body = Body(b" " * SIZE)
    response = post(Client(), body, length=length, HTTP_TRANSFER_ENCODING="chunked", **similar)
    assert (response.status_code, body.bytes_read) == (400, 0)


@pytest.mark.parametrize("headers", [[], [(b"content_length", b"9")]])
def test_body_in_chunks_behind_asgi_is_not_read(headers):
    body = Body(b" " * LIMIT * 2)
    headers = [(b"content-type", b"application/json"), *headers]
    scope = {"type": "http", "method": "POST", "path": URL, "query_string": b"", "headers": headers}
    response = SendView.as_view()(ASGIRequest(scope, body))
    assert (response.status_code, body.bytes_read) == (400, 0)


def test_body_of_the_longest_size_is_read(client, phone):
    body = json.dumps({"phone_number": phone}).encode().ljust(LIMIT)
    for more, status in [(b"", 201), (b" ", 413)]:
        response = client.post(URL, body + more, content_type="application/json", HTTP_X_CSRFTOKEN=CSRF)
        assert response.status_code == status


class LongBodySendView(SendView):
    max_body_bytes = 2 * LIMIT


def test_project_can_allow_more(user, phone):
    body = json.dumps({"phone_number": phone}).ljust(2 * LIMIT)
    request = APIRequestFactory().post("/", body, content_type="application/json")
    force_authenticate(request, user)
    assert LongBodySendView.as_view()(request).status_code == 201


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"a":' * 12_000, b'{"phone_number": %b}' % (b"[" * 30_000 + b"]" * 30_000)]
)
@pytest.mark.parametrize("path", [*(URL + path for path in PATHS), "/api/phone/login/"])
def test_deep_json_is_a_mistake_of_the_client(client, path, body, accept):
    response = client.post(path, body, content_type="application/json", HTTP_ACCEPT=accept)
    assert response.status_code == 400
    if accept == "application/json":
        assert response.json()["code"] == "parse_error"


def test_text_of_another_charset_is_a_mistake_of_the_client(client):
    response = post(client, Body(b"\xff" * 9), content_type="application/json; charset=idna", length="9")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
