"""Every fault, in every operation that costs money or decides: in time, in its family, never repeated."""

import time
import tracemalloc

import pytest

from django_ding.backends.http import MAX_ANSWER_BYTES
from django_ding.backends.types import SendRequest
from django_ding.exceptions import BackendUnavailable, DingError
from tests.backends.faults import ENDLESS_BODY, ENDLESS_CHUNKS, FAULTS, REFUSALS, bomb, long_answer, read_timeout
from tests.backends.helpers import make_sent
from tests.backends.servers import Answer, answer, refusing_port

#: Seconds: more than any fault takes on a busy machine, far less than a slow answer takes to its end.
SOON = 4.0

SENT = make_sent()
CALLS = {
    "send": lambda backend: backend.send(SendRequest(phone_number="+33612345678")),
    "check": lambda backend: backend.check(SENT, "123456"),
    "retry": lambda backend: backend.retry(SENT),
    "status": lambda backend: backend.status(SENT),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
every_fault = pytest.mark.parametrize("name", FAULTS)


def failure(call, backend) -> DingError:
    start = time.monotonic()
    with pytest.raises(DingError) as raised:
        call(backend)
    assert time.monotonic() - start < SOON
    return raised.value


@every_fault
@every_call
def test_fault_is_raised_in_time_and_not_repeated(make_backend, provider, call, name):
    fault, family, code = FAULTS[name]
    provider.will(fault)
    error = failure(call, make_backend(read_timeout=read_timeout(name), connect_retries=3))
    assert (type(error), error.code) == (family, code)
    assert error.may_have_executed is (name not in REFUSALS)
    assert len(provider.requests) == (0 if fault.unread else 1)
    assert provider.connections == 1


@every_call
def test_refused_connection_is_raised_in_time(make_backend, call):
    with refusing_port() as bound:
        error = failure(call, make_backend(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", connect_retries=3))
    assert (type(error), error.code, error.may_have_executed) == (BackendUnavailable, "connection_failed", False)


def test_backend_works_after_each_fault(make_backend, provider):
    backend = make_backend(read_timeout=1)
    for fault, _, _ in FAULTS.values():
        provider.will(fault)
        failure(CALLS["check"], backend)
        assert CALLS["check"](backend)


# Size


def test_answer_of_the_longest_size_is_read(backend, provider):
    head = answer({}).data.index(b"{}") + len(str(MAX_ANSWER_BYTES)) - len("2")
    provider.will(answer(body=b'{"status": "valid"}'.ljust(MAX_ANSWER_BYTES - head)))
    assert CALLS["check"](backend).status == "valid"
    assert provider.connections == 1


def test_answer_one_byte_longer_is_refused(backend, provider):
    head = answer({}).data.index(b"{}") + len(str(MAX_ANSWER_BYTES)) - len("2")
    provider.will(answer(body=b'{"status": "valid"}'.ljust(MAX_ANSWER_BYTES - head + 1)))
    assert failure(CALLS["check"], backend).code == "answer_too_long"


@pytest.mark.parametrize("fault", [long_answer(), ENDLESS_CHUNKS, ENDLESS_BODY], ids=["long", "chunks", "body"])
def test_too_long_an_answer_ends_its_connection(backend, provider, fault):
    provider.will(fault)
    failure(CALLS["check"], backend)
    CALLS["check"](backend)
    CALLS["check"](backend)
    assert provider.connections == 2


@pytest.mark.parametrize(
    "fault",
    [
        long_answer(),
        ENDLESS_CHUNKS,
        bomb("gzip"),
        Answer(data=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", endless=b" " * 4096),
        Answer(data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", endless=b" " * 4096),
    ],
    ids=["long", "chunks", "bomb", "length", "chunk"],
)
def test_memory_stays_flat(backend, provider, fault):
    CALLS["check"](backend)
    provider.will(fault)
    tracemalloc.start()
    try:
        failure(CALLS["check"], backend)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * MAX_ANSWER_BYTES


def test_compressed_answer_is_neither_requested_nor_read(backend, provider):
    provider.will(bomb("gzip"))
    assert failure(CALLS["check"], backend).code == "not_json"
    assert provider.requests[0].headers["accept-encoding"] == "identity"
