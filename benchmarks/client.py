"""Compare a backend with a bare ``requests.Session`` and with the provider's own SDK: ``python benchmarks/client.py``.

``--version v1`` measures ``DingBackend`` and ``ding_api_client`` instead of ``PreludeBackend`` and
``prelude-python-sdk``. All three check a code at one local server in a process of its own, take turns in blocks, and
read the response. The exit status is 1 when a bound is missed, and 2 when the SDK isn't installed.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import requests
from django.conf import settings

from django_ding.backends.ding import DingBackend
from django_ding.backends.prelude import PreludeBackend
from django_ding.backends.types import SendRequest, Sent

WARM_UP = 50
BLOCK = 100
ROUNDS = 15

#: The maximum of the backend's time divided by the session's, and the minimum of the SDK's divided by the backend's.
MAX_OF_SESSION = 1.15
MIN_OF_SDK = {"v1": 3.5, "v2": 3.0}

API_KEY = "key-of-a-benchmark"
CUSTOMER_UUID = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"
AUTHENTICATION_UUID = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"
VERIFICATION_ID = "vrf_01jc0t6fwwfgfsq1md24mhyztj"
PHONE_NUMBER = "+12025550100"
CODE = "123456"

Check = Callable[[], object]


class Server(asyncio.Protocol):
    """Responds to every request with the same bytes, which costs as little as possible."""

    # Each version reads its own two fields, and the SDKs ignore the others.
    body = (f'{{"authentication_uuid": "{AUTHENTICATION_UUID}", "id": "{VERIFICATION_ID}", "status": "%s"}}').encode()

    def __init__(self, status: bytes) -> None:
        body = self.body % status
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.answer = head + body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - tells the type checker
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and len(body) >= _content_length(head):
            self._received = b""
            self._transport.write(self.answer)


def serve(port: Connection, status: bytes) -> None:
    """Serve on a free port, and send the port to the parent process."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Server(status), "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def clients(version: str, base_url: str) -> dict[str, Check]:
    """Return the three ways to check a code. The first one is compared with the others."""
    if version == "v1":
        return {
            "DingBackend": _ding_backend(base_url),
            "requests.Session": _ding_session(base_url),
            "ding_api_client": _ding_sdk(base_url),
        }
    return {
        "PreludeBackend": _prelude_backend(base_url),
        "requests.Session": _prelude_session(base_url),
        "prelude-python-sdk": _prelude_sdk(base_url),
    }


def measure(checks: dict[str, Check]) -> dict[str, float]:
    """Return each client's median microseconds per call."""
    for check in checks.values():
        _seconds(check, WARM_UP)
    times: dict[str, list[float]] = {name: [] for name in checks}
    for _ in range(ROUNDS):
        for name, check in checks.items():
            times[name].append(_seconds(check, BLOCK) / BLOCK * 1e6)
    return {name: statistics.median(measured) for name, measured in times.items()}


def report(medians: dict[str, float], *, min_of_sdk: float) -> bool:
    """Print the table, and return whether both bounds hold."""
    for name, median in medians.items():
        print(f"{name:<20}{median:>8.0f} µs per call")
    (our_name, ours), (session_name, session), (sdk_name, sdk) = medians.items()
    print(f"\n{our_name + ' / ' + session_name:<36}{ours / session:>5.2f}   at most  {MAX_OF_SESSION:.2f}")
    print(f"{sdk_name + ' / ' + our_name:<36}{sdk / ours:>5.2f}   at least {min_of_sdk:.2f}")
    return ours / session <= MAX_OF_SESSION and sdk / ours >= min_of_sdk


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare a backend with a bare session and with the provider's SDK.")
    parser.add_argument("--version", choices=["v1", "v2"], default="v2", help="of the API (default: %(default)s)")
    version = parser.parse_args().version
    settings.configure()
    ours, theirs = multiprocessing.Pipe()
    status = b"valid" if version == "v1" else b"success"
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, status), daemon=True)
    server.start()
    try:
        medians = measure(clients(version, f"http://127.0.0.1:{ours.recv()}"))
        return 0 if report(medians, min_of_sdk=MIN_OF_SDK[version]) else 1
    except ImportError as error:
        print(f"The provider's SDK is missing: {error}", file=sys.stderr)
        return 2
    finally:
        server.terminate()
        server.join()


def _sent(authentication_uuid: str) -> Sent:
    request = SendRequest(phone_number=PHONE_NUMBER)
    return Sent(authentication_uuid=authentication_uuid, phone_number=request.phone_number, request=request)


def _ding_backend(base_url: str) -> Check:
    backend = DingBackend("default", api_key=API_KEY, customer_uuid=CUSTOMER_UUID, base_url=base_url)
    sent = _sent(AUTHENTICATION_UUID)
    return lambda: backend.check(sent, CODE)


def _ding_session(base_url: str) -> Check:
    session = requests.Session()
    session.headers.update({"x-api-key": API_KEY, "Accept": "application/json"})
    body = {"customer_uuid": CUSTOMER_UUID, "authentication_uuid": AUTHENTICATION_UUID, "check_code": CODE}
    return lambda: session.post(f"{base_url}/check", json=body, timeout=(3, 10)).json()


def _ding_sdk(base_url: str) -> Check:
    import ding
    from ding.models.components import CreateCheckRequest

    client = ding.Ding(api_key=API_KEY, server_url=base_url)

    def check() -> object:
        return client.otp.check(
            CreateCheckRequest(customer_uuid=CUSTOMER_UUID, authentication_uuid=AUTHENTICATION_UUID, check_code=CODE)
        )

    return check


def _prelude_backend(base_url: str) -> Check:
    backend = PreludeBackend("default", api_key=API_KEY, base_url=base_url)
    sent = _sent(VERIFICATION_ID)
    return lambda: backend.check(sent, CODE)


def _prelude_session(base_url: str) -> Check:
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {API_KEY}", "Accept": "application/json"})
    body = {"target": {"type": "phone_number", "value": PHONE_NUMBER}, "code": CODE}
    return lambda: session.post(f"{base_url}/v2/verification/check", json=body, timeout=(3, 10)).json()


def _prelude_sdk(base_url: str) -> Check:
    from prelude_python_sdk import Prelude

    client = Prelude(api_token=API_KEY, base_url=base_url)
    return lambda: client.verification.check(code=CODE, target={"type": "phone_number", "value": PHONE_NUMBER})


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)


def _seconds(check: Check, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        check()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
