"""A local copy of the provider: a simulator in plain Python, its API and its inbox as Django views, and a server."""

import threading

from .memory import Message
from .options import Options
from .simulator import Simulator

__all__ = ["Message", "Options", "Simulator", "configure", "default_simulator"]

_lock = threading.Lock()
_default: Simulator | None = None


def default_simulator() -> Simulator:
    """Return the simulator that this process shares."""
    global _default
    with _lock:
        if _default is None:
            _default = Simulator()
        return _default


def configure(options: Options) -> Simulator:
    """Return the shared simulator with these options: a new, empty one when they changed."""
    global _default
    with _lock:
        if _default is None or _default.options != options:
            if _default is not None:
                # Its thread would keep the old simulator alive and go on delivering.
                _default.close()
            _default = Simulator(options)
        return _default
