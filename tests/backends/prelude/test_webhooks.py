"""Webhooks of version 2: the envelope of each event, and signatures made by OpenSSL."""

import base64
import json
import shutil
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from requests.structures import CaseInsensitiveDict

from django_ding.backends.types import AttemptStatus, Channel, DeliveryStatus, EventType, WebhookRequest
from django_ding.exceptions import InvalidWebhook

ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
TIME = "2025-03-04T17:59:21.163921113Z"
CREATED = "2025-03-04T18:00:00Z"


def envelope(event_type="verify.delivery_status", **payload):
    payload = {
        "verification_id": ID,
        "target": {"type": "phone_number", "value": "+33612345678"},
        "price": {"amount": 0.03, "currency": "EUR"},
        "metadata": {"correlation_id": "order-1"},
        "time": TIME,
        **payload,
    }
    return {"id": "evt_1", "type": event_type, "payload": payload, "created_at": CREATED}


def webhook(content, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WebhookRequest(url="https://example.com/", headers=CaseInsensitiveDict(headers), body=body)


@pytest.fixture
def parse(backend):
    def parse(content):
        (event,) = backend.parse_webhook(webhook(content))
        return event

    return parse


# The envelope.


def test_common_fields(parse):
    event = parse(envelope("verify.authentication", price={"amount": 0.009, "currency": "EUR"}))
    assert (event.type, event.id, event.authentication_uuid) == (EventType.AUTHENTICATION, "evt_1", ID)
    assert event.correlation_id == "order-1"
    assert (event.price.amount, event.price.currency) == (Decimal("0.009"), "EUR")
    assert event.created_at == datetime(2025, 3, 4, 17, 59, 21, 163921, tzinfo=UTC)
    assert "612345678" not in repr(event)


@pytest.mark.parametrize(
    ("delivery", "status"),
    [
        ("submitted", AttemptStatus.PENDING),
        ("in_transit", AttemptStatus.PENDING),
        ("delivered", AttemptStatus.DELIVERED),
        ("undeliverable", AttemptStatus.FAILED),
        ("unknown", AttemptStatus.PENDING),
        (None, AttemptStatus.PENDING),
    ],
)
def test_attempt(parse, delivery, status):
    carrier = {"mcc": "208", "mnc": "01"}
    event = parse(
        envelope(
            "verify.attempt", id="att_1", delivery_status=delivery, carrier_information=carrier, channel="whatsapp"
        )
    )
    assert (event.type, event.attempt_id, event.status) == (EventType.ATTEMPT, "att_1", status)
    assert (event.channel, event.details) == (Channel.WHATSAPP, {"carrier": {"network": "20801"}})


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("submitted", DeliveryStatus.SUBMITTED),
        ("in_transit", DeliveryStatus.IN_TRANSIT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("undeliverable", DeliveryStatus.UNDELIVERABLE),
        ("unknown", DeliveryStatus.UNKNOWN),
        ("brand_new", DeliveryStatus.UNKNOWN),
    ],
)
def test_delivery_status(parse, word, status):
    event = parse(envelope(id="dls_1", attempt_id="att_1", status=word))
    assert (event.type, event.attempt_id, event.status) == (EventType.DELIVERY_STATUS, "att_1", status)


@pytest.mark.parametrize("event_type", ["transactional.message.delivered", "brand.new", "attempt", None, 7])
def test_unknown_types_do_not_hurt(parse, event_type):
    event = parse({**envelope(), "type": event_type})
    assert event.type == (event_type if "." in str(event_type) else "unknown")


def test_absent_parts_do_not_hurt(parse):
    for event_type in ("verify.authentication", "verify.attempt", "verify.delivery_status"):
        for content in (
            {"type": event_type},
            {"type": event_type, "payload": None},
            {"type": event_type, "payload": {}},
        ):
            event = parse(content)
            assert (event.id, event.price, event.correlation_id, event.created_at) == (None, None, None, None)


def test_an_event_about_an_email_address_is_of_no_use(parse):
    content = envelope("verify.attempt")
    content["payload"]["target"] = {"type": "email_address", "value": "ada@example.com"}
    assert parse(content).authentication_uuid is None


def test_time_of_the_envelope_when_the_payload_has_none(parse):
    content = envelope()
    del content["payload"]["time"]
    assert parse(content).created_at == datetime(2025, 3, 4, 18, tzinfo=UTC)


# The signature.


class OpenSSL:
    """A key of OpenSSL's, which signs as the provider does."""

    def __init__(self, directory, bits=2048):
        self.directory = directory
        self.directory.mkdir()
        self._run("genrsa", "-out", "key.pem", str(bits))
        self._run("rsa", "-in", "key.pem", "-pubout", "-out", "public.pem")
        self.public_key = (directory / "public.pem").read_text()

    def sign(self, body, salt_length=32):
        (self.directory / "body").write_bytes(body)
        options = ("rsa_padding_mode:pss", f"rsa_pss_saltlen:{salt_length}")
        arguments = [argument for option in options for argument in ("-sigopt", option)]
        self._run("dgst", "-sha256", "-sign", "key.pem", *arguments, "-out", "signature", "body")
        return (self.directory / "signature").read_bytes()

    def _run(self, *arguments):
        program = shutil.which("openssl")
        if program is None:
            pytest.skip("openssl is not installed")
        subprocess.run([program, *arguments], cwd=self.directory, check=True, capture_output=True)


