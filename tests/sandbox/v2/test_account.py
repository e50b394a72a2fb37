"""Lookup, Watch, lists of numbers, sandbox numbers, Sender IDs."""

import pytest

from django_ding.sandbox.special_numbers import SPECIAL_NUMBERS

from ..helpers import PHONE, target

NUMBERS = "verification/management/phone-numbers"
SENDERS = "verification/management/sender-id"


def test_lookup(v2):
    answer = v2.lookup()
    assert answer.pop("request_id")
    network = answer["network_info"]
    assert (network["carrier_name"], network["mcc"]) == ("Sandbox Mobile", "208")
    assert answer == {
        "phone_number": PHONE,
        "country_code": "FR",
        "network_info": network,
        "original_network_info": network,
        "flags": [],
        "line_type": "mobile",
    }


def test_lookup_caller_name_on_request(v2):
    assert v2.lookup(query="type=cnam")["caller_name"] == "Caller 5678"
    assert v2.lookup(query="type=hlr")["code"] == "invalid_request"
    assert v2.lookup("nonsense")["code"] == "invalid_phone_number"


def test_lookup_of_special_numbers(v2):
    assert v2.lookup("+12025550142")["line_type"] == "isp"
    assert v2.lookup("+12025550159")["flags"] == ["temporary"]
    assert v2.lookup("+12025550160")["flags"] == ["ported"]
    assert v2.lookup("+12025550116")["code"] == "insufficient_balance"


def test_lookup_reaches_every_line_type(v2):
    numbers = [number for number, special in SPECIAL_NUMBERS.items() if special.description.startswith("Lookup says `")]
    assert len({v2.lookup(number)["line_type"] for number in numbers}) == 19


def test_predict(v2):
    answer = v2.request("POST", "watch/predict", target=target(PHONE), dispatch_id="d" * 36)
    assert answer["id"].startswith("prd_")
    assert (answer["prediction"], "risk_factors" in answer) == ("legitimate", False)


@pytest.mark.parametrize(
    ("number", "factor"), [("+12025550111", "ip_reputation"), ("+12025550159", "temporary_phone_number")]
)
def test_predict_suspicious(v2, number, factor):
    answer = v2.request("POST", "watch/predict", target=target(number))
    assert answer["prediction"] == "suspicious"
    assert factor in answer["risk_factors"]


EVENT = {"target": target(PHONE), "label": "account.banned", "confidence": "minimum"}
FEEDBACK = {"target": target(PHONE), "type": "verification.completed", "metadata": {"correlation_id": "ours"}}


def test_events_and_feedbacks_are_taken(v2):
    assert v2.request("POST", "watch/event", events=[EVENT] * 100)["status"] == "success"
    assert v2.request("POST", "watch/feedback", feedbacks=[FEEDBACK])["status"] == "success"


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("event", {}, "invalid_request"),
        ("event", {"events": [1]}, "invalid_request"),
        ("event", {"events": []}, "empty_batch"),
        ("event", {"events": [EVENT] * 101}, "batch_size_exceeded"),
        ("event", {"events": [{**EVENT, "label": None}]}, "invalid_request"),
        ("event", {"events": [{**EVENT, "confidence": "sure"}]}, "invalid_request"),
        ("event", {"events": [{**EVENT, "target": target("1")}]}, "invalid_phone_number"),
        ("feedback", {"feedbacks": [{**FEEDBACK, "type": "onboarded"}]}, "invalid_request"),
        ("feedback", {"feedbacks": [{**FEEDBACK, "type": None}]}, "invalid_request"),
        ("feedback", {"feedbacks": [{**FEEDBACK, "metadata": {"correlation_id": "x" * 81}}]}, "invalid_correlation_id"),
        ("predict", {"target": target(PHONE), "dispatch_id": "short"}, "invalid_request"),
    ],
)
def test_watch_refuses(v2, path, fields, code):
    assert v2.request("POST", f"watch/{path}", **fields)["code"] == code


@pytest.mark.parametrize(("last_digits", "code"), [(71, "invalid_request"), (73, "internal")])
def test_feedback_outcome(v2, last_digits, code):
    feedback = {**FEEDBACK, "target": target(f"+120255501{last_digits}")}
    assert v2.request("POST", "watch/feedback", feedbacks=[feedback])["code"] == code


