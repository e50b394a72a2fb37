import json
import re
from datetime import datetime

import pytest

from django_ding.sandbox.errors import ERRORS
from django_ding.sandbox.handler import ApiResponse
from django_ding.sandbox.memory import SimSendRequest

from .helpers import CUSTOMER, HEADERS, PHONE

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
OTHER_UUID = "00000000-0000-4000-8000-000000000000"


# Sending


def test_send_answers_exactly_four_fields(client):
    answer = client.send()
    assert list(answer) == ["authentication_uuid", "status", "created_at", "expires_at"]
    assert UUID.fullmatch(answer["authentication_uuid"])
    assert answer["status"] == "pending"
    assert (answer["created_at"], answer["expires_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z")
    assert (client.response.status_code, client.response["Content-Type"]) == (200, "application/json")


def test_send_again_too_early_is_rate_limited_on_the_same_authentication(client, clock):
    first = client.send()
    clock.move(29)
    assert client.send() == {**first, "status": "rate_limited"}


def test_send_again_after_the_delay_is_another_attempt_of_the_same_authentication(client, clock):
    first = client.send()
    clock.move(30)
    assert client.send() == first
    assert [message.attempt_number for message in client.simulator.messages()] == [2, 1]


def test_send_again_counts_as_a_retry_until_none_is_left(client, clock):
    uuid = client.send()["authentication_uuid"]
    statuses = []
    for _ in range(4):
        clock.move(30)
        statuses.append(client.send()["status"])
    assert statuses == ["pending", "pending", "pending", "rate_limited"]
    assert client.retry(uuid)["remaining_retry"] == 0


def test_send_opens_a_new_authentication_after_expiry(client, clock):
    first = client.send()
    clock.move(600)
    assert client.send()["authentication_uuid"] != first["authentication_uuid"]


def test_send_opens_a_new_authentication_after_validation(client):
    first = client.send()
    client.check(first["authentication_uuid"], client.code())
    second = client.send()
    assert second["status"] == "pending"
    assert second["authentication_uuid"] != first["authentication_uuid"]


def test_send_without_stateless_mode_always_opens_a_new_one(make):
    client = make(stateless=False)
    assert client.send()["authentication_uuid"] != client.send()["authentication_uuid"]


def test_send_refused_may_answer_without_a_uuid(make):
    client = make(refusals_have_uuid=False)
    assert "authentication_uuid" not in client.send("+12025550110")
    assert "authentication_uuid" in client.send()


def test_send_takes_every_field(client):
    answer = client.send(
        ip="192.0.2.1",
        device_id="8f2",
        device_type="ANDROID",
        app_version="1.2",
        callback_url="https://example.com/hook?x=1",
        app_realm="FA+9qCX9VSu",
        os_version="14",
        device_model="Pixel",
        is_returning_user=False,
        template_id="short",
        correlation_id="ours",
        locale="de-CH",
        sender_id="Shop",
        something_new={"ignored": True},
    )
    status = client.status(answer["authentication_uuid"])
    assert status["signals"] == {
        "ip": "192.0.2.1",
        "device_type": "ANDROID",
        "app_realm": "FA+9qCX9VSu",
        "is_returning_user": False,
        "device_id": "8f2",
        "app_version": "1.2",
        "os_version": "14",
        "device_model": "Pixel",
    }
    assert (status["template_id"], status["correlation_id"]) == ("short", "ours")
    (message,) = client.simulator.messages()
    assert message.content == f"Ihr Bestätigungscode lautet: {message.code}\n\nFA+9qCX9VSu"


@pytest.mark.parametrize(
    ("phone_number", "locale", "start"),
    [
        (PHONE, None, "Votre code"),
        (PHONE, "xx-YY", "Your verification"),
        ("+447400123456", None, "Your verification"),
        ("+447400123456", "es_MX", "Tu código"),
    ],
)
def test_send_words_the_message_by_locale_then_country(client, phone_number, locale, start):
    client.send(phone_number, locale=locale)
    assert client.simulator.messages()[0].content.startswith(start)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"phone_number": "0612345678"}, "invalid_phone_number"),
        ({"phone_number": "+33 6 12 34 56 78"}, "invalid_phone_number"),
        ({"phone_number": "+33000"}, "invalid_phone_number"),
        ({"phone_number": "+12345"}, "invalid_phone_number"),
        ({"phone_number": ""}, "invalid_phone_number"),
        ({"phone_number": None}, "bad_request"),
        ({"phone_number": 33612345678}, "bad_request"),
        ({"customer_uuid": None}, "bad_request"),
        ({"customer_uuid": 5}, "bad_request"),
        ({"customer_uuid": "me"}, "account_invalid"),
        ({"customer_uuid": f"{{{CUSTOMER}}}"}, "account_invalid"),
        ({"ip": "localhost"}, "bad_request"),
        ({"ip": 1}, "bad_request"),
        ({"device_id": ""}, "invalid_device_id"),
        ({"device_id": "x" * 129}, "invalid_device_id"),
        ({"device_id": 5}, "bad_request"),
        ({"device_model": "\x00"}, "invalid_device_model"),
        ({"os_version": " "}, "invalid_os_version"),
        ({"app_version": "1\n2"}, "invalid_app_version"),
        ({"device_type": "IPADOS"}, "bad_request"),
        ({"app_realm": "FA+9qCX9VSu"}, "app_realm_require_device_type"),
        ({"app_realm": "FA+9qCX9VSu", "device_type": "IOS"}, "unsupported_app_realm_device_type"),
        ({"app_realm": "short", "device_type": "ANDROID"}, "invalid_app_realm"),
        ({"is_returning_user": "true"}, "bad_request"),
        ({"is_returning_user": 1}, "bad_request"),
        ({"template_id": ""}, "invalid_template_id"),
        ({"sender_id": "much too long a name"}, "invalid_sender_id"),
        ({"sender_id": ""}, "invalid_sender_id"),
        ({"correlation_id": "x" * 81}, "bad_request"),
        ({"locale": "not a locale"}, "bad_request"),
        ({"callback_url": "ftp://example.com/"}, "bad_request"),
        ({"callback_url": "https://"}, "bad_request"),
        ({"callback_url": "https://example.com:99999/"}, "bad_request"),
        ({"callback_url": "https://example.com/ x"}, "bad_request"),
        ({"callback_url": "https://exämple.com/"}, "bad_request"),
        ({"callback_url": "https://example.com/" + "x" * 3000}, "bad_request"),
    ],
)
def test_send_refuses_each_wrong_field_with_its_own_code(client, fields, code):
    answer = client.post("/v1/authentication", **{"phone_number": PHONE, **fields})
    assert (client.response.status_code, answer["code"]) == (400, code)
    assert answer["message"]
    assert answer["doc_url"].endswith(f"#{code}")
    assert client.simulator.messages() == []


