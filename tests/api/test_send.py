import uuid
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from django_ding.api.serializers import SendCodeSerializer
from django_ding.codes import user_message
from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.models import Authentication
from django_ding.testing import sandbox, script

pytestmark = pytest.mark.django_db

URL = "/api/phone/authentications/"
NOT_TEXT = b'--x\r\nContent-Disposition: form-data; name="phone_number"\r\n\r\n\xff.\xff\r\n--x--\r\n'


def test_send_answers_201(clock, member, user, phone, outbox):
    response = member.post(URL, {"phone_number": "06 12 34 56 78"}, format="json")
    assert response.status_code == 201
    row = Authentication.objects.get()
    assert response.json() == {
        "id": str(row.public_id),
        "phone_number": phone,
        "purpose": "link",
        "status": "pending",
        "channel": None,
        "created_at": "2026-06-01T12:00:00Z",
        "expires_at": "2026-06-01T12:10:00Z",
        "next_retry_at": "2026-06-01T12:00:30Z",
        "remaining_retry": 3,
        "remaining_checks": 5,
    }
    assert row.user == user
    assert len(outbox) == 1


def test_send_again_answers_200(member, phone, outbox):
    first, second = (member.post(URL, {"phone_number": phone}, format="json") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(outbox) == 1


def test_send_passes_the_device_on(member, phone, simulator):
    device = {
        "device_type": "ANDROID",
        "device_id": "a1",
        "device_model": "Pixel 9",
        "os_version": "16",
        "app_version": "1.2",
        "app_realm": "abcdefghijk",
    }
    member.post(URL, {"phone_number": phone, "locale": "pt-BR", **device}, format="json", REMOTE_ADDR="192.0.2.7")
    row = Authentication.objects.get()
    assert row.device_signals == device
    assert row.ip == "192.0.2.7"
    request = simulator.inspect(row.authentication_uuid).request
    assert request.signals == {**device, "ip": "192.0.2.7"}
    assert request.locale == "pt-BR"


def test_send_without_an_address_works(member, phone):
    assert member.post(URL, {"phone_number": phone}, format="json", REMOTE_ADDR="").status_code == 201
    assert Authentication.objects.get().ip == UNKNOWN_IP


def test_send_ignores_forwarded_addresses(member, phone):
    member.post(URL, {"phone_number": phone}, format="json", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert Authentication.objects.get().ip == "127.0.0.1"


def test_send_again_after_the_cooldown_tells_what_became_of_the_retry(clock, member, phone, outbox):
    member.post(URL, {"phone_number": phone}, format="json")
    clock.shift(30)
    script("retry", "approved", "denied")
    assert member.post(URL, {"phone_number": phone}, format="json").status_code == 200
    clock.shift(30)
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "denied")


def test_send_again_after_the_last_retry_answers_429(clock, member, phone):
    for _ in range(4):
        assert member.post(URL, {"phone_number": phone}, format="json").status_code in (200, 201)
        clock.shift(30)
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response["Retry-After"]) == (429, "480")


def test_send_again_without_a_check_left_answers_429(clock, member, phone):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/check/"
    for _ in range(5):
        member.post(url, {"code": "000000"}, format="json")
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response["Retry-After"]) == (429, "600")


def test_send_of_a_browser_form_works(member, phone):
    assert member.post(URL, {"phone_number": phone}).status_code == 201


# Who may


def test_send_anonymous_is_a_signup(client, phone):
    response = client.post(URL, {"phone_number": phone}, format="json")
    assert response.status_code == 201
    assert response.json()["purpose"] == "signup"
    assert Authentication.objects.get().user is None


@pytest.mark.parametrize("purpose", ["link", "login", "second_factor"])
def test_send_anonymous_other_purpose_is_refused(client, phone, purpose, simulator):
    response = client.post(URL, {"phone_number": phone, "purpose": purpose}, format="json")
    assert response.status_code in (401, 403)
    assert response.json()["code"] == "not_authenticated"
    assert not simulator.calls
    assert not Authentication.objects.exists()


def test_send_anonymous_purposes_are_a_setting(client, phone):
    with sandbox(ANONYMOUS_PURPOSES=["newsletter"]):
        response = client.post(URL, {"phone_number": phone}, format="json")
    assert response.json()["purpose"] == "newsletter"