def test_list_of_numbers(v2):
    assert v2.request("POST", f"{NUMBERS}/block", phone_number=PHONE)["phone_number"] == PHONE
    v2.request("POST", f"{NUMBERS}/block", phone_number=PHONE)
    listed = v2.request("GET", f"{NUMBERS}/block")["phone_numbers"]
    assert listed == [{"phone_number": PHONE, "created_at": "2026-03-01T12:00:00Z"}]
    assert v2.request("GET", f"{NUMBERS}/allow")["phone_numbers"] == []
    for _ in range(2):
        assert v2.request("DELETE", f"{NUMBERS}/block", phone_number=PHONE)["phone_number"] == PHONE
    assert v2.request("GET", f"{NUMBERS}/block")["phone_numbers"] == []


def test_list_must_exist(v2):
    assert v2.request("GET", f"{NUMBERS}/grey")["code"] == "invalid_request"
    assert v2.request("POST", f"{NUMBERS}/block", phone_number="1")["code"] == "invalid_phone_number"


def test_blocked_number_is_refused(v2):
    v2.request("POST", f"{NUMBERS}/block", phone_number=PHONE)
    answer = v2.create()
    assert (answer["status"], answer["reason"]) == ("blocked", "in_block_list")
    assert v2.history(answer["id"])["phone_number_condition"] == "block_listed"


def test_allowed_number_passes_antifraud(v2):
    for number in ("+12025550110", "+12025550111", "+12025550113"):
        v2.request("POST", f"{NUMBERS}/allow", phone_number=number)
    assert v2.create("+12025550110")["status"] == v2.create("+12025550111")["status"] == "success"
    assert v2.create("+12025550113")["reason"] == "invalid_phone_line"


def test_sandbox_number_has_its_code_alone(v2):
    added = v2.request("PUT", f"{NUMBERS}/sandbox", phone_number=PHONE, attempt_code="424242")
    assert (added["phone_number"], added["attempt_code"]) == (PHONE, "424242")
    v2.create()
    assert v2.check("111111")["status"] == "failure"
    assert v2.check("424242")["status"] == "success"
    assert v2.list()["verifications"][0]["phone_number_condition"] == "sandboxed"


def test_sandbox_numbers_are_listed_replaced_and_removed(v2):
    for code in ("1111", "2222"):
        v2.request("PUT", f"{NUMBERS}/sandbox", phone_number=PHONE, attempt_code=code)
    listed = v2.request("GET", f"{NUMBERS}/sandbox")["phone_numbers"]
    assert listed == [{"phone_number": PHONE, "attempt_code": "2222", "created_at": "2026-03-01T12:00:00Z"}]
    for _ in range(2):
        assert v2.request("DELETE", f"{NUMBERS}/sandbox/%2B33612345678")["phone_number"] == PHONE
    assert v2.request("GET", f"{NUMBERS}/sandbox")["phone_numbers"] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"phone_number": PHONE}, "invalid_request"),
        ({"phone_number": PHONE, "attempt_code": "12"}, "invalid_code_size"),
        ({"phone_number": "1", "attempt_code": "1234"}, "invalid_phone_number"),
    ],
)
def test_sandbox_number_needs_both(v2, fields, code):
    assert v2.request("PUT", f"{NUMBERS}/sandbox", **fields)["code"] == code


def test_sender_ids(make_v2):
    client = make_v2(sender_ids=["Shop"])
    assert client.request("POST", SENDERS, sender_id="Shop")["status"] == "approved"
    assert client.request("POST", SENDERS, sender_id="Other")["status"] == "pending"
    assert client.request("POST", SENDERS, sender_id="!")["code"] == "invalid_sender_id"
    assert client.request("GET", SENDERS)["sender_ids"] == [
        {"sender_id": "Shop", "status": "approved"},
        {"sender_id": "Other", "status": "pending"},
    ]


def test_lists_are_bounded_and_forgotten(make_v2):
    client = make_v2(max_authentications=2)
    for digit in range(4):
        client.request("POST", f"{NUMBERS}/allow", phone_number=f"+1202555010{digit}")
    assert len(client.simulator.listed_numbers("allow")) == 2
    client.simulator.reset()
    assert client.simulator.listed_numbers("allow") == {}
