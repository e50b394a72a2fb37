"""Special numbers and scripts in the words of either version."""

import pytest

from django_ding.sandbox.special_numbers import ANSWERS, SPECIAL_NUMBERS
from django_ding.sandbox.translation import REASONS, V2_ANSWERS, to_v1, to_v1_error, to_v2, to_v2_error


def result(answer):
    status = answer.get("status") or answer["code"]
    return f"{status}/{answer['reason']}" if "reason" in answer else status


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (10, "blocked/repeated_attempts"),
        (11, "blocked/suspicious"),
        (12, "blocked/in_block_list"),
        (13, "blocked/invalid_phone_line"),
        (14, "unsupported_country"),
        (15, "blocked/invalid_phone_number"),
        (16, "insufficient_balance"),
        (17, "suspended_account"),
        (18, "spending_limit_exceeded"),
        (19, "invalid_api_key"),
        (29, "internal"),
        (74, "blocked/invalid_signature"),
        (75, "blocked/expired_signature"),
        (76, "challenged"),
        (77, "shadow_blocked/suspicious"),
        (78, "success"),
        (79, "success"),
        (82, "too_many_attempts"),
        (83, "invalid_line_type"),
        (84, "channel_not_enabled_in_region"),
        (85, "template_not_found"),
        (86, "invalid_bearer_token"),
        (87, "undocumented_error"),
    ],
)
def test_send_outcome(v2, last_digits, outcome):
    assert result(v2.create(f"+120255501{last_digits}")) == outcome


def test_send_reaches_every_reason():
    reached = {special.outcome("send", "v2") for special in SPECIAL_NUMBERS.values()}
    assert {f"blocked/{reason}" for reason in REASONS} <= reached


def test_nothing_is_silent_where_a_message_is_requested(v2):
    assert v2.create("+12025550178", options={"method": "message"})["method"] == "message"


def test_silent_and_voice(v2):
    assert v2.create("+12025550178")["method"] == "silent"
    assert v2.create("+12025550178")["method"] == "message"
    assert v2.create("+12025550179")["method"] == "voice"


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (36, "expired_or_not_found"),
        (37, "too_many_checks"),
        (38, "expired_or_not_found"),
        (39, "unknown"),
        (61, "expired_or_not_found"),
        (62, "impossible_code"),
        (63, "internal"),
        (80, "transaction_missing"),
        (81, "transaction_mismatch"),
    ],
)
def test_check_outcome(v2, last_digits, outcome):
    number = f"+120255501{last_digits}"
    v2.create(number)
    assert result(v2.check(v2.code(number), number)) == outcome


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (34, "retry"),
        (35, "blocked/suspicious"),
        (65, "retry"),
        (66, "too_many_attempts"),
        (67, "success"),
        (68, "success"),
        (69, "internal"),
    ],
)
def test_retry_outcome(v2, last_digits, outcome):
    v2.create(f"+120255501{last_digits}")
    assert result(v2.create(f"+120255501{last_digits}")) == outcome


@pytest.mark.parametrize(("last_digits", "status"), [(88, 500), (89, 429)])
def test_history_and_watch_faults(v2, last_digits, status):
    number = f"+120255501{last_digits}"
    v2.history(v2.create(number)["id"])
    assert v2.response.status_code == status
    target = {"type": "phone_number", "value": number}
    v2.request("POST", "watch/predict", target=target)
    assert v2.response.status_code == status


@pytest.mark.parametrize(
    ("operation", "word", "v1", "v2"),
    [
        ("send", "pending", "pending", "success"),
        ("send", "blocked", "spam_detected", "blocked/suspicious"),
        ("send", "shadow_blocked", "pending", "shadow_blocked/suspicious"),
        ("send", "shadow_blocked/in_block_list", "pending", "shadow_blocked/in_block_list"),
        ("send", "too_many_attempts", "rate_limited", "too_many_attempts"),
        ("send", "internal", "internal_server_error", "internal"),
        ("send", "bad_request", "bad_request", "invalid_request"),
        ("send", "invalid_locale", "bad_request", "invalid_locale"),
        ("send", "unauthorized_sender_id", "unauthorized_sender_id", "invalid_sender_id"),
        ("send", "garbage", "garbage", "garbage"),
        ("check", "success", "valid", "success"),
        ("check", "failure", "invalid", "failure"),
        ("check", "too_many_checks", "rate_limited", "too_many_checks"),
        ("check", "transaction_missing", "unknown", "transaction_missing"),
        ("retry", "retry", "approved", "retry"),
        ("retry", "blocked/in_block_list", "denied", "blocked/in_block_list"),
        ("retry", "success", "expired_auth", "success"),
        ("retry", "no_attempt", "no_attempt", "normal"),
        ("lookup", "isp", "InternetServiceProvider", "isp"),
        ("lookup", "VPN", "VPN", "vpn"),
        ("status", "server_error", "server_error", "server_error"),
    ],
)
def test_translation(operation, word, v1, v2):
    assert (to_v1(operation, word), to_v2(operation, word)) == (v1, v2)


