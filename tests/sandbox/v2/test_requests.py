"""Credentials, methods, and what is wrong with a request."""

import json

import pytest

from django_ding.sandbox.errors import V2_ERRORS

from ..helpers import PHONE, target

ORDINARY = {"target": target(PHONE)}
UA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    "header", [None, "", "key", "Basic key", "Bearer", "Bearer ", "Bearer other", "Bearer k\xe9y", "bearer  "]
)
def test_key_is_required(make_v2, header):
    client = make_v2(api_key="key")
    client.headers = {"Content-Type": "application/json", **({"Authorization": header} if header is not None else {})}
    answer = client.create()
    assert answer.pop("request_id")
    assert answer == {"code": "invalid_api_key", "message": "The API key is not valid.", "type": "authentication"}
    assert client.response.status_code == 401


def test_any_key_is_accepted_unless_one_is_set(v2, make_v2):
    v2.headers = {**v2.headers, "Authorization": "bearer anything"}
    assert v2.create()["status"] == "success"
    assert make_v2(api_key="key").create()["status"] == "success"


def test_every_request_has_an_id_of_its_own(v2):
    answers = [v2.create(), v2.create(), v2.check("1"), v2.list(), v2.lookup(), v2.request("GET", "nowhere")]
    assert len({answer["request_id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "verification", "POST"),
        ("PUT", "verification/check", "POST"),
        ("POST", "verification/phone/history", "GET"),
        ("DELETE", "lookup/+33612345678", "GET"),
        ("PATCH", "verification/management/phone-numbers/allow", "GET, POST, DELETE"),
        ("POST", "verification/management/phone-numbers/sandbox", "GET, PUT"),
        ("TRACE", "verification", "POST"),
        ("QUERY", "verification/management/sender-id", "GET, POST"),
        ("POST", "silent/att_1", "GET"),
    ],
)
def test_other_methods_are_405(v2, method, path, allow):
    answer = v2.request(method, path)
    assert (v2.response.status_code, v2.response["Allow"]) == (405, allow)
    assert (answer["code"], answer["type"]) == ("invalid_request", "method_not_allowed")


@pytest.mark.parametrize("path", ["", "nowhere", "verification/", "verification/phone", "notify"])
def test_other_paths_are_404(v2, path):
    assert v2.request("POST", path)["code"] == "invalid_request"
    assert v2.response.status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"NaN", b'"x"', b"\xff"])
def test_body_must_be_an_object(v2, body):
    assert v2.call("POST", "/v2/verification", headers=v2.headers, body=body)["code"] == "invalid_request"
    assert v2.response.status_code == 400


def test_body_must_be_json(v2):
    headers = {**v2.headers, "Content-Type": "text/plain"}
    body = json.dumps(ORDINARY).encode()
    assert v2.call("POST", "/v2/verification", headers=headers, body=body)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"target": None}, "invalid_request"),
        ({"target": PHONE}, "invalid_request"),
        ({"target": {"value": PHONE}}, "invalid_request"),
        ({"target": {"type": "fax", "value": PHONE}}, "invalid_request"),
        ({"target": {"type": "email_address", "value": "a@example.com"}}, "email_verification_not_allowed"),
        ({"target": target("0612345678")}, "invalid_phone_number"),
        ({"target": target("+33000")}, "invalid_phone_number"),
        ({"dispatch_id": "short"}, "invalid_request"),
        ({"metadata": []}, "invalid_request"),
        ({"metadata": {"correlation_id": "x" * 81}}, "invalid_correlation_id"),
        ({"signals": "none"}, "invalid_request"),
        ({"signals": {"ip": "localhost"}}, "invalid_request"),
        ({"signals": {"device_id": ""}}, "invalid_device_id"),
        ({"signals": {"os_version": "\n"}}, "invalid_os_version"),
        ({"signals": {"device_platform": "symbian"}}, "invalid_request"),
        ({"signals": {"is_trusted_user": "yes"}}, "invalid_request"),
        ({"signals": {"user_agent": "x" * 1025}}, "invalid_request"),
    ],
)
def test_fields(v2, fields, code):
    assert v2.request("POST", "verification", **{**ORDINARY, **fields})["code"] == code
    assert v2.response.status_code == 400
    assert v2.simulator.messages() == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"code_size": 3}, "invalid_code_size"),
        ({"code_size": 9}, "invalid_code_size"),
        ({"code_size": True}, "invalid_code_size"),
        ({"code_size": "6"}, "invalid_code_size"),
        ({"custom_code": "123"}, "invalid_code_size"),
        ({"custom_code": "1234", "code_size": 4}, "custom_size_conflict"),
        ({"app_realm": "FA+9qCX9VSu"}, "invalid_app_realm"),
        ({"app_realm": {"platform": "android"}}, "invalid_app_realm"),
        ({"app_realm": {"value": "FA+9qCX9VSu"}}, "invalid_app_realm"),
        ({"app_realm": {"platform": "ios", "value": "x"}}, "invalid_app_realm_platform"),
        ({"app_realm": {"platform": "android", "value": "short"}}, "invalid_app_realm_value"),
        ({"app_realm": {"platform": "web", "value": "not a domain"}}, "invalid_app_realm_value"),
        ({"locale": "?"}, "invalid_locale"),
        ({"callback_url": "ftp://example.com"}, "invalid_callback_url"),
        ({"sender_id": "?"}, "invalid_sender_id"),
        ({"sender_id": "Unknown"}, "invalid_sender_id"),
        ({"template_id": ""}, "invalid_template_id"),
        ({"template_id": "unknown"}, "template_not_found"),
        ({"variables": {"name": 1}}, "invalid_template_variables"),
        ({"template_id": "prelude:psd2"}, "invalid_template_variables"),
        ({"method": "pigeon"}, "invalid_request"),
        ({"preferred_channel": "voice"}, "invalid_request"),
        ({"channels": []}, "invalid_request"),
        ({"channels": ["voice"]}, "invalid_request"),
        ({"channels": ["sms"], "preferred_channel": "sms"}, "invalid_request"),
        ({"channels": ["zalo"]}, "channel_not_enabled_in_region"),
        ({"max_auto_fallbacks": -1}, "invalid_request"),
        ({"force_challenge": 1}, "invalid_request"),
    ],
)
def test_options(make_v2, options, code):
    client = make_v2(custom_code_allowed=True, templates=["known"], sender_ids=["Shop"], disabled_channels=["zalo"])
    assert client.create(options=options)["code"] == code
    assert client.response.status_code == 400