def test_send_takes_null_for_absent(client):
    assert client.send(ip=None, device_type=None, is_returning_user=None)["status"] == "pending"


def test_send_knows_only_the_configured_templates_and_sender_ids(make):
    client = make(templates=("short",), sender_ids=("Shop",))
    assert client.send(template_id="long")["code"] == "invalid_template_id"
    assert client.send(sender_id="Other")["code"] == "unauthorized_sender_id"
    assert client.send(template_id="short", sender_id="Shop")["status"] == "pending"


def test_send_may_refuse_ipv6(make):
    assert make().send(ip="2001:db8::1")["status"] == "pending"
    assert make(accept_ipv6=False).send(ip="2001:db8::1")["code"] == "bad_request"


# Checking


def test_check_answers_exactly_two_fields(client):
    uuid = client.send()["authentication_uuid"]
    assert client.check(uuid, client.code()) == {"authentication_uuid": uuid, "status": "valid"}


def test_check_goes_through_its_statuses(client, clock):
    uuid = client.send()["authentication_uuid"]
    statuses = [client.check(uuid, client.wrong_code())["status"] for _ in range(6)]
    assert statuses == ["invalid"] * 5 + ["rate_limited"]
    assert client.check(uuid, client.code())["status"] == "rate_limited"
    clock.move(600)
    assert client.check(uuid, client.code())["status"] == "expired_auth"


def test_check_after_validation_is_already_validated_even_when_expired(client, clock):
    uuid = client.send()["authentication_uuid"]
    client.check(uuid, client.code())
    clock.move(600)
    assert client.check(uuid, client.code())["status"] == "already_validated"


def test_check_of_a_refused_send_is_without_attempt(client):
    uuid = client.send("+12025550111")["authentication_uuid"]
    assert client.check(uuid, "123456")["status"] == "without_attempt"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", " 12345"])