@pytest.fixture(scope="module")
def openssl(tmp_path_factory):
    return OpenSSL(tmp_path_factory.mktemp("keys") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return OpenSSL(tmp_path_factory.mktemp("keys") / "other")


BODY = json.dumps(envelope()).encode()


def header(signature, encode=base64.urlsafe_b64encode):
    return "rsassa-pss-sha256=" + encode(signature).decode()


def is_accepted(backend, body, signature_header):
    headers = {} if signature_header is None else {"x-webhook-signature": signature_header}
    try:
        return len(backend.parse_webhook(webhook(body, **headers))) == 1
    except InvalidWebhook as error:
        return error.code != "bad_signature"


def test_a_signature_of_openssl(make_backend, openssl):
    backend = make_backend(webhook_public_keys=openssl.public_key)
    assert is_accepted(backend, BODY, header(openssl.sign(BODY)))


@pytest.mark.parametrize("salt_length", [20, 32, 64])
def test_any_length_of_the_salt(make_backend, openssl, salt_length):
    backend = make_backend(webhook_public_keys=[openssl.public_key])
    assert is_accepted(backend, BODY, header(openssl.sign(BODY, salt_length)))


def test_both_alphabets_with_and_without_padding(make_backend, openssl):
    backend, signature = make_backend(webhook_public_keys=[openssl.public_key]), openssl.sign(BODY)
    for encode in (base64.urlsafe_b64encode, base64.b64encode):
        for shown in (
            header(signature, encode),
            header(signature, encode).rstrip("="),
            f" {header(signature, encode)} ",
        ):
            assert is_accepted(backend, BODY, shown)


@pytest.mark.parametrize("size", [64 * 1024, 64 * 1024 + 1, 1024 * 1024])
def test_a_long_body(make_backend, openssl, size):
    body = json.dumps({**envelope(), "padding": "x" * size}).encode()
    backend = make_backend(webhook_public_keys=[openssl.public_key])
    assert is_accepted(backend, body, header(openssl.sign(body)))
    assert not is_accepted(backend, body[:-1] + b" }", header(openssl.sign(body)))


def test_what_is_not_the_providers(make_backend, openssl, other):
    backend, signature = make_backend(webhook_public_keys=[openssl.public_key]), openssl.sign(BODY)
    altered = bytes([signature[0] ^ 1]) + signature[1:]
    assert not is_accepted(backend, BODY + b" ", header(signature))
    assert not is_accepted(backend, BODY.replace(b"0.03", b"0.30"), header(signature))
    assert not is_accepted(backend, BODY, header(altered))
    assert not is_accepted(backend, BODY, header(other.sign(BODY)))
    for shown in (
        None,
        "",
        "rsassa-pss-sha256=",
        "rsassa-pss-sha256=A",
        "rsassa-pss-sha256=é",
        header(signature[:-1]),
        header(signature).replace("rsassa-pss-sha256", "hmac-sha256"),
        header(signature) + "!",
    ):
        assert not is_accepted(backend, BODY, shown)


def test_rotation_of_keys(make_backend, openssl, other):
    both = make_backend(webhook_public_keys=[other.public_key, openssl.public_key])
    new = make_backend(webhook_public_keys=[other.public_key])
    old_one, new_one = header(openssl.sign(BODY)), header(other.sign(BODY))
    assert is_accepted(both, BODY, old_one)
    assert is_accepted(both, BODY, new_one)
    assert not is_accepted(new, BODY, old_one)
    assert is_accepted(new, BODY, new_one)


def test_without_a_key_the_url_alone_is_the_lock(backend):
    assert is_accepted(backend, BODY, None)


@pytest.mark.parametrize("key", ["", "not a key", b"bytes", 7])
def test_a_key_that_is_none(make_backend, key):
    with pytest.raises(ImproperlyConfigured, match="key 1 is not an RSA public key in PEM"):
        make_backend(webhook_public_keys=[key])


def test_a_private_key_or_another_kind_is_none(make_backend, openssl, tmp_path):
    program = shutil.which("openssl")
    private = tmp_path / "ec.pem"
    subprocess.run([program, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private], check=True)
    shown = subprocess.run([program, "ec", "-in", private, "-pubout"], check=True, capture_output=True, text=True)
    for key in (shown.stdout, (openssl.directory / "key.pem").read_text()):
        with pytest.raises(ImproperlyConfigured) as raised:
            make_backend(webhook_public_keys=[key])
        assert "PRIVATE" not in str(raised.value)


def test_one_url_for_the_account_needs_a_key(make_backend, openssl):
    with pytest.raises(ImproperlyConfigured, match="webhook_public_keys"):
        make_backend(webhooks="per_account")
    assert make_backend(webhooks="per_account", webhook_public_keys=[openssl.public_key]).webhooks == "per_account"
    assert make_backend().webhooks == "per_request"
