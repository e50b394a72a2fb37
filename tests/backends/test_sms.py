"""Codes of this app's own making: how they are made, kept, checked and written."""

import json
import logging
import re
from contextlib import nullcontext
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory, override_settings
from django.utils import translation
from django.views.debug import ExceptionReporter

from django_ding.backends import get_backend
from django_ding.backends.sms import SMSBackend, SMSMessage
from django_ding.backends.types import Channel, CheckStatus, DeviceSignals, RetryStatus, SendRequest
from django_ding.exceptions import BackendRejected, BackendUnavailable, InputError
from django_ding.testing import BackendContract
from tests.backends.gateways import delivered
from tests.backends.helpers import PHONE, send

OTHER = "+12025550101"
APP_HASH = "FA+9qCX9VSu"
GATEWAYS = "tests.backends.gateways"


@pytest.fixture(autouse=True)
def _nothing_delivered():
    delivered.clear()


def make_backend(gateway="deliver", **options):
    return SMSBackend("default", gateway=f"{GATEWAYS}.{gateway}", **options)


@pytest.fixture
def backend():
    return make_backend()


class TestSMSBackend(BackendContract):
    checks_remotely = False

    def make_backend(self):
        return make_backend()

    def valid_code(self, sent):
        return [message.code for message in delivered if message.phone_number == sent.phone_number][-1]

    def outage(self):
        return nullcontext(make_backend("Gateway", gateway_options={"fault": ConnectionError("down")}))


def next_state(sent, response):
    return replace(sent, state=json.loads(json.dumps(response.state)))


# The code


def test_codes_are_random_digits(backend):
    for _ in range(50):
        send(backend)
    codes = [message.code for message in delivered]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in codes)
    assert len(set(codes)) > 45


@pytest.mark.parametrize("length", [4, 6, 8])
def test_code_length(length):
    backend = make_backend(code_length=length)
    send(backend)
    assert len(delivered[0].code) == length
    assert backend.code_lengths == (length,)


def test_zeros_in_front_count(backend, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda bound: 17)
    sent = send(backend)
    assert delivered[0].code == "000017"
    assert backend.check(sent, "17").status is CheckStatus.INVALID
    assert backend.check(sent, "000017").status is CheckStatus.VALID


def test_state_is_a_keyed_hash(backend, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda bound: 428613)
    monkeypatch.setattr("django_ding.backends.sms.backend.uuid4", lambda: "id")
    (kept,) = send(backend).state["hashes"]
    assert re.fullmatch(r"[0-9a-f]{64}", kept)
    assert send(backend).state["hashes"] == [kept]
    with override_settings(SECRET_KEY="another"):
        assert send(backend).state["hashes"] != [kept]


@pytest.mark.parametrize(
    "other",
    [{"phone_number": OTHER}, {"correlation_id": "another"}, {"authentication_uuid": "another"}],
    ids=["number", "correlation id", "uuid"],
)
def test_code_is_bound_to_its_authentication(backend, other):
    sent = send(backend, correlation_id="one")
    assert backend.check(replace(sent, **other), delivered[0].code).status is CheckStatus.INVALID
    assert backend.check(sent, delivered[0].code).status is CheckStatus.VALID


def test_code_survives_the_rotation_of_the_key(backend, settings):
    sent = send(backend)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert backend.check(sent, delivered[0].code).status is CheckStatus.VALID
    settings.SECRET_KEY_FALLBACKS = []
    assert backend.check(sent, delivered[0].code).status is CheckStatus.INVALID


def test_right_code_takes_the_hash_away(backend):
    sent = send(backend)
    assert backend.check(sent, "000000" if delivered[0].code != "000000" else "111111").state is None
    assert backend.check(sent, delivered[0].code).state == {}


def test_without_a_hash_nothing_can_be_checked(backend):
    sent = replace(send(backend), state={})
    assert backend.check(sent, delivered[0].code).status is CheckStatus.WITHOUT_ATTEMPT


# Retries


def test_retry_sends_a_new_code_and_the_old_one_stays_valid(backend, monkeypatch):
    codes = iter([111111, 222222, 333333])
    monkeypatch.setattr("secrets.randbelow", lambda bound: next(codes))
    sent = send(backend)
    for _ in range(2):
        sent = next_state(sent, backend.retry(sent))
    assert [message.code for message in delivered] == ["111111", "222222", "333333"]
    assert [backend.check(sent, message.code).status for message in delivered] == [CheckStatus.VALID] * 3


def test_retry_keeps_the_newest_five_codes(backend):
    sent = send(backend)
    for _ in range(7):
        sent = next_state(sent, backend.retry(sent))
    assert len(sent.state["hashes"]) == 5
    statuses = [backend.check(sent, message.code).status for message in delivered]
    assert statuses[-5:] == [CheckStatus.VALID] * 5
    assert statuses[:3] == [CheckStatus.INVALID] * 3


def test_retry_writes_as_the_first_message_was_written(backend):
    sent = send(backend, sender_id="Shop", device_signals=DeviceSignals(app_realm=APP_HASH), correlation_id="one")
    backend.retry(sent)
    assert [(message.sender_id, message.correlation_id) for message in delivered] == [("Shop", "one")] * 2
    assert delivered[1].text.endswith(APP_HASH)


def test_retry_by_another_channel_is_denied(backend):
    sent = send(backend)
    assert backend.retry(sent, channel=Channel.VOICE).status is RetryStatus.DENIED
    assert backend.retry(sent, channel=Channel.SMS).status is RetryStatus.APPROVED
    assert len(delivered) == 2


# The text