def test_custom_code_must_be_allowed(v2):
    assert v2.create(options={"custom_code": "123456"})["code"] == "custom_code_not_allowed"


def test_every_field_is_taken(make_v2):
    client = make_v2(templates=["known"], sender_ids=["Shop"])
    created = client.create(
        dispatch_id="0b0e7c1d-6a53-4c55-9c3f-5a2d1f7e9a10",
        metadata={"correlation_id": "x" * 80},
        signals={
            "ip": "2001:db8::1",
            "device_id": "8f2",
            "device_platform": "ipados",
            "device_model": "iPhone17,2",
            "os_version": "18",
            "app_version": "1.2",
            "user_agent": UA,
            "ja4_fingerprint": "t13d1516h2_8daaf6152771_e5627efa2ab1",
            "is_trusted_user": True,
        },
        options={
            "template_id": "known",
            "variables": {"name": "Ada"},
            "locale": "de-CH",
            "sender_id": "Shop",
            "callback_url": "https://example.com/hook?x=1",
            "code_size": 5,
            "method": "message",
            "preferred_channel": "rcs",
            "max_auto_fallbacks": 0,
            "force_challenge": False,
            "app_realm": {"platform": "web", "value": "example.com"},
        },
        something_new={"ignored": True},
    )
    assert created["status"] == "success"
    history = client.history(created["id"])
    assert history["signals"]["user_agent"] == UA
    assert (history["ip_address"], history["device_platform"]) == ("2001:db8::1", "ipados")
    assert client.simulator.messages()[0].content.startswith("Ihr Bestätigungscode")


def test_check_needs_a_target_and_a_text(v2):
    assert v2.request("POST", "verification/check", code="1")["code"] == "invalid_request"
    assert v2.request("POST", "verification/check", **ORDINARY)["code"] == "invalid_request"
    assert v2.check(123456)["code"] == "invalid_request"
    assert v2.check("123456", psd2={"amount": "1"})["code"] == "invalid_request"


@pytest.mark.parametrize("code", V2_ERRORS)
def test_every_documented_error_can_be_scripted(v2, code):
    v2.simulator.script("send", code)
    answer = v2.create()
    assert set(answer) == {"code", "message", "type", "request_id"}
    assert answer["code"] == code


def test_faults(v2):
    v2.simulator.script("send", "too_many_requests", "server_error", "garbage", "dropped", "dropped_before", "slow")
    answer = v2.create()
    assert answer.pop("request_id")
    assert answer == {"code": "too_many_requests", "message": "Too Many Requests", "type": "rate_limit"}
    assert (v2.response.status_code, v2.response["Retry-After"]) == (429, "30")
    assert (v2.create()["code"], v2.response.status_code) == ("internal", 500)
    assert v2.create() == {}
    v2.simulator.script("retry", "dropped", "dropped_before", "slow")
    v2.create()
    assert v2.response.dropped
    v2.create()
    assert v2.response.dropped
    assert v2.create()["status"] == "retry"
    assert v2.response.delay == 30
    assert len(v2.simulator.messages()) == 3


@pytest.mark.parametrize("fault", ["dropped", "garbage", "slow"])
def test_check_is_executed_although_its_answer_is_lost(v2, fault):
    created = v2.create()
    v2.simulator.script("check", fault)
    v2.check(v2.code())
    assert v2.history(created["id"])["status"] == "converted"