def test_check_counts_a_mistyped_code_as_a_wrong_one(client, code):
    """No official SDK knows the error ``impossible_code``."""
    uuid = client.send()["authentication_uuid"]
    assert client.check(uuid, code)["status"] == "invalid"
    assert client.simulator.inspect(uuid).check_count == 1


@pytest.mark.parametrize("uuid", ["nonsense", "", OTHER_UUID])
def test_unknown_authentication_is_refused_everywhere(client, uuid):
    assert client.check(uuid, "123456")["code"] == "invalid_auth_uuid"
    assert client.retry(uuid)["code"] == "invalid_auth_uuid"


def test_check_needs_a_text(client):
    uuid = client.send()["authentication_uuid"]
    assert client.check(uuid, 123456)["code"] == "bad_request"
    assert client.post("/v1/check", authentication_uuid=uuid)["code"] == "bad_request"


def test_check_takes_earlier_codes_only_when_told(make, clock):
    for valid, status in ((True, "valid"), (False, "invalid")):
        client = make(earlier_codes_valid=valid)
        uuid, code = client.send()["authentication_uuid"], client.code()
        clock.move(30)
        client.retry(uuid)
        assert client.check(uuid, code)["status"] == status


def test_code_has_the_configured_length(make):
    client = make(code_length=4)
    uuid = client.send()["authentication_uuid"]
    assert len(client.code()) == 4
    assert client.check(uuid, client.code())["status"] == "valid"


# Retrying


def test_retry_sends_a_new_code_and_says_when_the_next_may_follow(client, clock):
    uuid, first = client.send()["authentication_uuid"], client.code()
    clock.move(30)
    assert client.retry(uuid) == {
        "authentication_uuid": uuid,
        "status": "approved",
        "created_at": "2026-03-01T12:00:30Z",
        "next_retry_at": "2026-03-01T12:01:00Z",
        "remaining_retry": 2,
    }
    assert client.code() != first


def test_retry_too_early_is_rate_limited(client, clock):
    uuid = client.send()["authentication_uuid"]
    clock.move(29)
    answer = client.retry(uuid)
    assert (answer["status"], answer["remaining_retry"]) == ("rate_limited", 3)
    assert answer["next_retry_at"] == "2026-03-01T12:00:30Z"
    assert len(client.simulator.messages()) == 1


def test_retry_is_rate_limited_when_none_is_left(make, clock):
    client = make(max_retries=1)
    uuid = client.send()["authentication_uuid"]
    clock.move(30)
    client.retry(uuid)
    clock.move(30)
    answer = client.retry(uuid)
    assert (answer["status"], answer["remaining_retry"]) == ("rate_limited", 0)


def test_retry_of_what_has_ended_says_so(client, clock):
    refused = client.send("+12025550111")["authentication_uuid"]
    answer = client.retry(refused)
    assert (answer["status"], "next_retry_at" in answer) == ("no_attempt", False)
    validated = client.send()["authentication_uuid"]
    client.check(validated, client.code())
    assert client.retry(validated)["status"] == "already_validated"
    expired = client.send("+12025550100")["authentication_uuid"]
    clock.move(600)
    assert client.retry(expired)["status"] == "expired_auth"


# Feedback


def test_feedback_answers_with_an_id(client):
    client.send()
    assert UUID.fullmatch(client.feedback()["uuid"])


def test_feedback_refusals(client):
    assert client.feedback()["code"] == "no_associated_auth_found"
    client.send()
    client.feedback()
    assert client.feedback()["code"] == "duplicated_feedback_status"
    assert "uuid" in client.feedback(status="not_onboarded")
    assert client.feedback(status="maybe")["code"] == "invalid_feedback_status"
    assert client.feedback("123")["code"] == "invalid_phone_number"


# Status


