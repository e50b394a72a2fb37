from concurrent.futures import ThreadPoolExecutor

import pytest

from django_ding.sandbox import Options, Simulator, configure, default_simulator
from django_ding.sandbox.base import CodeGenerator
from django_ding.sandbox.errors import ERRORS
from django_ding.sandbox.memory import SimSendRequest
from django_ding.sandbox.special_numbers import ANSWERS, FAULTS

from .helpers import PHONE


def test_messages_are_newest_first_and_found_by_number(client, simulator):
    client.send("+12025550100")
    client.send("+12025550101")
    assert [message.phone_number for message in simulator.messages()] == ["+12025550101", "+12025550100"]
    assert [message.phone_number for message in simulator.messages("+12025550100")] == ["+12025550100"]
    assert len(simulator.messages(limit=1)) == 1


def test_message_has_its_code_content_and_channel(client, simulator):
    uuid = client.send()["authentication_uuid"]
    (message,) = simulator.messages()
    assert message.code in message.content
    assert (message.channel, message.attempt_number) == ("sms", 1)
    assert message.authentication_uuid == uuid


def test_message_status_follows_the_clock(client, simulator, clock):
    client.send()
    seen = []
    for _ in range(4):
        seen.append(simulator.messages()[0].status)
        clock.move(1)
    assert seen == ["submitted", "in_transit", "delivered", "delivered"]


def test_message_status_is_unknown_before_the_first_report(make):
    client = make(submitted_after=1)
    client.send()
    assert client.simulator.messages()[0].status == "unknown"


def test_reprs_hold_no_code_and_no_full_number(client, simulator):
    uuid = client.send()["authentication_uuid"]
    message = simulator.messages()[0]
    client.check(uuid, message.code)
    inspected = simulator.inspect(uuid)
    for thing in (message, simulator, inspected, inspected.request, inspected.attempts, inspected.checks):
        assert message.code not in repr(thing)
        assert PHONE not in repr(thing)
    assert "+33*******78" in repr(message)


def test_seed_makes_codes_and_uuids_repeatable(make):
    first, second, other = make(seed=1), make(seed=1), make(seed=2)
    uuids = [client.send()["authentication_uuid"] for client in (first, second, other)]
    assert uuids[0] == uuids[1] != uuids[2]
    assert first.code() == second.code()


def test_code_generator_never_repeats_an_earlier_code():
    first = CodeGenerator(1).code(4)
    assert CodeGenerator(1).code(4, exclude=(first,)) != first


def test_reset_forgets_everything_but_listeners(client, simulator):
    heard = []
    simulator.subscribe(heard.append)
    client.send()
    simulator.script("send", "server_error")
    simulator.reset()
    assert (simulator.messages(), simulator.calls) == ([], {})
    assert client.send()["status"] == "pending"
    assert len(heard) == 2


def test_subscribers_hear_each_message_until_they_leave(client, simulator, clock):
    heard = []
    leave = simulator.subscribe(heard.append)
    uuid = client.send()["authentication_uuid"]
    clock.move(30)
    client.retry(uuid)
    leave()
    leave()
    client.send("+12025550100")
    assert [message.attempt_number for message in heard] == [1, 2]


def test_subscriber_may_ask_the_simulator_from_another_thread(client, simulator):
    with ThreadPoolExecutor(1) as pool:
        simulator.subscribe(lambda message: pool.submit(simulator.messages).result(timeout=5))
        assert client.send()["status"] == "pending"


def test_calls_count_every_request_even_refused_ones(client, simulator):
    client.send()
    client.send("nonsense")
    client.call("POST", "/v1/check", headers={})
    client.call("GET", "/v1/nowhere")
    assert simulator.calls == {"send": 2, "check": 1}
    simulator.calls["send"] = 99
    assert simulator.calls["send"] == 2


