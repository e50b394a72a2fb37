"""The sandbox's root: the API under ``/v1/``, the inbox everywhere else."""

from . import inbox, v1
from .simulator import Simulator
from .wire import Request, Response


def respond(simulator: Simulator, request: Request) -> Response:
    """Answer any request. Never raises and never sleeps."""
    if request.path.startswith("/v1/"):
        return v1.respond(simulator, request)
    return inbox.respond(simulator, request)