def test_send_anonymous_can_be_forbidden(client, phone):
    with sandbox(ANONYMOUS_PURPOSES=[]):
        assert client.post(URL, {"phone_number": phone}, format="json").status_code in (401, 403)


def test_send_member_may_name_a_purpose(member, phone):
    with sandbox(PURPOSES=["link", "payment"]):
        response = member.post(URL, {"phone_number": phone, "purpose": "payment"}, format="json")
    assert response.json()["purpose"] == "payment"


@pytest.mark.parametrize("purpose", ["payment", "two words", "\u0660"])
def test_send_unknown_purpose_is_refused(member, phone, purpose, simulator):
    response = member.post(URL, {"phone_number": phone, "purpose": purpose}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert not simulator.calls


def test_send_session_needs_a_csrf_token(user, phone, simulator):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    response = browser.post(URL, {"phone_number": phone})
    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"
    assert not simulator.calls


# Bad input


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "phone_number"),
        ({"phone_number": ""}, "phone_number"),
        ({"phone_number": None}, "phone_number"),
        ({"phone_number": 33612345678}, "phone_number"),
        ({"phone_number": ["+33612345678"]}, "phone_number"),
        ({"phone_number": {"a": 1}}, "phone_number"),
        ({"phone_number": "1" * 65}, "phone_number"),
        ({"phone_number": "+3361234\x005678"}, "phone_number"),
        ({"purpose": "two words"}, "purpose"),
        ({"purpose": "x" * 33}, "purpose"),
        ({"device_type": "TOASTER"}, "device_type"),
        ({"device_type": ["IOS"]}, "device_type"),
        ({"device_id": "x" * 129}, "device_id"),
        ({"device_model": 7}, "device_model"),
        ({"os_version": "x" * 65}, "os_version"),
        ({"app_version": True}, "app_version"),
        ({"app_realm": "short", "device_type": "ANDROID"}, "app_realm"),
        ({"locale": "français"}, "locale"),
        ({"locale": "x" * 36}, "locale"),
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "unknown"}, "channel"),
        ({"channel": ["sms"]}, "channel"),
        ({"dispatch_id": "x" * 35}, "dispatch_id"),
        ({"dispatch_id": "x" * 37}, "dispatch_id"),
        ({"dispatch_id": 7}, "dispatch_id"),
        ({"dispatch_id": "\x7f" * 36}, "dispatch_id"),
        ({"device_model": "Pixel\n9"}, "device_model"),
        ({"device_id": "\u202e"}, "device_id"),
        ({"os_version": "16\x7f"}, "os_version"),
        ({"app_version": "1\t0"}, "app_version"),
    ],
)
def test_send_malformed_field_is_named(member, simulator, phone, body, field):
    if field != "phone_number":
        body = {"phone_number": phone, **body}
    response = member.post(URL, body, format="json")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_input"
    assert list(response.json()["errors"]) == [field]
    assert response.json()["errors"][field][0]
    assert_nothing_happened(simulator)


@pytest.mark.parametrize("typed", ["06", "+1 202 555 0100 ext. 5", "hello", "+999123456", "+15550100000"])
def test_send_impossible_number_answers_400(member, simulator, typed):
    response = member.post(URL, {"phone_number": typed}, format="json")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_phone_number"
    assert response.json()["detail"]
    assert_nothing_happened(simulator)


