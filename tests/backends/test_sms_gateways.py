"""What carries the codes of this app's own making."""

import os
import stat
import threading
from base64 import b64decode
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.sms import ConsoleGateway, FileGateway, HTTPGateway, SMSBackend, SMSMessage
from django_ding.exceptions import BackendRejected, BackendUnavailable, Blocked, DingError, InputError
from django_ding.testing import BackendContract
from tests.backends.helpers import PHONE
from tests.backends.servers import answer, refusing_port

MESSAGE = SMSMessage(
    phone_number=PHONE, text="Ton code : 428613 {}", code="428613", sender_id="Shop", correlation_id="one"
)


# The terminal and the file


def test_console_prints_number_and_text(capsys):
    ConsoleGateway().deliver(MESSAGE)
    assert capsys.readouterr().out == f"{PHONE}\nTon code : 428613 {{}}\n{'-' * 79}\n"


def test_file_takes_the_messages_of_a_process(tmp_path):
    gateway = FileGateway(directory=tmp_path / "new" / "sms")
    gateway.deliver(MESSAGE)
    gateway.deliver(MESSAGE)
    (file,) = (tmp_path / "new" / "sms").iterdir()
    assert file.read_text(encoding="utf-8") == f"{PHONE}\n{MESSAGE.text}\n{'-' * 79}\n" * 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_each_gateway_has_its_own_file(tmp_path):
    gateways = [FileGateway(directory=str(tmp_path)) for _ in range(2)]
    for gateway in gateways:
        gateway.deliver(MESSAGE)
    assert len(list(tmp_path.iterdir())) == 2


def test_forked_process_has_its_own_file(tmp_path, monkeypatch):
    gateway = FileGateway(directory=tmp_path)
    gateway.deliver(MESSAGE)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    gateway.deliver(MESSAGE)
    assert len(list(tmp_path.iterdir())) == 2


def test_threads_do_not_mix_messages(tmp_path):
    gateway = FileGateway(directory=tmp_path)
    threads = [threading.Thread(target=gateway.deliver, args=[MESSAGE]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (file,) = tmp_path.iterdir()
    assert file.read_text(encoding="utf-8") == f"{PHONE}\n{MESSAGE.text}\n{'-' * 79}\n" * 20


def test_directory_must_be_one(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="is not a directory"):
        FileGateway(directory=tmp_path / "file")


# HTTP


@pytest.fixture
def make_gateway(provider):
    def make(**options):
        if "json" not in options:
            options.setdefault("form", {"to": "{phone_number}", "text": "{text}"})
        return HTTPGateway(**{"url": f"{provider.url}/messages", **options})

    return make


def test_form_is_filled(make_gateway, provider):
    make_gateway(form={"To": "{phone_number}", "Text": "{text}", "Id": "{sender_id}/{correlation_id}"}).deliver(MESSAGE)
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/messages")
    assert parse_qs(request.body.decode()) == {"To": [PHONE], "Text": [MESSAGE.text], "Id": ["Shop/one"]}


@pytest.mark.parametrize("path", ["", "/", "/messages", "/messages/"])
def test_url_is_used_as_it_is(make_gateway, provider, path):
    make_gateway(url=f"{provider.url}{path}").deliver(MESSAGE)
    assert provider.requests[0].path == (path or "/")


def test_json_is_filled_however_deep(make_gateway, provider):
    template = {
        "messages": [{"to": ["{digits}"], "code": "{code}", "n": 1, "x": None, "braces": "{{{text}}}"}],
        "a": {},
    }
    make_gateway(json=template).deliver(MESSAGE)
    assert provider.requests[0].json == {
        "messages": [{"to": [PHONE[1:]], "code": "428613", "n": 1, "x": None, "braces": f"{{{MESSAGE.text}}}"}],
        "a": {},
    }


def test_credentials_are_sent(make_gateway, provider):
    make_gateway(auth=["me", "secret"], headers={"X-Key": "key"}).deliver(MESSAGE)
    (request,) = provider.requests
    assert b64decode(request.headers["authorization"].removeprefix("Basic ")) == b"me:secret"
    assert request.headers["x-key"] == "key"


@pytest.mark.parametrize(("status", "body"), [(200, b"OK"), (201, b"{}"), (202, b"[]"), (204, b"")])
def test_any_2xx_is_a_success(make_gateway, provider, status, body):
    provider.will(answer(status=status, body=body))
    make_gateway().deliver(MESSAGE)


SUCCESS = {"success": {"messages.0.status": [0, "queued"], "ok": True}, "error_code": "messages.0.status"}


@pytest.mark.parametrize("status", ["0", 0, "queued"])
def test_success_may_say_more(make_gateway, provider, status):
    provider.will(answer({"messages": [{"status": status}], "ok": True}))
    make_gateway(**SUCCESS).deliver(MESSAGE)


def failure(gateway):
    with pytest.raises(DingError) as raised:
        gateway.deliver(MESSAGE)
    shown = repr(raised.value) + str(raised.value)
    assert not any(secret in shown for secret in (PHONE[1:], "428613"))
    return raised.value


@pytest.mark.parametrize("content", [{}, {"messages": []}, {"messages": "0"}, {"ok": True}])
def test_answer_that_proves_nothing_is_an_outage(make_gateway, provider, content):
    provider.will(answer(content))
    error = failure(make_gateway(**SUCCESS))
    assert (type(error), error.code, error.may_have_executed) == (BackendUnavailable, "unexpected_answer", True)


def test_answer_that_is_no_json_proves_nothing(make_gateway, provider):
    provider.will(answer(body=b"OK"))
    assert failure(make_gateway(**SUCCESS)).code == "not_json"


@pytest.mark.parametrize(
    ("status", "content", "family", "code"),
    [
        (400, {"code": 21211}, InputError, "invalid_phone_number"),
        (400, {"code": "21211"}, InputError, "invalid_phone_number"),
        (400, {"code": 30001}, BackendUnavailable, "gateway_unavailable"),
        (400, {"code": 21606}, BackendRejected, "gateway_rejected"),
        (400, {}, BackendRejected, "gateway_rejected"),
        (401, {"code": 20003}, BackendRejected, "unauthorized"),
        (403, {}, BackendRejected, "unauthorized"),
        (404, {}, BackendRejected, "gateway_rejected"),
        (408, {}, BackendUnavailable, "http_408"),
        (429, {}, BackendUnavailable, "too_many_requests"),
        (500, {}, BackendUnavailable, "http_500"),
        (302, {}, BackendUnavailable, "redirected"),
    ],
)
def test_errors_are_classified(make_gateway, provider, status, content, family, code):
    provider.will(answer(content, status=status))
    error = failure(make_gateway(input_errors={21211: "invalid_phone_number"}, outage_errors=[30001]))
    assert (type(error), error.code) == (family, code)


@pytest.mark.parametrize(("code", "shown"), [(21606, True), (PHONE, False), (PHONE[1:], False), ("a word", False)])
def test_refusal_names_short_numeric_codes_only(make_gateway, provider, code, shown):
    provider.will(answer({"code": code}, status=400))
    assert (f"its code {code}" in str(failure(make_gateway()))) is shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": None}, "Give either form or json."),
        ({"json": {}, "form": {}}, "Give either form or json."),
        ({"form": {"to": "{number}"}}, r"\{number\} is no placeholder. They are phone_number, digits"),
        ({"json": {"to": ["{}"]}}, "is no placeholder"),
        ({"json": {"to": "{text.upper}"}}, "is no placeholder"),
        ({"form": {"to": "{"}}, "single brace"),
        ({"url": "nowhere"}, "^url must be a URL"),
        ({"read_timeout": 0}, "read_timeout must be"),
    ],
    ids=str,
)
def test_option_is_refused(make_gateway, options, message):
    with pytest.raises(ImproperlyConfigured, match=message):
        make_gateway(**options)