def test_status_has_the_documented_shape(client, clock):
    uuid, code = client.send(correlation_id="ours")["authentication_uuid"], client.code()
    clock.move(1.5)
    client.check(uuid, code)
    status = client.status(uuid)
    opened, attempt, balance, submitted, in_transit, check = status.pop("events")
    assert status == {
        "uuid": uuid,
        "phone_number": PHONE,
        "correlation_id": "ours",
        "created_at": "2026-03-01T12:00:00Z",
        "signals": {},
    }
    assert UUID.fullmatch(attempt.pop("id"))
    assert attempt == {
        "type": "attempt",
        "created_at": "2026-03-01T12:00:00Z",
        "attempt_number": 1,
        "capability": "text",
        "content": client.simulator.messages()[0].content,
        "sender_id": "Sandbox",
        "status": "pending",
    }
    assert (opened["balance_update_type"], opened["amount"]) == ("authentication", 0.009)
    assert balance == {
        "type": "balance_update",
        "created_at": "2026-03-01T12:00:00Z",
        "amount": 0.03,
        "balance_update_type": "attempt",
    }
    assert (submitted["status"], in_transit["status"]) == ("submitted", "in_transit")
    assert set(in_transit) == {
        "type",
        "created_at",
        "attempt_id",
        "attempt_number",
        "originated_at",
        "status",
    }
    assert UUID.fullmatch(check.pop("id"))
    assert check == {
        "type": "check",
        "created_at": "2026-03-01T12:00:01.500000Z",
        "code": code,
        "status": "valid",
    }


def test_status_tells_how_each_attempt_ended(client, clock):
    numbers = ("+12025550100", "+12025550120", "+12025550121")
    uuids = [client.send(number)["authentication_uuid"] for number in numbers]
    clock.move(600)
    attempts = [client.status(uuid)["events"][1]["status"] for uuid in uuids]
    assert attempts == ["delivered", "failed", "expired"]


def test_status_shows_a_refused_retry_as_a_rate_limited_attempt(client):
    uuid = client.send()["authentication_uuid"]
    client.retry(uuid)
    refused = [event for event in client.status(uuid)["events"] if event.get("status") == "rate_limited"]
    assert [(event["type"], event["attempt_number"]) for event in refused] == [("attempt", 2)]


def test_status_needs_no_customer_but_a_key_and_a_known_uuid(client):
    uuid = client.send()["authentication_uuid"]
    assert client.call("GET", f"/v1/authentication/{uuid.upper()}", headers={"x-api-key": "k"})["uuid"] == uuid
    assert client.status("nonsense")["code"] == "invalid_auth_uuid"
    client.call("GET", f"/v1/authentication/{uuid}", headers={})
    assert client.response.status_code == 403


# Lookup


def test_lookup_has_the_documented_shape(client):
    assert client.lookup() == {
        "phone_number": PHONE,
        "country_code": "FR",
        "mcc": "208",
        "mnc": client.lookup()["mnc"],
        "carrier": "Sandbox Mobile",
        "number_ported": False,
        "line_type": "Mobile",
        "temporary_phone_number": False,
    }
    assert re.fullmatch("[0-9]{2}", client.lookup()["mnc"])


def test_lookup_says_mobile_where_digits_cannot_tell(client):
    assert client.lookup("+12025550100")["line_type"] == "Mobile"


def test_lookup_gives_the_caller_name_only_when_asked(client):
    assert client.lookup(query="type=cnam&type=cnam")["caller_name"]
    assert client.lookup(query="type=age")["code"] == "bad_request"
    assert client.lookup(query="type=")["code"] == "bad_request"


@pytest.mark.parametrize("path", ["+33612345678", "%2B33612345678", "%2b33612345678"])
def test_lookup_reads_the_plus_sign_encoded_or_not(client, path):
    headers = {**HEADERS, "customer-uuid": CUSTOMER}
    assert client.call("GET", f"/v1/lookup/{path}", headers=headers)["phone_number"] == PHONE


@pytest.mark.parametrize("path", ["33612345678", "%20", "%ff", "+33", "%2B33612345678%2F"])
def test_lookup_refuses_what_is_not_a_number(client, path):
    headers = {**HEADERS, "customer-uuid": CUSTOMER}
    assert client.call("GET", f"/v1/lookup/{path}", headers=headers)["code"] == "invalid_phone_number"


def test_lookup_needs_the_customer_in_a_header(client):
    path = "/v1/lookup/%2B33612345678"
    assert client.call("GET", path)["code"] == "bad_request"
    assert client.call("GET", path, headers={**HEADERS, "Customer-UUID": "x"})["code"] == "account_invalid"


# Credentials


def test_api_key_is_asked_for_before_anything_else(client):
    for headers in ({}, {"x-api-key": " "}):
        assert client.call("POST", "/v1/check", headers=headers) == {"message": "Forbidden"}
        assert client.response.status_code == 403