@pytest.mark.parametrize(
    ("device", "code"),
    [({}, "app_realm_require_device_type"), ({"device_type": "IOS"}, "unsupported_app_realm_device_type")],
)
def test_send_app_realm_needs_android(member, simulator, phone, device, code):
    response = member.post(URL, {"phone_number": phone, "app_realm": "abcdefghijk", **device}, format="json")
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert_nothing_happened(simulator)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        (b"[]", "application/json", 400, "invalid_input"),
        (b'"text"', "application/json", 400, "invalid_input"),
        (b"null", "application/json", 400, "invalid_input"),
        (b'{"phone_number": "+33612345678\\ud800"}', "application/json", 400, "invalid_input"),
        (b'{"phone_number": "+33612345678", "device_type": "\\ud800"}', "application/json", 400, "invalid_input"),
        (NOT_TEXT, "multipart/form-data; charset=idna; boundary=x", 400, "parse_error"),
        (b"[" * 60_000, "application/json", 400, "parse_error"),
        (b"[" * 65_537, "application/json", 413, "content_too_large"),
        (b"a=1&" * 2000, "application/x-www-form-urlencoded", 400, "parse_error"),
        (b"<a/>", "application/xml", 415, "unsupported_media_type"),
        (b"x", "nonsense", 415, "unsupported_media_type"),
    ],
)
def test_send_malformed_body_answers_its_code(member, simulator, body, content_type, status, code):
    response = member.post(URL, body, content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert_nothing_happened(simulator)


def test_send_wrong_method_answers_405(member):
    response = member.get(URL)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def assert_nothing_happened(simulator):
    assert not simulator.calls
    assert not Authentication.objects.exists()


# Refusals and failures


def test_send_rate_limited_by_the_provider(member, phone):
    script("send", "rate_limited")
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert response["Retry-After"] == "30"
    assert response.json()["retry_after"] == 30


@pytest.mark.parametrize("outcome", ["spam_detected", "blocked_number"])
def test_send_blocked_does_not_say_why(member, phone, outcome):
    script("send", outcome)
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert response.status_code == 403
    assert response.json() == {"code": "blocked", "detail": user_message("blocked_number")}


@pytest.mark.parametrize("code", ["invalid_line", "unsupported_region", "invalid_phone_number"])
def test_send_rejected_input_answers_its_code(member, phone, code):
    script("send", code)
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_send_names_the_territory_that_gets_no_codes(member):
    with sandbox(ALLOWED_COUNTRIES=["GB"]):
        response = member.post(URL, {"phone_number": "+44 7797 712345"}, format="json")
    assert response.status_code == 400
    assert response.json() == {"code": "unsupported_region", "detail": "We can't send codes to Jersey."}


@pytest.mark.parametrize("number", [" 3725123456", " 372 512 3456"])
def test_send_after_a_form_lost_the_plus_reaches_no_stranger(member, number, outbox):
    with sandbox(DEFAULT_REGION="IT"):
        response = member.post(URL, f"phone_number={number}", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_phone_number")
    assert response.json()["detail"].startswith("Start the number with +")
    assert len(outbox) == 0


def test_send_after_a_form_lost_the_plus_reads_the_only_number_it_can_be(member):
    answer = member.post(URL, "phone_number=+447400123456", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["phone_number"]) == (201, "+447400123456")


@pytest.mark.parametrize("blank", ["", " ", "\u2800"])
def test_send_to_a_blank_number(member, blank):
    assert member.post(URL, {"phone_number": blank}, format="json").status_code == 400


@pytest.mark.parametrize("outcome", ["negative_balance", "account_invalid", "bad_request", "server_error", "garbage"])
def test_send_failure_is_unavailable_and_says_no_more(member, phone, outcome):
    script("send", outcome)
    response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"] == "30"
    assert response.json()["retry_after"] == 30
    assert outcome not in response.content.decode()
    assert Authentication.objects.get().status == "failed"


def test_send_passes_the_wait_of_the_provider_on(member, phone):
    with sandbox(SANDBOX={"retry_after": 77}):
        script("send", "too_many_requests")
        response = member.post(URL, {"phone_number": phone}, format="json")
    assert (response.status_code, response["Retry-After"]) == (503, "77")


@pytest.mark.parametrize("path", ["", f"{uuid.UUID(int=1)}/", f"{uuid.UUID(int=1)}/check/"])
def test_answers_are_not_cached(member, path):
    assert member.post(URL + path, {}, format="json")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("optional", [{}, {"locale": "fr-FR"}])
@pytest.mark.parametrize("parsed", [dict, lambda fields: QueryDict(urlencode(fields))])
def test_fields_that_are_absent_have_no_value(optional, parsed):
    given = {"phone_number": "06 12 34 56 78", **optional}
    serializer = SendCodeSerializer(data=parsed(given))
    assert serializer.is_valid()
    assert dict(serializer.validated_data) == given


def test_required_field_is_missed_whatever_else_is_given():
    serializer = SendCodeSerializer(data={"locale": "fr-FR", "unknown": "x"})
    assert not serializer.is_valid()
    assert set(serializer.errors) == {"phone_number"}