# Providers that settings alone describe, as docs/backends.md has them


def twilio(url):
    return {
        "url": f"{url}/2010-04-01/Accounts/AC1/Messages.json",
        "auth": ["AC1", "token"],
        "form": {"To": "{phone_number}", "From": "+12025550199", "Body": "{text}"},
        "input_errors": {"21211": "invalid_phone_number", "21610": "blocked_number"},
    }


def vonage(url):
    return {
        "url": f"{url}/v1/messages",
        "auth": ["key", "secret"],
        "json": {"channel": "sms", "message_type": "text", "to": "{digits}", "from": "Acme", "text": "{text}"},
        "error_code": "title",
    }


def test_twilio_takes_the_form(provider):
    provider.will(answer({"sid": "SM1", "status": "queued", "error_code": None}, status=201))
    HTTPGateway(**twilio(provider.url)).deliver(MESSAGE)
    (request,) = provider.requests
    assert parse_qs(request.body.decode()) == {"To": [PHONE], "From": ["+12025550199"], "Body": [MESSAGE.text]}
    provider.will(answer({"code": 21610, "message": f"{PHONE} opted out", "status": 400}, status=400))
    assert isinstance(failure(HTTPGateway(**twilio(provider.url))), Blocked)


def test_vonage_takes_the_json(provider):
    provider.will(answer({"message_uuid": "m"}, status=202))
    HTTPGateway(**vonage(provider.url)).deliver(MESSAGE)
    assert provider.requests[0].json["to"] == PHONE[1:]
    provider.will(answer({"type": "…#low-balance", "title": "Low balance"}, status=402))
    assert type(failure(HTTPGateway(**vonage(provider.url)))) is BackendRejected


class TestSMSBackendOverHTTP(BackendContract):
    checks_remotely = False
    secrets = ("token",)

    @pytest.fixture(autouse=True)
    def _provider(self, provider):
        self.provider = provider

    def make_backend(self, url=None):
        path = "django_ding.backends.sms.HTTPGateway"
        return SMSBackend("default", gateway=path, gateway_options=twilio(url or self.provider.url))

    def valid_code(self, sent):
        forms = [parse_qs(request.body.decode()) for request in self.provider.requests]
        return [form["Body"][0].split()[0] for form in forms if form["To"] == [sent.phone_number]][-1]

    @contextmanager
    def outage(self):
        with refusing_port() as bound:
            yield self.make_backend(f"http://127.0.0.1:{bound.getsockname()[1]}")

    def test_url_is_there_for_the_system_check(self):
        assert self.make_backend().base_url.startswith(self.provider.url)
