"""A local copy of the provider: a simulator in plain Python, its APIs and its inbox as Django views, and a server."""

import threading

from .memory import Message
from .options import Options
from .simulator import Simulator

__all__ = ["Message", "Options", "Simulator", "configure", "default_simulator", "other_simulator"]

_lock = threading.Lock()
_default: Simulator | None = None
_others: dict[Options, Simulator] = {}


def default_simulator() -> Simulator:
    """Return the simulator that this process shares."""
    global _default
    with _lock:
        if _default is None:
            _default = _start(Options())
        return _default


def configure(options: Options) -> Simulator:
    """Return the shared simulator with these options: a new, empty one when they changed."""
    global _default
    with _lock:
        if _default is None or _default.options != options:
            if _default is not None:
                # Its thread would keep the old simulator alive and go on delivering.
                _default.close()
            _default = _start(options)
        return _default


def other_simulator(options: Options) -> Simulator:
    """Return the simulator with these options that this process shares beside the default one."""
    with _lock:
        if options not in _others:
            _others[options] = _start(options)
        return _others[options]


def _start(options: Options) -> Simulator:
    # Not above: the simulator is plain Python, and these two are a project's.
    from . import autoreload
    from .destinations import accepts_webhooks_to

    simulator = Simulator(options, accepts_webhooks_to=accepts_webhooks_to)
    autoreload.restore(simulator)
    return simulator
