"""Enveloped and signed webhooks. OpenSSL verifies the signature, which cryptography has made."""

import base64
import json
import re
import shutil
import subprocess
import sys

import pytest

from ..test_webhooks import receiver  # noqa: F401 - a fixture

NANOSECONDS = re.compile(r"2026-03-01T12:00:0[0-9]\.[0-9]{9}Z")


@pytest.fixture
def events(make_v2, receiver, clock):  # noqa: F811
    client = make_v2()
    client.created = client.create(
        metadata={"correlation_id": "ours"}, options={"callback_url": receiver.url, "method": "voice"}
    )
    clock.move(5)
    client.simulator.webhooks.run_due()
    receiver.client = client
    return receiver


def test_webhooks_are_enveloped(events):
    assert events.types == ["verify.authentication", "verify.attempt"] + ["verify.delivery_status"] * 3
    assert len({event["id"] for event in events.got}) == 5
    for event in events.got:
        assert set(event) == {"id", "type", "payload", "created_at"}
        assert event["id"].startswith("evt_")
        assert NANOSECONDS.fullmatch(event["created_at"])
        payload = event["payload"]
        assert payload["verification_id"] == events.client.created["id"]
        assert payload["target"] == {"type": "phone_number", "value": "+33612345678"}
        assert payload["metadata"] == {"correlation_id": "ours"}
        assert NANOSECONDS.fullmatch(payload["time"])


def test_webhooks_name_attempt_channel_carrier_and_price(events):
    created, attempt, *deliveries = (event["payload"] for event in events.got)
    assert created["price"] == {"amount": 0.009, "currency": "EUR"}
    assert (attempt["channel"], attempt["delivery_status"]) == ("voice", "submitted")
    assert set(attempt["carrier_information"]) == {"mcc", "mnc"}
    assert attempt["id"].startswith("att_")
    assert {delivery["attempt_id"] for delivery in deliveries} == {attempt["id"]}
    assert [delivery["status"] for delivery in deliveries] == ["submitted", "in_transit", "delivered"]


def test_webhook_without_metadata(make_v2, receiver):  # noqa: F811
    client = make_v2()
    client.create(options={"callback_url": receiver.url})
    client.simulator.webhooks.run_due()
    assert "metadata" not in receiver.got[0]["payload"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")
def test_signature_is_right_for_openssl(events, tmp_path):
    scheme, _, signature = events.headers["X-Webhook-Signature"].partition("=")
    assert scheme == "rsassa-pss-sha256"
    (tmp_path / "key.pem").write_text(events.client.simulator.public_key)
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature))
    (tmp_path / "body").write_bytes(json.dumps(events.got[-1]).encode())
    padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
    command = ["openssl", "dgst", "-sha256", *padding, "-verify", "key.pem", "-signature", "signature", "body"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout == b"Verified OK\n"
    (tmp_path / "body").write_bytes(b"altered")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_key_is_of_the_simulator_and_survives_a_reset(make_v2):
    simulator, other = make_v2().simulator, make_v2().simulator
    key = simulator.public_key
    assert key.startswith("-----BEGIN PUBLIC KEY-----")
    simulator.reset()
    assert simulator.public_key == key != other.public_key


def test_key_is_served_beside_the_inbox(v2):
    v2.call("GET", "/webhook-key.pem", headers={})
    assert v2.response.content.decode() == v2.simulator.public_key
    assert v2.response["Content-Type"] == "application/x-pem-file"


def test_signing_can_be_switched_off(make_v2, receiver):  # noqa: F811
    client = make_v2(sign_webhooks=False)
    client.create(options={"callback_url": receiver.url})
    client.simulator.webhooks.run_due()
    assert "X-Webhook-Signature" not in receiver.headers
    assert client.simulator.public_key is None
    client.call("GET", "/webhook-key.pem", headers={})
    assert client.response.status_code == 404


def test_version_1_signs_nothing(client, receiver):  # noqa: F811
    client.send(callback_url=receiver.url)
    client.simulator.webhooks.run_due()
    assert "X-Webhook-Signature" not in receiver.headers


def test_without_cryptography_nothing_is_signed():
    """In a process of its own, which cannot import it."""
    program = """
import sys
sys.modules["cryptography"] = None
from django_ding.sandbox.simulator import Simulator
simulator = Simulator(background=False)
print(simulator.public_key, simulator._sign(b"body"))
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output == "None None\n"


def test_key_goes_along_with_what_is_remembered(make_v2):
    simulator, other, keyless = (make_v2().simulator for _ in range(3))
    key = simulator.public_key
    other.load(simulator.dump())
    assert other.public_key == key
    assert key not in repr(vars(other))
    other.load(keyless.dump())
    assert other.public_key != key
