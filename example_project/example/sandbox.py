"""The example's own sandbox, used unless ``PRELUDE_BASE_URL``, ``DING_BASE_URL`` or ``DING_SMS_GATEWAY`` is set.

A server with threads could call its own ``/sandbox/``. A single synchronous worker can't respond there while it waits
for the response, so the same simulator also listens on a port of its own.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django_ding.loopback import is_loopback
from django_ding.sandbox import Options, configure
from django_ding.sandbox.server import SandboxServer

#: The sandbox of a running demo, for commands that serve nothing themselves.
SITE_URL = "http://127.0.0.1:8000"
DEMO_URL = f"{SITE_URL}/sandbox"

_WORKERS = """\
The example's own sandbox is in the memory of one process, so several workers can't share it.

Start a sandbox for all of them:

    python -m django_ding.sandbox --port 8010

Then start this server again with

    PRELUDE_BASE_URL=http://127.0.0.1:8010

or with one worker, without preloading.
"""

_server: SandboxServer | None = None


def options() -> dict[str, str]:
    """Return the API key that the sandbox accepts, if the environment has one."""
    key = os.environ.get("PRELUDE_API_KEY")
    return {"api_key": key} if key else {}


def webhook_public_keys() -> list[str]:
    """Return the key that the sandbox of this process signs its webhooks with, if it can sign."""
    key = _server.simulator.public_key if _server else None
    return [key] if key else []


def serve_own_sandbox() -> bool:
    """Start a sandbox unless the environment has another provider, and return whether it was started.

    It sets ``PRELUDE_BASE_URL``, so call it before the settings are loaded.
    """
    global _server
    if any(os.environ.get(name) for name in ("PRELUDE_BASE_URL", "DING_BASE_URL", "DING_SMS_GATEWAY")):
        return False
    _server = SandboxServer(configure(Options(**options())))
    _server.start()
    os.environ["PRELUDE_BASE_URL"] = _server.url
    return True


def webhook_base_url(base_url: str) -> str | None:
    """Return the base URL for webhooks: from the environment, or this site for a provider on the same machine."""
    local = is_loopback(urlsplit(base_url).hostname or "")
    return os.environ.get("DING_WEBHOOK_BASE_URL") or (SITE_URL if local else None)


def inbox_url(base_url: str) -> str:
    """Return the address of the inbox for links, empty where the codes go to real phones."""
    if _server or base_url == DEMO_URL:
        return "/sandbox/"
    local = is_loopback(urlsplit(base_url).hostname or "")
    return f"{base_url.rstrip('/').removesuffix('/v1').removesuffix('/v2')}/" if local else ""


def in_one_process(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI application that responds with 503 unless this process, which has the sandbox, serves alone."""
    owner = os.getpid()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # With preloading, a forked worker has a copy of the application but not the threads of the sandbox.
        if environ["wsgi.multiprocess"] or os.getpid() != owner:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
            return [_WORKERS.encode()]
        return application(environ, start_response)

    return serve
