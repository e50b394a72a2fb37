"""The example's own sandbox, for when ``DING_BASE_URL`` names no provider.

The pages at ``/sandbox/`` would do for a server with threads. A single synchronous worker could not answer them while
it waits for their answer, so the same simulator listens on a port of its own, too.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django_ding.sandbox import Options, configure
from django_ding.sandbox.hosts import is_loopback
from django_ding.sandbox.server import SandboxServer

#: Where a running demo has its sandbox: for commands that serve nothing themselves.
SITE_URL = "http://127.0.0.1:8000"
DEMO_URL = f"{SITE_URL}/sandbox/v1"

_WORKERS = """\
The example's own sandbox lives in the memory of one process, so several workers can't share it.

Start a sandbox for all of them:

    python -m django_ding.sandbox --port 8010

Then start this server again with

    DING_BASE_URL=http://127.0.0.1:8010/v1

or with one worker, without preloading.
"""

_server: SandboxServer | None = None


def options() -> dict[str, str]:
    """Return what the sandbox asks of its clients: the key and the UUID in the environment, if any."""
    names = {"api_key": "DING_API_KEY", "customer_uuid": "DING_CUSTOMER_UUID"}
    return {option: os.environ[name] for option, name in names.items() if os.environ.get(name)}


def serve_own_sandbox() -> bool:
    """Unless there is a ``DING_BASE_URL``, serve a sandbox and let it name that. Call it before settings are read."""
    global _server
    if os.environ.get("DING_BASE_URL"):
        return False
    _server = SandboxServer(configure(Options(**options())))
    _server.start()
    os.environ["DING_BASE_URL"] = f"{_server.url}/v1"
    return True


def callback_base_url(base_url: str) -> str | None:
    """Return where the provider reports to: what the environment names, else this site, if they share a machine."""
    local = is_loopback(urlsplit(base_url).hostname or "")
    return os.environ.get("DING_CALLBACK_BASE_URL") or (SITE_URL if local else None)


def inbox_url(base_url: str) -> str:
    """Return where the codes can be read, as an address for links; empty when they go to real phones."""
    if _server or base_url == DEMO_URL:
        return "/sandbox/"
    local = is_loopback(urlsplit(base_url).hostname or "")
    return f"{base_url.rstrip('/').removesuffix('/v1')}/" if local else ""


def in_one_process(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Let a WSGI application answer only while this process, which has the sandbox, is the only one to serve."""
    owner = os.getpid()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["wsgi.multiprocess"] or os.getpid() != owner:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
            return [_WORKERS.encode()]
        return application(environ, start_response)

    return answer
