"""The HTTP client as other packages use it."""

import logging
from base64 import b64decode
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.http import HttpClient
from django_ding.exceptions import BackendUnavailable
from tests.backends.servers import answer

NUMBER = "33612345678"


@pytest.fixture
def client(provider):
    return HttpClient(provider.url)


def test_json_is_sent_and_read(client, provider):
    provider.will(answer({"id": "a"}, status=201, headers={"Retry-After": "7"}))
    reply = client.post("/v1/messages", json={"to": "é"})
    (request,) = provider.requests
    assert (request.method, request.path, request.json) == ("POST", "/v1/messages", {"to": "é"})
    assert request.headers["content-type"] == "application/json"
    assert (reply.status, reply.data, reply.headers["retry-after"]) == (201, {"id": "a"}, "7")


def test_form_is_sent(client, provider):
    client.post("/messages", form={"To": "+33 6", "Tag": ["a", "b"]})
    (request,) = provider.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {"To": ["+33 6"], "Tag": ["a", "b"]}


def test_query_is_quoted(client, provider):
    client.get("/lookup", query={"number": "+33 6", "fields": ["a", "b"]})
    assert provider.requests[0].path == "/lookup?number=%2B33+6&fields=a&fields=b"


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_methods(client, provider, method):
    getattr(client, method)("/x")
    (request,) = provider.requests
    assert (request.method, request.body) == (method.upper(), b"")
    assert "content-type" not in request.headers


def test_other_method(client, provider):
    client.request("PUT", "/x", json={})
    assert provider.requests[0].method == "PUT"


@pytest.mark.parametrize("where", ["client", "request"])
def test_basic_auth(provider, where):
    auth = {"auth": ("AC1", "pass:wörd")}
    HttpClient(provider.url, **(auth if where == "client" else {})).get("/x", **(auth if where == "request" else {}))
    scheme, _, encoded = provider.requests[0].headers["authorization"].partition(" ")
    assert (scheme, b64decode(encoded).decode()) == ("Basic", "AC1:pass:wörd")


def test_headers_of_the_request_come_first(provider):
    client = HttpClient(provider.url, headers={"X-Key": "a", "X-Other": "b"})
    client.get("/x", headers={"X-Key": "c"})
    assert (provider.requests[0].headers["x-key"], provider.requests[0].headers["x-other"]) == ("c", "b")


def test_empty_answer_of_204_is_a_success(client, provider):
    provider.will(answer(status=204, body=b""))
    assert client.delete("/x").data == {}


def test_answer_need_not_be_json(client, provider):
    provider.will(answer(body=b"OK 17"), answer(body=b"OK 17"))
    reply = client.post("/x", require_json=False)
    assert (reply.data, reply.body) == ({}, b"OK 17")
    with pytest.raises(BackendUnavailable):
        client.post("/x")


@pytest.mark.parametrize("status", [408, 429, 503])
def test_status_can_be_returned(client, provider, status):
    provider.will(answer({"code": 60203}, status=status), answer({"code": 60203}, status=status))
    assert client.post("/x", returned={status}).data == {"code": 60203}
    with pytest.raises(BackendUnavailable):
        client.post("/x", returned={418})


def test_url_must_be_one():
    with pytest.raises(ImproperlyConfigured, match="base_url must be"):
        HttpClient("nowhere")


# What urllib3 logs


@pytest.mark.parametrize(
    "path",
    [
        *(f"/lookup/{number}" for number in (f"+{NUMBER}", f"%2B{NUMBER}", f"%2b{NUMBER}", NUMBER, f"00{NUMBER}")),
        f"/v2/Services/VA1/Verifications/%2B{NUMBER}/x",
        f"/tel%3A{NUMBER}",
        f"/whatsapp:+{NUMBER}",
        f"/%252B{NUMBER}",
        f"/a-{NUMBER}.json",
    ],
)
def test_number_in_a_path_is_not_logged(client, caplog, path):
    with caplog.at_level(logging.DEBUG, "urllib3"):
        client.get(path)
    assert "***" in caplog.text
    assert NUMBER not in caplog.text


@pytest.mark.parametrize(
    "query",
    [
        {"to": f"+{NUMBER}"},
        {"to": NUMBER},
        {"to": "33 6 12 34 56 78"},
        {"text": "Code: 428613", "key": "s3cret"},
    ],
)
def test_query_is_not_logged(client, provider, caplog, query):
    with caplog.at_level(logging.DEBUG, "urllib3"):
        client.get("/send", query=query)
    logged = caplog.text
    assert "/send?" + "&".join(f"{name}=***" for name in query) in logged
    for hidden in (NUMBER, "12+34", "428613", "s3cret"):
        assert hidden not in logged


def test_uuid_and_port_are_still_logged(client, provider, caplog):
    with caplog.at_level(logging.DEBUG, "urllib3"):
        client.get("/authentication/64f66a7c-4b2c-4131-a8ff-d5b954cca05f")
    assert "/authentication/64f66a7c-4b2c-4131-a8ff-d5b954cca05f" in caplog.text
    assert provider.url.rpartition(":")[2] in caplog.text


def test_headers_are_not_printed(provider):
    client = HttpClient(provider.url, headers={"X-Key": "s3cret"}, auth=("me", "s3cret"))
    assert "s3cret" not in repr(vars(client))
