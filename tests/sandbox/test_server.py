import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from django_ding.sandbox.server import SandboxServer, loggable_path

from .helpers import CUSTOMER, HEADERS, PHONE

BODY = json.dumps({"customer_uuid": CUSTOMER, "phone_number": PHONE})


@pytest.fixture
def lines():
    return []


@pytest.fixture
def server(simulator, lines):
    with SandboxServer(simulator, log=lines.append) as running:
        yield running


@pytest.fixture
def connection(server):
    opened = connect(server)
    yield opened
    opened.close()


def connect(server):
    return http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)


def ask(connection, method="POST", path="/v1/authentication", body=BODY, headers=HEADERS):
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response, response.read()


def raw(server, text):
    """Return everything the server answers to some bytes until it closes the connection."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        opened.sendall(text)
        opened.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: opened.recv(65536), b""))


def test_server_answers_on_one_kept_connection(server, connection):
    first, body = ask(connection)
    second, _ = ask(connection)
    assert (first.status, second.status) == (200, 200)
    assert json.loads(body)["status"] == "pending"
    assert first.version == 11
    assert server.connections == 1


def test_server_listens_on_loopback_and_picks_a_free_port(server):
    assert server.url.startswith("http://127.0.0.1:")
    assert not server.url.endswith(":0")


def test_server_serves_many_clients_at_once(server):
    def one(digit):
        connection = connect(server)
        body = json.dumps({"customer_uuid": CUSTOMER, "phone_number": f"+1202555010{digit % 10}"})
        try:
            return ask(connection, body=body)[0].status
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(one, range(60))) == {200}
    assert len(server.simulator.messages()) == 10
    assert server.connections == 60


def test_server_closes_connections_beyond_its_limit(server, connection):
    server.max_connections = 1
    ask(connection)
    with closing(connect(server)) as other, pytest.raises((http.client.RemoteDisconnected, OSError)):
        ask(other)
    assert ask(connection)[0].status == 200


def test_server_logs_no_number_and_no_code(connection, lines, simulator):
    ask(connection)
    ask(connection, "GET", "/v1/lookup/%2B33612345678?type=cnam")
    ask(connection, "GET", "/inbox.json?phone_number=%2B33612345678")
    assert lines == ["POST /v1/authentication 200", "GET /v1/lookup/******78 400", "GET /inbox.json 200"]


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/v1/check?code=123456", "/v1/check"),
        ("/v1/lookup/+33612345678", "/v1/lookup/******78"),
        ("/v1/lookup/33612345678/", "/v1/lookup/******78/"),
        ("/\x1b[31m", "/%1B%5B31m"),
        ("/v1/authentication/3b1f8a52-6c1e", "/v1/authentication/3b1f8a52-6c1e"),
    ],
)
def test_log_masks_and_escapes_paths(path, logged):
    assert loggable_path(path) == logged


def test_server_drops_the_connection_after_sending(connection, simulator, lines):
    simulator.script("send", "dropped")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection)
    assert len(simulator.messages()) == 1
    assert lines == ["POST /v1/authentication dropped"]


def test_server_waits_before_a_slow_answer(make, clock):
    client = make(slow_seconds=0.05)
    client.simulator.script("send", "slow")
    with SandboxServer(client.simulator) as server:
        connection = connect(server)
        assert ask(connection)[0].status == 200
        connection.close()


def test_server_stops_in_the_middle_of_a_slow_answer(simulator):
    sent = threading.Event()
    simulator.subscribe(lambda message: sent.set())
    simulator.script("send", "slow")
    server = SandboxServer(simulator)
    server.start()
    connection = connect(server)
    connection.request("POST", "/v1/authentication", BODY, HEADERS)
    assert sent.wait(5)
    server.stop()
    with pytest.raises((OSError, http.client.HTTPException)):
        connection.getresponse().read()
    connection.close()


def test_server_stopped_refuses_and_cuts_kept_connections(server, connection):
    ask(connection)
    server.stop()
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(connection)
    with pytest.raises(ConnectionRefusedError):
        raw(server, b"")


def test_server_never_started_can_be_stopped(simulator):
    SandboxServer(simulator).stop()


def test_server_reads_a_request_without_a_body(connection):
    connection.putrequest("POST", "/v1/check")
    for name, value in HEADERS.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Transfer-Encoding: chunked\r\n", 411),
        (b"Content-Length: many\r\n", 400),
        (b"Content-Length: -1\r\n", 400),
        (b"Content-Length: 1\r\nContent-Length: 2\r\n", 400),
        (b"Content-Length: 65537\r\n", 413),
        (b"Content-Length: 9999999999999999999999\r\n", 400),
    ],
)
def test_server_refuses_bodies_it_cannot_read(server, head, status):
    answer = raw(server, b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n{}")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad_request"


def test_server_answers_a_huge_body_without_cutting_the_client_off(connection):
    response, body = ask(connection, body="x" * 500_000)
    assert response.status == 413
    assert b"65536" in body


def test_server_answers_a_chunked_body_without_cutting_the_client_off(connection):
    chunks = (b"x" * 10_000 for _ in range(20))
    connection.request("POST", "/v1/check", chunks, HEADERS, encode_chunked=True)
    assert connection.getresponse().status == 411


def test_server_logs_the_type_of_a_failure_and_lives_on(server, simulator, connection, caplog):
    def broken_clock():
        raise LookupError(PHONE)

    working_clock, simulator.clock = simulator.clock, broken_clock
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, "GET", "/", None, {})
    simulator.clock = working_clock
    assert ask(connection)[0].status == 200
    assert "LookupError" in caplog.text
    assert PHONE not in caplog.text


def test_server_closes_when_the_body_never_comes(server, simulator):
    head = b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc"
    assert raw(server, head) == b""
    assert simulator.calls == {}


@pytest.mark.parametrize(
    "line", [b"nonsense", b"GET / HTTP/9.9", b"BREW / HTTP/1.1\r\nHost: localhost", b"GET /" + b"x" * 70_000]
)
def test_server_answers_a_malformed_request_with_clean_json(server, line):
    answer = raw(server, line + b"\r\n\r\n")
    assert json.loads(answer[answer.index(b"{") :])["code"] == "bad_request"
    assert b"Traceback" not in answer


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "DELETE"])
@pytest.mark.parametrize(("path", "allow"), [("/v1/check", "POST"), ("/v2/verification", "POST"), ("/", "GET, HEAD")])
def test_server_answers_other_methods_with_those_allowed(connection, method, path, allow):
    response, _ = ask(connection, method, path)
    assert (response.status, response.getheader("Allow")) == (405, allow)


def test_server_answers_head_without_a_body(connection):
    response, body = ask(connection, "HEAD", "/", None, {})
    assert (response.status, body) == (200, b"")
    assert int(response.getheader("Content-Length")) > 1000


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil:80"])
def test_server_refuses_other_host_names(server, host):
    answer = raw(server, f"GET /inbox.json HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 421 ")


def test_server_accepts_the_names_it_was_given(simulator):
    with SandboxServer(simulator, allowed_hosts=["Sandbox"]) as server:
        request = b"GET /inbox.json HTTP/1.1\r\nHost: sandbox:8010\r\nConnection: close\r\n\r\n"
        assert raw(server, request).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "app.localhost", "192.0.2.1:80", "[::1]:80", "[::1]"])
def test_host_of_this_machine_is_allowed(server, host):
    request = f"GET /inbox.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert raw(server, request.encode()).startswith(b"HTTP/1.1 200 ")


def test_host_must_be_given(server):
    assert raw(server, b"GET /inbox.json HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421 ")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_server_listens_on_ipv6(simulator):
    with SandboxServer(simulator, host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        connection = connect(server)
        assert ask(connection)[0].status == 200
        connection.close()
