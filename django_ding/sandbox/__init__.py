"""A local stand-in for the provider: a simulator in plain Python, its HTTP server and its inbox page."""

import threading

from .options import Options
from .records import Message
from .simulator import Simulator

__all__ = ["Message", "Options", "Simulator", "configure", "default_simulator"]

_lock = threading.Lock()
_default: Simulator | None = None


def default_simulator() -> Simulator:
    """Return the simulator that everything in this process shares."""
    global _default
    with _lock:
        if _default is None:
            _default = Simulator()
        return _default


def configure(options: Options) -> Simulator:
    """Give the shared simulator its options and return it; a new one takes its place when they changed."""
    global _default
    with _lock:
        if _default is None or _default.options != options:
            if _default is not None:
                _default.close()
            _default = Simulator(options)
        return _default
