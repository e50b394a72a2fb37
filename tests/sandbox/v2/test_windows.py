"""Windows: how they open, what a further create is, and how they end."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_ding.sandbox.errors import ProviderError
from django_ding.sandbox.windows import SimVerificationRequest

from ..helpers import PHONE

ID = re.compile(r"vrf_[0-7][0-9a-hjkmnp-tv-z]{25}")


def test_create_opens_a_window(v2):
    answer = v2.create(metadata={"correlation_id": "ours"})
    assert ID.fullmatch(answer.pop("id"))
    assert answer.pop("request_id")
    assert answer == {
        "status": "success",
        "method": "message",
        "channels": ["sms", "whatsapp", "voice"],
        "metadata": {"correlation_id": "ours"},
    }


def test_create_again_is_a_retry_by_another_channel(v2):
    first, second, third = (v2.create() for _ in range(3))
    assert first["id"] == second["id"] == third["id"]
    assert [answer["status"] for answer in (first, second, third)] == ["success", "retry", "retry"]
    assert [answer["method"] for answer in (first, second, third)] == ["message", "message", "voice"]
    assert [message.channel for message in v2.simulator.messages()] == ["voice", "whatsapp", "sms"]


def test_each_target_has_a_window(v2):
    assert v2.create()["id"] != v2.create("+12025550100")["id"]


def test_windows_are_apart_from_version_1(v2, client):
    client.send()
    assert v2.create()["status"] == "success"
    assert client.check(v2.create()["id"], "123456")["code"] == "invalid_auth_uuid"


def test_window_ends_with_the_right_code(v2):
    first = v2.create()
    assert v2.check(v2.code())["status"] == "success"
    assert v2.check(v2.code())["status"] == "expired_or_not_found"
    second = v2.create()
    assert (second["status"], second["id"] != first["id"]) == ("success", True)


def test_window_ends_when_its_time_is_over(v2, clock):
    first = v2.create()
    clock.move(599)
    assert v2.create()["status"] == "retry"
    clock.move(1)
    assert v2.check(v2.code())["status"] == "expired_or_not_found"
    assert v2.create()["id"] != first["id"]


def test_window_ends_with_an_attempt_too_many(v2):
    first = v2.create()
    for _ in range(3):
        assert v2.create()["status"] == "retry"
    assert v2.create()["code"] == "too_many_attempts"
    assert v2.response.status_code == 429
    second = v2.create()
    assert (second["status"], second["id"] != first["id"]) == ("success", True)


def test_window_ends_with_a_check_too_many(v2):
    v2.create()
    statuses = [v2.check(v2.wrong_code())["status"] for _ in range(5)]
    assert statuses == ["failure"] * 5
    assert v2.check(v2.code())["code"] == "too_many_checks"
    assert v2.response.status_code == 429
    assert v2.check(v2.code())["status"] == "expired_or_not_found"


def test_limits_have_the_status_of_the_option(make_v2):
    client = make_v2(limit_status=400, max_retries=0, max_checks=1)
    client.create()
    assert client.create()["code"] == "too_many_attempts"
    assert client.response.status_code == 400
    assert client.create("+12025550182")["code"] == "too_many_attempts"
    assert client.response.status_code == 400


def test_there_is_no_cooldown(make_v2):
    client = make_v2(retry_delay=3600)
    assert [client.create()["status"] for _ in range(2)] == ["success", "retry"]


def test_check_names_the_verification(v2):
    created = v2.create(metadata={"correlation_id": "ours"})
    for code in (v2.wrong_code(), v2.code(), v2.code()):
        answer = v2.check(code)
        assert (answer["id"], answer["metadata"]) == (created["id"], {"correlation_id": "ours"})


def test_retry_keeps_the_correlation_id_unless_it_has_another(v2):
    v2.create(metadata={"correlation_id": "ours"})
    assert v2.create()["metadata"] == {"correlation_id": "ours"}
    assert v2.create(metadata={"correlation_id": "new"})["metadata"] == {"correlation_id": "new"}
    v2.simulator.script("retry", "blocked/suspicious")
    assert v2.create()["metadata"] == {"correlation_id": "new"}


def test_check_without_a_window_names_none(v2):
    answer = v2.check("123456")
    assert set(answer) == {"status", "request_id"}
    assert answer["status"] == "expired_or_not_found"


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６"])
def test_check_of_a_mistyped_code_fails(v2, code):
    v2.create()
    assert v2.check(code)["status"] == "failure"


@pytest.mark.parametrize(("valid", "status"), [(True, "success"), (False, "failure")])
def test_check_takes_earlier_codes_only_when_told(make_v2, valid, status):
    client = make_v2(earlier_codes_valid=valid)
    client.create()
    code = client.code()
    client.create()
    assert client.check(code)["status"] == status


# Codes and channels


def test_code_size(v2):
    v2.create(options={"code_size": 8})
    assert len(v2.code()) == 8


def test_custom_code_is_the_code_where_it_is_allowed(make_v2):
    client = make_v2(custom_code_allowed=True)
    client.create(options={"custom_code": "424242"})
    assert client.code() == "424242"
    assert client.check("424242")["status"] == "success"


def test_method_voice_calls(v2):
    answer = v2.create(options={"method": "voice"})
    assert (answer["method"], answer["channels"][0]) == ("voice", "voice")
    assert v2.simulator.messages()[0].channel == "voice"


def test_preferred_channel_comes_first(v2):
    assert v2.create(options={"preferred_channel": "viber"})["channels"] == ["viber", "sms", "whatsapp", "voice"]
    assert v2.create(options={"preferred_channel": "telegram"})["channels"][0] == "telegram"


def test_channels_are_fixed_when_the_window_opens(v2):
    first = v2.create(options={"channels": ["rcs", "viber"]})
    assert first["channels"] == ["rcs", "viber"]
    assert v2.create(options={"channels": ["sms"]})["channels"] == ["viber", "rcs"]


def test_disabled_channels(make_v2):
    client = make_v2(disabled_channels=["zalo"])
    assert client.create(options={"channels": ["zalo"]})["code"] == "channel_not_enabled_in_region"
    assert client.create(options={"preferred_channel": "zalo"})["channels"][0] == "sms"


def test_forced_challenge_leaves_out_messages_and_calls(v2):
    answer = v2.create(options={"force_challenge": True, "method": "voice"})
    assert (answer["status"], answer["channels"]) == ("challenged", ["whatsapp"])
    assert v2.check(v2.code())["status"] == "success"


def test_web_otp_and_sms_retriever_end_the_message(v2):
    v2.create(options={"app_realm": {"platform": "web", "value": "https://example.com"}})
    assert v2.simulator.messages()[0].content.endswith(f"\n\n@example.com #{v2.code()}")
    v2.create(options={"app_realm": {"platform": "android", "value": "FA+9qCX9VSu"}})
    assert v2.simulator.messages()[0].content.endswith("\n\nFA+9qCX9VSu")


# Silent verification


def silent(client):
    url = client.create(dispatch_id="d" * 36)["silent"]["request_url"]
    return url.partition("/v2/")[2]


def test_silent_verification_gives_the_code_to_the_device(make_v2):
    client = make_v2(silent=True)
    path = silent(client)
    code = client.request("GET", path)["code"]
    assert client.check(code)["status"] == "success"
    assert client.request("GET", path)["code"] == "invalid_request"
    assert client.response.status_code == 404


def test_silent_verification_is_followed_by_a_message(make_v2):
    client = make_v2(silent=True)
    silent(client)
    answer = client.create(dispatch_id="d" * 36)
    assert (answer["status"], answer["method"], answer["channels"][0]) == ("retry", "message", "sms")
    assert [message.channel for message in client.simulator.messages()] == ["sms", "silent"]


@pytest.mark.parametrize("fields", [{}, {"dispatch_id": "d" * 36, "options": {"method": "message"}}])
def test_silent_verification_needs_signals_and_no_other_method(make_v2, fields):
    assert "silent" not in make_v2(silent=True).create(**fields)


# Payments

PAYMENT = {"amount": "19.99", "currency": "EUR", "recipient": "Shop"}


def test_payment_is_confirmed_by_its_code(v2):
    v2.create(options={"template_id": "prelude:psd2", "variables": PAYMENT})
    assert v2.check(v2.code())["status"] == "transaction_missing"
    assert v2.check(v2.wrong_code(), psd2=PAYMENT)["status"] == "failure"
    assert v2.check(v2.code(), psd2=PAYMENT)["status"] == "success"


def test_another_payment_takes_the_code_away(v2):
    v2.create(options={"template_id": "prelude:psd2", "variables": PAYMENT})
    assert v2.check(v2.code(), psd2={**PAYMENT, "amount": "20.99"})["status"] == "transaction_mismatch"
    assert v2.check(v2.code(), psd2=PAYMENT)["status"] == "failure"
    v2.create(options={"template_id": "prelude:psd2", "variables": PAYMENT})
    assert v2.check(v2.code(), psd2=PAYMENT)["status"] == "success"


# Refusals


def test_refused_send_opens_no_window_and_sends_nothing(v2):
    v2.simulator.script("send", "blocked/suspicious")
    refused = v2.create()
    assert ID.fullmatch(refused["id"])
    assert (refused["reason"], refused["risk_factors"]) == ("suspicious", ["ip_reputation", "number_range_abuse"])
    assert v2.simulator.messages() == []
    assert v2.create()["status"] == "success"


def test_refused_retry_keeps_the_window(v2):
    created = v2.create()
    v2.simulator.script("retry", "blocked/repeated_attempts")
    refused = v2.create()
    assert (refused["status"], refused["id"]) == ("blocked", created["id"])
    assert v2.check(v2.code())["status"] == "success"


def test_retry_may_open_a_new_window(v2):
    created = v2.create()
    v2.simulator.script("retry", "success")
    answer = v2.create()
    assert (answer["status"], answer["id"] != created["id"]) == ("success", True)


def test_send_may_answer_retry(v2):
    v2.simulator.script("send", "retry")
    assert v2.create()["status"] == "retry"


def test_retry_may_be_challenged(v2):
    v2.create()
    v2.simulator.script("retry", "challenged")
    answer = v2.create()
    assert (answer["status"], answer["channels"]) == ("challenged", ["whatsapp"])


def test_calls_tell_sends_from_retries(v2):
    v2.create()
    v2.create()
    v2.create("nonsense")
    v2.check("1")
    assert v2.simulator.calls == {"send": 2, "retry": 1, "check": 1}


def test_messages_have_their_verification(v2):
    created = v2.create()
    (message,) = v2.simulator.messages(PHONE)
    assert message.authentication_uuid == created["id"]


# At the same time


def test_parallel_creates_share_one_window(v2):
    request = SimVerificationRequest(phone_number=PHONE)
    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(lambda _: v2.simulator.create(request), range(4)))
    assert len({one.id for one in created}) == 1
    assert sorted(one.status for one in created) == ["retry", "retry", "retry", "success"]


def test_parallel_right_codes_win_once(v2):
    v2.create()
    code = v2.code()
    with ThreadPoolExecutor(16) as pool:
        checked = list(pool.map(lambda _: v2.simulator.check_code(PHONE, code).status, range(40)))
    assert (checked.count("success"), checked.count("expired_or_not_found")) == (1, 39)


def test_parallel_wrong_codes_are_counted_exactly(v2):
    v2.create()
    wrong = v2.wrong_code()

    def check(_):
        try:
            return v2.simulator.check_code(PHONE, wrong).status
        except ProviderError as error:
            return error.code

    with ThreadPoolExecutor(16) as pool:
        checked = list(pool.map(check, range(40)))
    assert (checked.count("failure"), checked.count("too_many_checks")) == (5, 1)
    assert checked.count("expired_or_not_found") == 34
