import gc
import os
import socket
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from django_ding.backends import get_backend
from django_ding.backends.http import MAX_RETRY_AFTER, Reply, read_reply
from django_ding.exceptions import BackendRejected, BackendUnavailable
from tests.backends.faults import ENDLESS_BODY, TRICKLING_BODY
from tests.backends.helpers import API_KEY, CUSTOMER_UUID, make_sent
from tests.backends.servers import Answer, answer, refusing_port

SENT = make_sent()


@pytest.fixture
def closed_port():
    with refusing_port() as bound:
        yield bound.getsockname()[1]


def check(backend):
    return backend.check(SENT, "123456")


def outage(backend, call=check):
    with pytest.raises(BackendUnavailable) as raised:
        call(backend)
    return raised.value


# Outages


@pytest.mark.parametrize("content_type", ["text/plain", "text/html; charset=latin-1", "nonsense", ""])
def test_wrong_content_type_is_still_read(backend, provider, content_type):
    provider.will(answer({"status": "valid"}, headers={"Content-Type": content_type}))
    assert check(backend).status == "valid"


def test_connection_refused_never_reached(make_backend, closed_port):
    error = outage(make_backend(base_url=f"http://127.0.0.1:{closed_port}"))
    assert (error.code, error.reached, error.may_have_executed) == ("connection_failed", False, False)


def test_name_not_found_never_reached(make_backend):
    error = outage(make_backend(base_url="http://ding.invalid"))
    assert (error.code, error.reached) == ("connection_failed", False)


@pytest.mark.parametrize("retries", [0, 2])
def test_connection_is_tried_again(make_backend, closed_port, count_connects, retries):
    outage(make_backend(base_url=f"http://127.0.0.1:{closed_port}", connect_retries=retries))
    assert count_connects() == 1 + retries


@pytest.fixture
def count_connects():
    """Count this thread's attempts to connect, as the interpreter's audit events report them."""
    counted = [0]
    thread = threading.get_ident()
    active = [True]

    def hook(event, args):
        if event == "socket.connect" and active[0] and threading.get_ident() == thread:
            counted[0] += 1

    sys.addaudithook(hook)
    yield lambda: counted[0]
    active[0] = False


def test_connect_time_out_never_reached(make_backend):
    """A listener whose queue is full takes no further connection."""

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        with socket.create_connection(listener.getsockname()):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            error = outage(make_backend(base_url=url, connect_timeout=0.1, connect_retries=0))
    assert (error.code, error.reached) == ("timeout", False)


def test_plain_http_where_tls_is_due(make_backend, provider):
    provider.will(Answer(data=b"HTTP/1.1 400 Bad Request\r\n\r\n", unread=True, close=True))
    error = outage(make_backend(base_url=provider.url.replace("http:", "https:")))
    assert error.code == "tls_error"
    assert provider.connections == 1


def test_slow_answer_within_the_time_limit(make_backend, provider):
    provider.will(Answer(data=answer({"status": "valid"}).data, slowly=0.001))
    assert check(make_backend(read_timeout=5)).status == "valid"


# Too many requests


def test_too_many_requests_was_not_executed(backend, provider):
    provider.will(answer(status=429, headers={"Retry-After": "12"}))
    error = outage(backend)
    assert (error.code, error.reached, error.may_have_executed) == ("too_many_requests", True, False)
    assert error.retry_after == 12
    assert len(provider.requests) == 1


