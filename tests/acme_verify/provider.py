"""Acme Verify on loopback: one code per number at a time."""

import hashlib
import hmac
import json
import secrets
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from uuid import uuid4

ACCOUNT, API_KEY, WEBHOOK_SECRET = "acme-account", "acme-key-5b1d", "acme-secret-77a0"


@dataclass
class Verification:
    reference: str
    code: str
    ticket: str = field(default_factory=lambda: f"ACME-{uuid4().hex[:12]}")
    messages: list[str] = field(default_factory=list)  # The channel of each.


class AcmeProvider:
    """A threaded server. ``verifications`` are the open ones, by number."""

    def __init__(self) -> None:
        self.verifications: dict[str, Verification] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, answer = provider.answer(self.path, dict(parse_qsl(body)), self.headers.get("Authorization"))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path, form, authorization):
        expected = b64encode(f"{ACCOUNT}:{API_KEY}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "who_are_you"}
        number = form["number"]
        if path == "/codes":
            if number.endswith("0199"):
                return 422, {"error": "bad_number"}
            self.verifications[number] = Verification(form.get("reference", ""), code=_code())
            return 201, {"result": "sent", **self._send(number, form["by"]), "seconds": 300}
        found = self.verifications.get(number)
        if found is None:
            return 200, {"result": "gone"}
        if path == "/codes/again":
            found.code = _code()
            return 200, {"result": "sent", **self._send(number, form["by"])}
        if path == "/codes/check" and form["code"] != found.code:
            return 200, {"result": "wrong", "ticket": found.ticket}
        del self.verifications[number]  # Entered, or canceled.
        return 200, {"result": "ok", "ticket": found.ticket}

    def _send(self, number, channel):
        found = self.verifications[number]
        found.messages.append(channel)
        return {"ticket": found.ticket}

    def webhook(self, number, state="arrived"):
        """Return the body and the headers of a report on the newest message to a number."""
        found = self.verifications[number]
        report = {
            "id": uuid4().hex,
            "at": "2026-06-01T12:00:00Z",
            "ticket": found.ticket,
            "reference": found.reference,
            "message": f"{found.ticket}-{len(found.messages)}",
            "number": number,
            "state": state,
        }
        body = json.dumps({"reports": [report]}).encode()
        return body, {"Acme-Signature": hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()}


def _code() -> str:
    return f"{secrets.randbelow(100_000):05}"
