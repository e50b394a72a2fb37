import pytest

from django_ding import phone
from django_ding.sandbox.lookup import LINE_TYPES
from django_ding.sandbox.special_numbers import ANSWERS, SPECIAL_NUMBERS

FAR = "2026-03-02T12:00:00Z"


def result(answer):
    return answer.get("status") or answer.get("code")


def test_numbers_are_valid_and_lie_in_the_fictional_range():
    for number in SPECIAL_NUMBERS:
        assert phone.parse(number) == number
        assert "+12025550110" <= number <= "+12025550199"


@pytest.mark.parametrize("number", [f"+1202555010{digit}" for digit in range(10)])
def test_ordinary_numbers_go_the_whole_way(client, number):
    uuid = client.send(number)["authentication_uuid"]
    assert client.check(uuid, client.code(number))["status"] == "valid"
    assert "uuid" in client.feedback(number)


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (10, "rate_limited"),
        (11, "spam_detected"),
        (12, "blocked_number"),
        (13, "invalid_line"),
        (14, "unsupported_region"),
        (15, "invalid_phone_number"),
        (16, "negative_balance"),
        (17, "suspended_account"),
        (18, "spending_limit_exceeded"),
        (19, "account_invalid"),
    ],
)
def test_send_outcome(client, last_digits, outcome):
    assert result(client.send(f"+120255501{last_digits}")) == outcome
    assert client.simulator.messages() == []


@pytest.mark.parametrize("last_digits", [16, 17, 18, 19])
def test_account_errors_meet_lookup_too(client, last_digits):
    number = f"+120255501{last_digits}"
    assert client.lookup(number)["code"] == client.send(number)["code"]


@pytest.mark.parametrize(
    ("last_digits", "status"), [(20, "undeliverable"), (21, "in_transit"), (22, "unknown"), (23, "delivered")]
)
def test_delivery_ends_as_result(client, clock, last_digits, status):
    client.send(f"+120255501{last_digits}")
    clock.move(500)
    assert client.simulator.messages()[0].status == status


def test_channels(client):
    for last_digits in range(23, 28):
        client.send(f"+120255501{last_digits}")
    channels = [message.channel for message in client.simulator.messages()]
    assert channels == ["telegram", "zalo", "viber", "rcs", "whatsapp"]


def test_channels_take_turns(make, clock):
    client = make(channels=("sms", "whatsapp"))
    for _ in range(3):
        client.send()
        clock.move(30)
    assert [message.channel for message in client.simulator.messages()] == ["sms", "whatsapp", "sms"]


@pytest.mark.parametrize(
    ("last_digits", "status", "messages"),
    [(28, 200, 1), (29, 500, 0), (30, 429, 0), (31, "dropped", 1), (32, "dropped", 0), (33, 200, 1)],
)
def test_faults(client, last_digits, status, messages):
    client.send(f"+120255501{last_digits}")
    assert client.response.dropped is (status == "dropped")
    assert client.response.dropped or client.response.status_code == status
    assert len(client.simulator.messages()) == messages
    assert client.simulator.calls["send"] == 1


def test_next_retry_is_far_away(client):
    uuid = client.send("+12025550134")["authentication_uuid"]
    answer = client.retry(uuid)
    assert (answer["status"], answer["next_retry_at"]) == ("rate_limited", FAR)


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (36, "without_attempt"),
        (37, "rate_limited"),
        (38, "expired_auth"),
        (39, "unknown"),
        (61, "already_validated"),
        (62, "impossible_code"),
        (63, "internal_server_error"),
    ],
)
def test_check_outcome(client, last_digits, outcome):
    number = f"+120255501{last_digits}"
    uuid = client.send(number)["authentication_uuid"]
    assert result(client.check(uuid, client.code(number))) == outcome


def test_check_that_counts_but_is_dropped(client):
    uuid = client.send("+12025550164")["authentication_uuid"]
    client.check(uuid, client.code("+12025550164"))
    assert client.response.dropped
    assert client.simulator.inspect(uuid).validated


@pytest.mark.parametrize(
    ("last_digits", "outcome"),
    [
        (35, "denied"),
        (65, "no_attempt"),
        (66, "rate_limited"),
        (67, "expired_auth"),
        (68, "already_validated"),
        (69, "internal_server_error"),
    ],
)
def test_retry_outcome(client, clock, last_digits, outcome):
    uuid = client.send(f"+120255501{last_digits}")["authentication_uuid"]
    clock.move(30)
    assert result(client.retry(uuid)) == outcome
    assert len(client.simulator.messages()) == 1


def test_retry_that_sends_but_is_dropped(client, clock):
    uuid = client.send("+12025550170")["authentication_uuid"]
    clock.move(30)
    client.retry(uuid)
    assert client.response.dropped
    assert len(client.simulator.messages()) == 2


@pytest.mark.parametrize(
    ("last_digits", "code"),
    [(71, "no_associated_auth_found"), (72, "duplicated_feedback_status"), (73, "internal_server_error")],
)
def test_feedback_outcome(client, last_digits, code):
    client.send(f"+120255501{last_digits}")
    assert client.feedback(f"+120255501{last_digits}")["code"] == code


def test_lookup_reaches_every_line_type():
    reached = {special.outcomes.get("lookup") for special in SPECIAL_NUMBERS.values()}
    assert len(LINE_TYPES) == 19
    assert reached >= set(LINE_TYPES)


def test_lookup_of_special_numbers(client):
    assert client.lookup("+12025550140")["line_type"] == "CallingCards"
    assert client.lookup("+12025550158")["line_type"] == "Voip"
    assert client.lookup("+12025550159")["temporary_phone_number"] is True
    assert client.lookup("+12025550160")["number_ported"] is True


def test_every_answer_of_a_call_has_a_number_or_comes_by_itself():
    by_itself = {"pending", "valid", "invalid", "approved"}
    for operation in ("send", "check", "retry"):
        reached = {special.outcome(operation) for special in SPECIAL_NUMBERS.values()}
        assert set(ANSWERS[operation]) - by_itself <= reached