def test_too_many_requests_of_a_get_is_not_waited_for(backend, provider):
    provider.will(answer(status=429, headers={"Retry-After": "12"}))
    assert outage(backend, lambda backend: backend.lookup("+33612345678")).retry_after == 12
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("Mon, 01 Jun 2026 12:00:30 GMT", 30),
        ("Mon, 01 Jun 2026 12:00:30 -0000", 30),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0),
        ("Mon, 01 Jun 2126 12:00:00 GMT", MAX_RETRY_AFTER),
        ("9" * 400, MAX_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(clock, header, seconds, status):
    with pytest.raises(BackendUnavailable) as raised:
        read_reply(status, {} if header is None else {"Retry-After": header}, b"")
    assert raised.value.retry_after == seconds


def test_retry_after_as_a_date_over_http(backend, provider):
    then = datetime.now(UTC) + timedelta(seconds=60)
    provider.will(answer(status=503, headers={"Retry-After": format_datetime(then, usegmt=True)}))
    assert 50 < outage(backend).retry_after <= 60


@given(status=st.integers(100, 599), header=st.text(), body=st.binary() | st.text().map(str.encode))
def test_any_reply_is_read_or_an_outage(status, header, body):
    with suppress(BackendUnavailable):
        assert isinstance(read_reply(status, {"Retry-After": header}, body).data, dict)


def test_reply_hides_its_content():
    assert repr(Reply(status=200, data={"code": "123456"})) == "Reply(status=200)"


# Connections


def test_calls_of_one_thread_share_a_connection(backend, provider):
    for _ in range(200):
        check(backend)
    assert len(provider.requests) == 200
    assert provider.connections == 1


def test_threads_have_at_most_one_connection_each(backend, provider):
    together = threading.Barrier(8)

    def work():
        together.wait()
        for _ in range(25):
            check(backend)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(work) for _ in range(8)]:
            future.result()
    assert len(provider.requests) == 200
    assert provider.connections <= 8


def test_refusals_keep_the_connection(backend, provider):
    provider.will(*[answer({"code": "bad_request"}, status=400)] * 5)
    for _ in range(5):
        with pytest.raises(BackendRejected):
            check(backend)
    assert provider.connections == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_has_a_connection_of_its_own(backend, provider):
    check(backend)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # The server's threads live on in the parent only.
        child = os.fork()
    if child == 0:
        try:
            check(backend)
        except BaseException:  # noqa: BLE001 - the child must never go on with the parent's tests
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    check(backend)
    assert len(provider.requests) == 3
    assert provider.connections == 2


def test_forgotten_backend_leaves_no_socket_open(provider):
    options = {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID, "base_url": provider.url}
    backends = {"default": {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}}
    with override_settings(DING={"BACKENDS": backends}), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        check(get_backend())
        with override_settings(DING={"BACKENDS": backends}):
            gc.collect()
            check(get_backend())
    assert provider.connections == 2
    assert not caught


# The session


def test_cookies_are_not_kept(backend, provider):
    provider.will(answer(headers={"Set-Cookie": "a=b; Path=/"}))
    check(backend)
    check(backend)
    assert "cookie" not in provider.requests[1].headers


def test_netrc_is_not_read(backend, provider, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password something")
    monkeypatch.setenv("NETRC", str(netrc))
    check(backend)
    assert "authorization" not in provider.requests[0].headers


def test_proxy_of_the_environment_is_used(make_backend, provider, monkeypatch):
    monkeypatch.setenv("http_proxy", provider.url)
    check(make_backend(base_url="http://ding.invalid/v1"))
    assert provider.requests[0].path == "http://ding.invalid/v1/check"


def test_proxy_is_not_used_for_hosts_without(make_backend, provider, closed_port, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    check(make_backend())
    assert provider.requests[0].path == "/v1/check"


def test_proxy_that_refuses_never_reached(make_backend, closed_port, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    error = outage(make_backend(base_url="http://ding.invalid/v1"))
    assert (error.code, error.reached) == ("connection_failed", False)


def test_proxy_answer_is_bounded_in_time(make_backend, provider, monkeypatch):
    monkeypatch.setenv("http_proxy", provider.url)
    provider.will(TRICKLING_BODY)
    assert outage(make_backend(base_url="http://ding.invalid/v1", read_timeout=0.2)).code == "timeout"


def test_proxy_answer_is_bounded_in_size(make_backend, provider, monkeypatch):
    monkeypatch.setenv("http_proxy", provider.url)
    provider.will(ENDLESS_BODY)
    assert outage(make_backend(base_url="http://ding.invalid/v1")).code == "answer_too_long"
