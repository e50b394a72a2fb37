"""No key, no code and no full number in anything that is printed, logged or passed on."""

import logging
import pickle
import traceback
from contextlib import suppress

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from django_ding.backends import get_backend
from django_ding.backends.types import DeviceSignals, FeedbackStatus, SendRequest
from django_ding.exceptions import DingError
from tests.backends.faults import CLOSED_READ, LONG_HEAD, SILENT, TRUNCATED
from tests.backends.helpers import CUSTOMER_UUID, make_sent
from tests.backends.servers import Answer, answer, refusal, refusing_port

KEY = "distinctive-7f3a91"
CODE = "428613"
PHONE = "+33612345678"
SENT = make_sent()

CALLS = {
    "send": lambda backend: backend.send(SendRequest(phone_number=PHONE)),
    "check": lambda backend: backend.check(SENT, CODE),
    "retry": lambda backend: backend.retry(SENT),
    "status": lambda backend: backend.status(SENT),
    "feedback": lambda backend: backend.feedback(PHONE, FeedbackStatus.ONBOARDED),
    "lookup": lambda backend: backend.lookup(PHONE, caller_name=True),
}
FAULTS = {
    "silent": SILENT,
    "closed": CLOSED_READ,
    "truncated": TRUNCATED,
    "not_json": answer(body=PHONE.encode()),
    "long": LONG_HEAD,
    "odd_header": Answer(data=b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n{}", close=True),
    "redirect": answer(status=301, headers={"Location": f"/lookup/{PHONE}"}),
    "server_error": answer({"message": PHONE}, status=500),
    "too_many_requests": answer({"message": PHONE}, status=429),
    "unauthorized": answer({"message": KEY}, status=403),
    "odd_code": refusal(f"x{PHONE[1:]}"),
    "input": refusal("invalid_phone_number"),
    "account": refusal("negative_balance"),
    "success": answer({"phone_number": PHONE, "status": "valid", "caller_name": "Somebody"}),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


def assert_discreet(*texts):
    """Fail with the kind of secret found, without printing it."""
    __tracebackhide__ = True
    secrets = {"the key": KEY, "the code": CODE, "the number": PHONE.lstrip("+")}
    found = [name for name, secret in secrets.items() if any(secret in text for text in texts)]
    if found:
        pytest.fail(f"{' and '.join(found)} leaked", pytrace=False)


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.fixture
def logged():
    """Collect what everything logs, down to DEBUG, and keep it from pytest's own report."""
    texts = []
    handler = logging.Handler()
    handler.emit = lambda record: texts.append(handler.format(record) + repr(record.args))
    root = logging.getLogger()
    before = root.handlers, root.level
    root.handlers, root.level = [handler], logging.DEBUG
    logging.getLogger().manager._clear_cache()
    yield texts
    root.handlers, root.level = before
    logging.getLogger().manager._clear_cache()


@pytest.fixture
def backend(make_backend):
    return make_backend(api_key=KEY, read_timeout=0.1)


@every_fault
@every_call
def test_error_is_discreet(backend, provider, call, fault):
    provider.will(fault)
    try:
        shown = repr(call(backend))
    except DingError as raised:
        error = raised
    else:
        assert_discreet(shown)
        return
    assert_discreet(*map(str, chain(error)), *map(repr, chain(error)))
    assert_discreet("".join(traceback.format_exception(error)), repr(vars(error)))
    assert_discreet(pickle.dumps(error, protocol=0).decode("latin-1"))
    assert list(chain(error)) == [error]


@every_fault
@every_call
def test_log_is_discreet(backend, provider, logged, call, fault):
    provider.will(fault)
    with suppress(DingError):
        call(backend)
    assert_discreet(*logged)
    assert logged


@every_call
def test_failed_connection_is_discreet(make_backend, logged, call):
    with refusing_port() as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(DingError) as raised:
            call(make_backend(api_key=KEY, base_url=url, connect_retries=2))
    assert_discreet("".join(traceback.format_exception(raised.value)), *logged)


def test_lookup_is_still_logged(backend, provider, logged):
    backend.lookup(PHONE)
    assert any("GET /v1/lookup/*** HTTP/1.1" in text for text in logged)


def test_other_records_of_urllib3_are_left_alone(caplog):
    with caplog.at_level("DEBUG", "urllib3"):
        logging.getLogger("urllib3.connectionpool").debug("%(path)s", {"path": "/other/%2B33"})
        logging.getLogger("urllib3.connectionpool").debug("%s %d", "/other/%2B33", 200)
    assert caplog.messages == ["/other/%2B33", "/other/%2B33 200"]


def test_repr_of_backend_is_discreet(backend, provider):
    CALLS["send"](backend)
    client = backend._client
    assert_discreet(repr(backend), repr(client), repr(vars(backend)), repr(vars(client)), repr(client._route()))


def test_repr_of_request_is_discreet():
    signals = DeviceSignals(device_id="device-1")
    request = SendRequest(
        phone_number=PHONE, ip="192.0.2.1", device_signals=signals, callback_url="https://example.com/secret"
    )
    shown = repr(request) + repr(make_sent(phone_number=PHONE, request=request, state={"code": CODE}))
    assert_discreet(shown)
    assert not any(hidden in shown for hidden in ("192.0.2.1", "device-1", "secret"))


@pytest.mark.parametrize("wrong", [{"api_key": f"{KEY}\n"}, {"base_url": "nowhere"}, {"api_kye": KEY}], ids=list)
def test_misconfiguration_is_discreet(settings, wrong):
    """Neither the message nor the report that Django mails to the site's managers shows the key."""
    options = {"api_key": KEY, "customer_uuid": CUSTOMER_UUID, **wrong}
    backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
    settings.DING = {"BACKENDS": {"default": backend}}
    with pytest.raises(ImproperlyConfigured) as raised:
        get_backend()
    report = ExceptionReporter(RequestFactory().get("/"), raised.type, raised.value, raised.tb)
    frames = [frame for frame in report.get_traceback_frames() if "/django_ding/" in frame["filename"]]
    assert_discreet(str(raised.value), repr([frame["vars"] for frame in frames]))
