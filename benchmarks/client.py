"""Compare ``DingBackend`` with a bare ``requests.Session`` and with the official SDK: ``python benchmarks/client.py``.

All three post ``/check`` to one local server in a process of its own, take turns in blocks, and read the response. The
exit status is 1 when a bound is missed, and 2 when the SDK isn't installed.
"""

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
from django_ding.backends.types import SendRequest, Sent

WARM_UP = 50
BLOCK = 100
ROUNDS = 15

#: The maximum of ``DingBackend``'s time divided by the session's, and the minimum of the SDK's divided by its own.
MAX_OF_SESSION = 1.15
MIN_OF_SDK = 3.5

API_KEY = "key-of-a-benchmark"
CUSTOMER_UUID = "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10"
AUTHENTICATION_UUID = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"
CODE = "123456"

Check = Callable[[], object]


class Server(asyncio.Protocol):
    """Responds to every request with the same bytes, which costs as little as possible."""

    body = f'{{"authentication_uuid": "{AUTHENTICATION_UUID}", "status": "valid"}}'.encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

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


def serve(port: Connection) -> None:
    """Serve on a free port, and send the port to the parent process."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def clients(base_url: str) -> dict[str, Check]:
    """Return the three ways to check a code. The first one is compared with the others."""
    return {
        "DingBackend": _backend(base_url),
        "requests.Session": _session(base_url),
        "ding_api_client": _sdk(base_url),
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


def report(medians: dict[str, float]) -> bool:
    """Print the table, and return whether both bounds hold."""
    for name, median in medians.items():
        print(f"{name:<18}{median:>8.0f} µs per call")
    ours, session, sdk = medians.values()
    print(f"\nDingBackend / requests.Session   {ours / session:>5.2f}   at most  {MAX_OF_SESSION:.2f}")
    print(f"ding_api_client / DingBackend    {sdk / ours:>5.2f}   at least {MIN_OF_SDK:.2f}")
    return ours / session <= MAX_OF_SESSION and sdk / ours >= MIN_OF_SDK


def main() -> int:
    settings.configure()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        return 0 if report(measure(clients(f"http://127.0.0.1:{ours.recv()}"))) else 1
    except ImportError:
        print("The official SDK is missing: pip install ding_api_client", file=sys.stderr)
        return 2
    finally:
        server.terminate()
        server.join()


def _backend(base_url: str) -> Check:
    backend = DingBackend("default", api_key=API_KEY, customer_uuid=CUSTOMER_UUID, base_url=base_url)
    request = SendRequest(phone_number="+12025550100")
    sent = Sent(authentication_uuid=AUTHENTICATION_UUID, phone_number=request.phone_number, request=request)
    return lambda: backend.check(sent, CODE)


def _session(base_url: str) -> Check:
    session = requests.Session()
    session.headers.update({"x-api-key": API_KEY, "Accept": "application/json"})
    body = {"customer_uuid": CUSTOMER_UUID, "authentication_uuid": AUTHENTICATION_UUID, "check_code": CODE}
    return lambda: session.post(f"{base_url}/check", json=body, timeout=(3, 10)).json()


def _sdk(base_url: str) -> Check:
    import ding
    from ding.models.components import CreateCheckRequest

    client = ding.Ding(api_key=API_KEY, server_url=base_url)

    def check() -> object:
        return client.otp.check(
            CreateCheckRequest(customer_uuid=CUSTOMER_UUID, authentication_uuid=AUTHENTICATION_UUID, check_code=CODE)
        )

    return check


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