def test_api_key_must_be_the_configured_one(make):
    client = make(api_key="key", unauthorized_status=401)
    assert client.send()["status"] == "pending"
    wrong = {**HEADERS, "X-API-Key": "kéy"}
    assert client.call("POST", "/v1/check", headers=wrong) == {"message": "Unauthorized"}
    assert client.response.status_code == 401


def test_customer_must_be_the_configured_one(make):
    client = make(customer_uuid=CUSTOMER.upper())
    assert client.send()["status"] == "pending"
    answer = client.post("/v1/authentication", customer_uuid=OTHER_UUID, phone_number=PHONE)
    assert answer["code"] == "account_invalid"


# Malformed requests


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b"[" * 60_000, b'{"a": NaN}', b'{"a": 1' + b"0" * 5000 + b"}"],
)
def test_malformed_body_is_a_bad_request(client, body):
    answer = client.call("POST", "/v1/authentication", body=body)
    assert (client.response.status_code, answer["code"]) == (400, "bad_request")


def test_body_must_be_declared_as_json(client):
    answer = client.call("POST", "/v1/check", headers={"x-api-key": "k"}, body=b"{}")
    assert "application/json" in answer["message"]


def test_huge_body_is_refused(client):
    client.call("POST", "/v1/check", body=b" " * 70_000)
    assert client.response.status_code == 413


@pytest.mark.parametrize("path", ["/v1/", "/v1/nowhere", "/v1/check/", "/v1/lookup/", "/v1/check/x", "/v1//check"])
def test_unknown_path_is_404(client, path):
    answer = client.call("POST", path)
    assert (client.response.status_code, answer["code"]) == (404, "bad_request")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/check", "POST"),
        ("GET", "/v1/authentication/feedback", "POST"),
        ("POST", "/v1/lookup/%2B33612345678", "GET"),
        ("DELETE", f"/v1/authentication/{OTHER_UUID}", "GET"),
    ],
)
def test_wrong_method_is_405(client, method, path, allowed):
    client.call(method, path)
    assert (client.response.status_code, client.response.headers["Allow"]) == (405, allowed)


def test_error_status_is_an_option(make):
    client = make(error_status=422)
    client.send("nonsense")
    assert client.response.status_code == 422


def test_error_bodies_are_complete_for_every_code(client):
    for code in ERRORS:
        client.simulator.script("send", code)
        answer = client.send()
        assert list(answer) == ["code", "message", "doc_url"]
        assert client.response.status_code == (500 if code == "internal_server_error" else 400)


def test_respond_never_raises(client, caplog):
    def fail(message):
        raise RuntimeError(message.code)

    client.simulator.subscribe(fail)
    assert client.send()["code"] == "internal_server_error"
    assert client.code() not in caplog.text
    assert "RuntimeError" in caplog.text


# Faults


@pytest.mark.parametrize("fault", ["server_error", "too_many_requests", "dropped_before"])
def test_fault_before_execution_sends_nothing(client, fault):
    client.simulator.script("send", fault)
    client.send()
    assert client.simulator.messages() == []
    assert client.simulator.calls["send"] == 1


def test_too_many_requests_says_when_to_come_back(make):
    client = make(retry_after=7)
    client.simulator.script("check", "too_many_requests")
    client.check(client.send()["authentication_uuid"], "123456")
    assert (client.response.status_code, client.response.headers["Retry-After"]) == (429, "7")


def test_slow_answers_in_full_after_a_delay(make):
    client = make(slow_seconds=9)
    client.simulator.script("send", "slow")
    assert client.send()["status"] == "pending"
    assert client.response.delay == 9


def test_dropped_executes_and_says_nothing(client):
    client.simulator.script("send", "dropped")
    client.send()
    assert client.response.dropped
    assert len(client.simulator.messages()) == 1


def test_garbage_executes_and_answers_with_no_json(client):
    client.simulator.script("send", "garbage")
    client.send()
    assert client.response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(client.response.content)
    assert len(client.simulator.messages()) == 1


def test_response_reprs_hold_no_body(client):
    assert client.send()["status"] not in repr(client.response)
    assert "123456" not in repr(ApiResponse({"code": "123456"}))


def test_times_are_utc_whatever_the_clock_says(client, clock):
    clock.now = datetime.fromisoformat("2026-03-01T12:00:00+02:00")
    sent = client.simulator.send(SimSendRequest(phone_number=PHONE))
    assert client.status(sent.authentication_uuid)["created_at"] == "2026-03-01T10:00:00Z"
