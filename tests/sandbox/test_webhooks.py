import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.memory import SimSendRequest
from django_ding.sandbox.webhooks import WebhookDispatcher

from .helpers import PHONE

CLOSED_PORT = "http://127.0.0.1:1/"


class Receiver(ThreadingHTTPServer):
    """Remembers the webhooks it gets, and answers with ``statuses``, then with 200."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got, self.statuses, self.arrived = [], [], threading.Semaphore(0)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook?secret=1"

    @property
    def types(self):
        return [event["type"] for event in self.got]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))
        self.server.path, self.server.headers = self.path, self.headers
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.server.arrived.release()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def dispatcher(simulator):
    return simulator.webhooks


def test_webhooks_follow_the_message(client, dispatcher, receiver, clock):
    client.send(callback_url=receiver.url)
    assert dispatcher.run_due() == 3
    assert receiver.types == ["authentication", "attempt", "delivery_status"]
    clock.move(1)
    dispatcher.run_due()
    clock.move(1)
    dispatcher.run_due()
    assert [event.get("status") for event in receiver.got[2:]] == ["submitted", "in_transit", "delivered"]
    assert len(dispatcher) == 0


def test_webhook_of_an_authentication_is_as_documented(client, dispatcher, receiver):
    uuid = client.send(callback_url=receiver.url, correlation_id="ours")["authentication_uuid"]
    dispatcher.run_due()
    event = receiver.got[0]
    assert re.fullmatch(r"[0-9a-f-]{36}", event.pop("id"))
    assert event == {
        "auth_uuid": uuid,
        "type": "authentication",
        "recipient_phone_number": PHONE,
        "price": {"amount": 0.009, "currency": "EUR"},
        "time": "2026-03-01T12:00:00+0000",
        "correlation_id": "ours",
    }
    assert (receiver.path, receiver.headers["Content-Type"]) == ("/hook?secret=1", "application/json")


def test_webhooks_of_a_message_name_attempt_and_carrier(client, dispatcher, receiver):
    client.send(callback_url=receiver.url)
    dispatcher.run_due()
    _, attempt, delivery = receiver.got
    assert attempt["delivery_status"] == "submitted"
    assert attempt["attempt_id"] == delivery["attempt_id"]
    assert set(attempt["carrier_information"]) == {"mcc", "mnc"}
    assert "correlation_id" not in attempt


def test_webhooks_have_ids_of_their_own(client, dispatcher, receiver, clock):
    client.send(callback_url=receiver.url)
    clock.move(5)
    dispatcher.run_due()
    assert len({event["id"] for event in receiver.got}) == len(receiver.got) == 5


def test_a_refused_send_tells_of_the_authentication_only(client, dispatcher, receiver, clock):
    client.send("+12025550111", callback_url=receiver.url)
    clock.move(5)
    dispatcher.run_due()
    assert receiver.types == ["authentication"]


def test_a_retry_tells_of_its_attempt(client, dispatcher, receiver, clock):
    uuid = client.send(callback_url=receiver.url)["authentication_uuid"]
    clock.move(30)
    client.retry(uuid)
    dispatcher.run_due()
    assert receiver.types.count("authentication") == 1
    assert receiver.types.count("attempt") == 2


def test_no_callback_url_means_no_webhook(client, dispatcher):
    client.send()
    assert len(dispatcher) == 0


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
def test_anything_but_200_is_delivered_again_with_the_same_id(dispatcher, receiver, clock, status):
    receiver.statuses = [status]
    dispatcher.post(receiver.url, {"id": "1", "type": "attempt"}, at=clock())
    assert dispatcher.run_due() == 1
    assert dispatcher.run_due() == 0
    clock.move(1)
    assert dispatcher.run_due() == 1
    assert [event["id"] for event in receiver.got] == ["1", "1"]
    assert len(dispatcher) == 0


def test_delays_double_up_to_a_cap_and_then_it_gives_up(clock, caplog):
    dispatcher = WebhookDispatcher(Options(webhook_attempts=9), clock=clock, background=False)
    dispatcher.post(CLOSED_PORT, {"recipient_phone_number": PHONE}, at=clock())
    waits, waited = [], 0
    while len(dispatcher):
        if dispatcher.run_due():
            waits.append(waited)
            waited = 0
        clock.move(1)
        waited += 1
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert "given up after 9 tries" in caplog.text
    assert PHONE not in caplog.text


def test_queue_is_bounded(clock, caplog):
    dispatcher = WebhookDispatcher(Options(webhook_queue=2), clock=clock, background=False)
    for _ in range(3):
        dispatcher.post(CLOSED_PORT, {}, at=clock())
    assert len(dispatcher) == 2
    assert "lost" in caplog.text


@pytest.mark.parametrize(
    "url", ["http://[::1", "https://127.0.0.1:1/", "http://127.0.0.1:port/", "http://127.0.0.1:1/\t"]
)
def test_unusable_addresses_do_no_harm(dispatcher, clock, url):
    dispatcher.post(url, {}, at=clock())
    assert dispatcher.run_due() == 1
    assert len(dispatcher) == 1


def test_an_answer_that_is_not_http_does_no_harm(dispatcher, clock):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            opened, _ = listening.accept()
            opened.recv(65536)
            opened.sendall(b"nonsense\r\n\r\n")
            opened.close()

        thread = threading.Thread(target=answer)
        thread.start()
        dispatcher.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", {}, at=clock())
        dispatcher.run_due()
        thread.join()
    assert len(dispatcher) == 1


def test_reset_forgets_waiting_webhooks(client, simulator):
    client.send(callback_url=CLOSED_PORT)
    simulator.reset()
    assert len(simulator.webhooks) == 0


def test_background_thread_delivers_by_itself(receiver):
    simulator = Simulator(Options(in_transit_after=0, delivered_after=0))
    simulator.send(SimSendRequest(phone_number=PHONE, callback_url=receiver.url))
    for _ in range(5):
        assert receiver.arrived.acquire(timeout=5)
    simulator.close()
    assert receiver.types == ["authentication", "attempt"] + ["delivery_status"] * 3


def test_background_thread_notices_that_the_clock_was_moved(receiver, clock):
    simulator = Simulator(clock=clock)
    simulator.webhooks.post(receiver.url, {"type": "late"}, at=clock())
    assert receiver.arrived.acquire(timeout=5)
    due = clock()
    simulator.webhooks.post(receiver.url, {"type": "later"}, at=due.replace(hour=20))
    clock.move(60 * 60 * 9)
    assert receiver.arrived.acquire(timeout=5)
    assert receiver.types == ["late", "later"]
    simulator.close()


def test_closed_courier_takes_nothing(simulator, clock, caplog):
    simulator.close()
    simulator.webhooks.post(CLOSED_PORT, {}, at=clock())
    assert len(simulator.webhooks) == 0
    assert "closed" in caplog.text


@pytest.fixture
def sends(make, receiver):
    """Return a function that sends with a simulator of some options, and returns its client."""

    def send(**options):
        client = make(**options)
        client.send(callback_url=receiver.url)
        return client

    return send


def story(receiver):
    return [event.get("status", event["type"]) for event in receiver.got]


def test_webhooks_late(sends, receiver, clock):
    dispatcher = sends(webhook_delay=60).simulator.webhooks
    clock.move(59)
    assert dispatcher.run_due() == 0
    clock.move(3)
    dispatcher.run_due()
    assert story(receiver) == ["authentication", "attempt", "submitted", "in_transit", "delivered"]


def test_webhooks_doubled(sends, receiver, clock):
    dispatcher = sends(webhook_copies=2).simulator.webhooks
    assert dispatcher.run_due() == 6
    ids = [event["id"] for event in receiver.got]
    assert ids[::2] == ids[1::2]
    assert len(set(ids)) == 3


def test_webhooks_reversed(sends, receiver, clock):
    dispatcher = sends(webhook_order="reversed").simulator.webhooks
    dispatcher.run_due()
    assert story(receiver) == ["delivered"]
    clock.move(2)
    dispatcher.run_due()
    assert story(receiver) == ["delivered", "in_transit", "submitted", "attempt", "authentication"]


def test_webhooks_of_a_message_name_its_price(sends, receiver):
    sends(price_amount=1, attempt_price_amount=2).simulator.webhooks.run_due()
    assert [event["price"]["amount"] for event in receiver.got] == [1, 2, 2]
