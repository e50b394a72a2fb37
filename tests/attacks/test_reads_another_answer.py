"""A stranger wants the provider's answer to somebody else's request: a right code accepted in place of their own."""

import io
import json
import os
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from random import randrange

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from django_ding.backends.http import HttpClient
from django_ding.exceptions import BackendUnavailable
from django_ding.services import CheckStatus, check, send
from tests.attacks.answers import MadProvider
from tests.backends.helpers import API_KEY, CUSTOMER_UUID
from tests.backends.servers import Answer, Provider, answer

#: How many answers the slow test generates: 10,000, unless the environment says otherwise.
ANSWERS = int(os.environ.get("TEST_ANSWERS", "10000"))

OTHER_PHONE = "+447400123456"
INTERIM = [100, 102, 103, 199]


def interim(status):
    return f"HTTP/1.1 {status} Wait\r\nLink: </style.css>\r\n\r\n".encode()


@pytest.fixture
def provider(settings):
    with Provider() as provider:
        backend = {
            "BACKEND": "django_ding.backends.ding.DingBackend",
            "OPTIONS": {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID, "base_url": provider.url},
        }
        settings.DING = {"BACKENDS": {"default": backend}, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}
        yield provider


def opened(uuid):
    return answer({"authentication_uuid": uuid, "status": "pending"})


@pytest.mark.django_db
@pytest.mark.parametrize("status", INTERIM)
def test_wrong_code_is_not_answered_with_anothers_valid(provider, phone, status):
    provider.will(opened("a"), opened("b"))
    victim, thief = send(phone).authentication, send(OTHER_PHONE).authentication
    provider.will(
        Answer(data=interim(status), later=answer({"status": "valid"}).data),
        answer({"status": "invalid"}),
    )
    assert check(victim, "123456").status is CheckStatus.VALID
    assert check(thief, "999999").status is CheckStatus.INVALID


@pytest.mark.django_db
@pytest.mark.parametrize("status", INTERIM)
def test_number_does_not_get_anothers_id(provider, phone, status):
    provider.will(Answer(data=interim(status), later=opened("a").data), opened("b"))
    ids = [send(number).authentication.authentication_uuid for number in (phone, OTHER_PHONE)]
    assert ids == ["a", "b"]


@pytest.mark.parametrize(
    "left_over",
    [
        answer({"status": "valid"}).data,
        b"\r\n" + answer({"status": "valid"}).data,
        interim(103) + answer({"status": "valid"}).data,
        b"\r\n",
    ],
    ids=["answer", "line and answer", "interim answer", "line"],
)
@pytest.mark.parametrize(
    "first",
    [
        answer({"status": "invalid"}).data,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["length", "no content", "chunks"],
)
def test_second_answer_is_for_nobody(provider, first, left_over):
    provider.will(Answer(data=first + left_over), answer({"status": "invalid"}))
    client = HttpClient(provider.url)
    client.post("/check")
    assert client.post("/check").data == {"status": "invalid"}
    assert provider.connections == 2


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server's side of TLS, with a certificate that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
    )
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "both.pem").write_bytes(
        certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "certificate.pem").write_bytes(certificate)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    return context


def test_second_answer_in_a_record_of_tls_is_for_nobody(tls):
    """One record holds more than is read at a time, and what TLS keeps back isn't seen at the socket."""
    size = io.DEFAULT_BUFFER_SIZE
    head = len(answer(body=b" " * size).data) - size
    first = answer(body=b"{}".ljust(size - head)).data
    assert len(first) == size
    with Provider(tls) as provider:
        client = HttpClient(provider.url)
        for _ in range(3):
            client.post("/check")
        assert provider.connections == 1
        provider.will(Answer(data=first + answer({"status": "valid"}).data), answer({"status": "invalid"}))
        client.post("/check")
        assert client.post("/check").data == {"status": "invalid"}
        assert provider.connections == 2


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 20",
        "HTTP/1.1 200 OK\r\nContent-Length: -1",
        "HTTP/1.1 200 OK\r\nContent-Length: +2",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip",
        "HTTP/1.1 200 OK\r\nContent-Length : 2",
        "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2",
        "HTTP/1.1 200 OK\r\nX: a\rContent-Length: 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: \0",
        "HTTP/2 200 OK\r\nContent-Length: 2",
    ],
)
def test_answer_in_doubt_is_an_outage_and_its_connection_closed(provider, head):
    provider.will(Answer(data=f"{head}\r\n\r\n{{}}".encode()))
    client = HttpClient(provider.url, read_timeout=0.5)
    with pytest.raises(BackendUnavailable) as raised:
        client.post("/check")
    assert raised.value.code == "connection_lost"
    assert client.post("/check").data == {}
    assert provider.connections == 2