@pytest.mark.parametrize(
    ("v2", "v1"),
    [
        *[(code, "account_invalid") for code in ("missing_api_token", "invalid_api_token", "invalid_api_key")],
        ("invalid_bearer_token", "account_invalid"),
        ("invalid_request", "bad_request"),
        ("invalid_phone_number", "invalid_phone_number"),
        ("invalid_line_type", "invalid_line"),
        ("unsupported_country", "unsupported_region"),
        ("channel_not_enabled_in_region", "unsupported_region"),
        ("insufficient_balance", "negative_balance"),
        ("suspended_account", "suspended_account"),
        ("spending_limit_exceeded", "spending_limit_exceeded"),
        ("impossible_code", "impossible_code"),
        *[(code, "bad_request") for code in ("custom_code_not_allowed", "custom_size_conflict", "invalid_code_size")],
        ("email_verification_not_allowed", "bad_request"),
        *[(f"invalid_app_realm{part}", "invalid_app_realm") for part in ("", "_platform", "_value")],
        *[(f"invalid_{name}", "bad_request") for name in ("callback_url", "correlation_id", "locale")],
        *[(code, code) for code in ("invalid_sender_id", "invalid_device_id", "invalid_os_version")],
        ("invalid_template_id", "invalid_template_id"),
        *[(f"template_{end}", "invalid_template_id") for end in ("not_found", "not_registered_in_country")],
        ("invalid_template_variables", "invalid_template_id"),
        ("internal", "internal_server_error"),
    ],
)
def test_errors_of_version_2_in_version_1(v2, v1):
    assert to_v1_error(v2) == v1


@pytest.mark.parametrize(
    ("v1", "v2"),
    [
        ("bad_request", "invalid_request"),
        ("account_invalid", "invalid_api_key"),
        ("negative_balance", "insufficient_balance"),
        ("suspended_account", "suspended_account"),
        ("invalid_line", "invalid_line_type"),
        ("unsupported_region", "unsupported_country"),
        ("blocked_number", "invalid_request"),
        ("invalid_auth_uuid", "invalid_request"),
        ("invalid_app_realm", "invalid_app_realm"),
        ("app_realm_require_device_type", "invalid_app_realm"),
        ("unsupported_app_realm_device_type", "invalid_app_realm_platform"),
        ("invalid_app_version", "invalid_request"),
        ("unauthorized_sender_id", "invalid_sender_id"),
        ("no_associated_auth_found", "invalid_request"),
        ("internal_server_error", "internal"),
        ("normal", "normal"),
    ],
)
def test_errors_of_version_1_in_version_2(v1, v2):
    assert to_v2_error(v1) == v2


@pytest.mark.parametrize("operation", ANSWERS)
def test_each_word_of_one_version_is_one_of_the_other(operation):
    """A status of one version is never answered by the other as it is, unless that has it, too."""
    first, second = set(ANSWERS[operation]), set(V2_ANSWERS.get(operation, ()))
    if operation in ("send", "check", "retry", "lookup"):
        assert {to_v1(operation, word) for word in second} & (second - first) == set()
        assert {to_v2(operation, word) for word in first} & (first - second) <= {"unknown"}


def test_script_takes_the_words_of_either_version(v2, client):
    v2.simulator.script("send", "spam_detected", "blocked/in_block_list", "blocked/suspicious", "blocked_number")
    assert result(v2.create()) == "blocked/suspicious"
    assert client.send()["code"] == "blocked_number"
    assert client.send()["status"] == "spam_detected"
    assert result(v2.create()) == "blocked/in_block_list"