def lines(backend=None, **fields):
    (backend or make_backend()).send(SendRequest(phone_number=PHONE, **fields))
    message = delivered[-1]
    return message.text.replace(message.code, "CODE").split("\n")


def test_text():
    assert lines() == ["CODE is your verification code."]


def test_text_names_the_brand():
    assert lines(make_backend(brand="Tom & Co")) == ["CODE is your Tom & Co verification code."]


def test_webotp_line_is_the_last():
    assert lines(make_backend(webotp_domain="example.com"))[-2:] == ["", "@example.com #CODE"]


def test_hash_of_the_app_is_the_end():
    for backend in (make_backend(), make_backend(webotp_domain="example.com")):
        text = lines(backend, device_signals=DeviceSignals(app_realm=APP_HASH))
        assert text == ["CODE is your verification code.", "", APP_HASH]
        assert len(delivered[-1].text.encode()) <= 140


def test_hash_of_the_app_must_be_one(backend):
    with pytest.raises(InputError) as raised:
        lines(device_signals=DeviceSignals(app_realm="too short"))
    assert raised.value.code == "invalid_app_realm"
    assert not delivered


@pytest.fixture
def templates(settings, tmp_path):
    """A project that overrides the template, and says in which language it is rendered."""
    folder = tmp_path / "django_ding" / "sms"
    folder.mkdir(parents=True)
    text = "{% load i18n %}{% get_current_language as language %}{{ language }} {{ code }}"
    (folder / "code.txt").write_text(text)
    (folder / "welcome.txt").write_text("Welcome! {{ code }}\n")
    template = {**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0].get("DIRS", [])]}
    settings.TEMPLATES = [template]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        *(("fr-FR", "fr"), ("FR", "fr"), ("pt_BR", "pt-br"), ("zh-Hant-TW", "zh-hant"), ("de", "de")),
        *((None, "es"), ("", "es"), ("tlh", "es"), ("../../etc", "es"), ("x" * 5000, "es"), ("\x00", "es")),
    ],
)
def test_text_is_in_the_language_of_the_locale(templates, locale, language):
    with translation.override("es"):
        assert lines(locale=locale) == [f"{language} CODE"]
        assert translation.get_language() == "es"


def test_template_id_names_a_template(templates):
    assert lines(template_id="welcome") == ["Welcome! CODE"]


@pytest.mark.parametrize("template_id", ["nothing", "../sms/code", "a b", "x" * 100])
def test_template_that_does_not_exist(templates, template_id):
    with pytest.raises(BackendRejected) as raised:
        lines(template_id=template_id)
    assert raised.value.code == "invalid_template_id"


# The gateway


def test_gateway_may_be_a_class_with_options():
    send(make_backend("Gateway", gateway_options={"prefix": "<#> "}))
    assert delivered[0].text.startswith("<#> ")


def test_error_of_the_contract_goes_through():
    with pytest.raises(InputError) as raised:
        send(make_backend("reject"))
    assert raised.value.code == "blocked_number"


def test_any_other_error_is_an_outage_that_says_where():
    with pytest.raises(BackendUnavailable) as raised:
        send(make_backend("fail"))
    assert (raised.value.code, raised.value.may_have_executed) == ("gateway_error", True)
    assert re.fullmatch(r"RuntimeError in gateways\.py, line \d+\.", raised.value.__notes__[0])
    assert raised.value.__cause__ is raised.value.__context__ is None


@pytest.mark.parametrize("gateway", ["deliver", "fail"])
def test_nothing_shows_the_code(gateway, monkeypatch, caplog):
    monkeypatch.setattr("secrets.randbelow", lambda bound: 428613)
    shown = [repr(SMSMessage(phone_number=PHONE, text="428613", code="428613"))]
    with caplog.at_level(logging.DEBUG):
        try:
            sent = send(make_backend(gateway))
        except BackendUnavailable as error:
            report = ExceptionReporter(RequestFactory().get("/"), type(error), error, error.__traceback__)
            frames = [frame for frame in report.get_traceback_frames() if "/django_ding/" in frame["filename"]]
            shown += [repr(error), str(error), repr(vars(error)), repr([frame["vars"] for frame in frames])]
        else:
            shown += [repr(sent), json.dumps(sent.state)]
    assert not any("428613" in text or PHONE[1:] in text for text in [*shown, caplog.text])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gateway": "nowhere.at_all"}, "gateway: 'nowhere.at_all' can't be imported"),
        ({"gateway": "django_ding.backends.sms.backend._SALT"}, "gateway: .* is neither a function nor a class"),
        ({"gateway_options": {"a": 1}}, "gateway_options are for a class, and gateway is a function"),
        ({"gateway": f"{GATEWAYS}.Gateway", "gateway_options": {"prefx": ""}}, "Did you mean 'prefix'"),
        ({"gateway": f"{GATEWAYS}.Gateway", "gateway_options": ["a"]}, "must be a dict"),
        ({"code_length": 3}, "code_length must be a whole number, 4 to 8, not 3"),
        ({"code_length": True}, "code_length must be"),
        ({"webotp_domain": "https://example.com"}, "webotp_domain must be a domain such as"),
        ({"webotp_domain": "example.com:8000"}, "webotp_domain must be"),
    ],
    ids=str,
)
def test_option_is_refused(settings, options, message):
    options = {"gateway": f"{GATEWAYS}.deliver", **options}
    path = "django_ding.backends.sms.SMSBackend"
    settings.DING = {"BACKENDS": {"default": {"BACKEND": path, "OPTIONS": options}}}
    with pytest.raises(ImproperlyConfigured, match=message):
        get_backend()