def test_memory_is_bounded_and_forgets_the_oldest(make, clock):
    client = make(max_authentications=3)
    uuids = [client.send(f"+1202555010{digit}")["authentication_uuid"] for digit in range(5)]
    assert len(client.simulator.messages()) == 3
    assert client.check(uuids[1], "000000")["code"] == "invalid_auth_uuid"
    assert client.check(uuids[2], "000000")["status"] in ("valid", "invalid")
    assert client.feedback("+12025550100")["code"] == "no_associated_auth_found"
    assert "3 authentications" in repr(client.simulator)


def test_memory_keeps_the_newest_authentication_of_a_number(make):
    client = make(max_authentications=2, stateless=False)
    for _ in range(3):
        client.send()
    assert "uuid" in client.feedback()


def test_refused_checks_do_not_fill_the_memory(client, simulator):
    uuid = client.send()["authentication_uuid"]
    for _ in range(150):
        client.check(uuid, client.wrong_code())
        client.retry(uuid)
    assert len(client.status(uuid)["events"]) < 250


def test_parallel_checks_are_counted_exactly(client):
    uuid = client.send()["authentication_uuid"]
    wrong = client.wrong_code()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.simulator.check(uuid, wrong), range(60)))
    assert (answers.count("invalid"), answers.count("rate_limited")) == (5, 55)


def test_parallel_right_codes_validate_once(client):
    uuid, code = client.send()["authentication_uuid"], client.code()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.simulator.check(uuid, code), range(40)))
    assert (answers.count("valid"), answers.count("already_validated")) == (1, 39)


def test_parallel_sends_to_one_number_share_one_message(simulator):
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda _: simulator.send(SimSendRequest(phone_number=PHONE)), range(40)))
    assert len({answer.authentication_uuid for answer in sent}) == 1
    assert [answer.status for answer in sent].count("pending") == 1
    assert len(simulator.messages()) == 1


@pytest.mark.parametrize("operation", ANSWERS)
def test_script_knows_every_answer_error_and_fault(simulator, operation):
    simulator.script(operation, "normal", *ANSWERS[operation], *ERRORS, *FAULTS)


def test_script_refuses_unknown_words_and_names_the_known(simulator):
    with pytest.raises(ValueError, match="Known: send, check"):
        simulator.script("dance", "pending")
    with pytest.raises(ValueError, match="spam_detected"):
        simulator.script("send", "pending", "valid")
    simulator.script("send")


def test_script_is_all_or_nothing(client, simulator):
    with pytest.raises(ValueError, match="nonsense"):
        simulator.script("send", "spam_detected", "nonsense")
    assert client.send()["status"] == "pending"


def test_script_decides_the_next_well_formed_calls_in_order(client, simulator):
    simulator.script("send", "spam_detected", "blocked_number", "normal", "rate_limited")
    client.send("nonsense")
    answers = [client.send(f"+1202555010{digit}") for digit in range(5)]
    assert [answer.get("status") or answer["code"] for answer in answers] == [
        "spam_detected",
        "blocked_number",
        "pending",
        "rate_limited",
        "pending",
    ]


def test_script_outranks_a_special_number(client, simulator):
    simulator.script("send", "pending", "normal")
    assert client.send("+12025550111")["status"] == "pending"
    assert client.send("+12025550111")["status"] == "spam_detected"


def test_scripted_valid_validates(client, simulator):
    uuid = client.send()["authentication_uuid"]
    simulator.script("check", "valid")
    assert client.check(uuid, client.wrong_code())["status"] == "valid"
    assert client.check(uuid, client.code())["status"] == "already_validated"


def test_default_simulator_is_shared_until_its_options_change():
    configure(Options())
    first = default_simulator()
    assert configure(Options()) is first
    second = configure(Options(code_length=4))
    assert second is default_simulator() is not first
    configure(Options())


def test_default_simulator_is_made_once_by_many_threads(monkeypatch):
    monkeypatch.setattr("django_ding.sandbox._default", None)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: id(default_simulator()), range(32)))
    assert len(made) == 1


def test_simulator_uses_real_time_and_randomness_by_default():
    simulator = Simulator()
    sent = simulator.send(SimSendRequest(phone_number=PHONE))
    assert sent.created_at.tzinfo is not None
    simulator.close()