@pytest.mark.parametrize(
    "size", ["-2", "-fffffff", "+2", "0x2", "1_0", "", " 2", "2 2", "g"], ids=lambda size: size or "empty"
)
def test_malformed_chunk_is_an_outage_and_its_connection_closed(provider, size):
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    provider.will(Answer(data=f"{head}{size}\r\n{{}}\r\n0\r\n\r\n".encode()))
    client = HttpClient(provider.url, read_timeout=0.5)
    with pytest.raises(BackendUnavailable) as raised:
        client.post("/check")
    assert raised.value.code == "connection_lost"
    client.post("/check")
    assert provider.connections == 2


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: 2",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2",
        "HTTP/1.1 204 No Content\r\nContent-Length: 2",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked",
        "HTTP/1.1 200 OK\nContent-Length: 2",
    ],
)
def test_connection_that_may_not_be_at_its_end_is_not_used_again(provider, head):
    provider.will(Answer(data=f"{head}\r\n\r\n{{}}".encode()))
    client = HttpClient(provider.url)
    assert client.post("/check").data == {}
    client.post("/check")
    assert provider.connections == 2


def test_interim_answers_are_bounded_in_number(provider):
    provider.will(Answer(data=interim(103) * 16 + answer({}).data), Answer(data=interim(103) * 17 + answer({}).data))
    client = HttpClient(provider.url)
    assert client.post("/check").data == {}
    with pytest.raises(BackendUnavailable) as raised:
        client.post("/check")
    assert raised.value.code == "answer_too_long"


def test_interim_answers_are_bounded_in_time(provider):
    provider.will(Answer(data=interim(103) * 16, slowly=0.02))
    with pytest.raises(BackendUnavailable) as raised:
        HttpClient(provider.url, read_timeout=0.1).post("/check")
    assert raised.value.code == "timeout"


# Generated answers


def read_by_two_users(count):
    """Let two users make so many requests in all, by one client, and return the names in what each was answered."""
    seed = randrange(2**32)  # noqa: S311 - not a secret
    with MadProvider(seed) as provider, ThreadPoolExecutor(2) as pool:
        client = HttpClient(provider.url, read_timeout=2)
        users = [pool.submit(read, client, user, count // 2) for user in ("a", "b")]
        answered = {name: named for user in users for name, named in user.result().items()}
    others = {name: named for name, named in answered.items() if named - {name}}
    assert not others, f"With the seed {seed}, requests were given the answers to others: {others}"
    return provider, answered


def read(client, user, count):
    """Make requests, and return the names that each answer holds, whatever was made of it."""
    answered = {}
    for number in range(count):
        name = f"{user}-{number}"
        try:
            reply = client.get(f"/{name}", require_json=False)
        except BackendUnavailable:
            continue
        answered[name] = names(reply.body)
    return answered


def names(body):
    """Return the names in a body, but for those that a wrong length cut off."""
    return set(re.findall(r'"name": "([ab]-[0-9]+)"', body.decode()))


def test_no_answer_reaches_another_request():
    provider, answered = read_by_two_users(300)
    # Enough were read, and connections kept, for a mistake to show.
    assert len(answered) > 30
    assert provider.connections < 290


@pytest.mark.slow
def test_none_of_many_answers_reaches_another_request():
    read_by_two_users(ANSWERS)


def test_names_in_an_answer_are_found():
    assert names(json.dumps({"name": "a-1"}).encode() + b'x{"name": "b-2", "name": "b-') == {"a-1", "b-2"}
