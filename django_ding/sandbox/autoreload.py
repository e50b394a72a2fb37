"""Carries simulators over the autoreload of ``runserver``.

A saved file ends the process that serves, and its parent starts the next one. Just before, what the simulators remember
goes to a file that only this user can read, named after the parent; the next process takes it from there.
"""

import contextlib
import os
import pickle
import stat
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV, file_changed

from .options import Options
from .simulator import Simulator

#: Seconds after which a file is a dead server's, although its parent's process ID is in use again.
_MAX_AGE = 3600

_simulators: "weakref.WeakSet[Simulator]" = weakref.WeakSet()
_unclaimed: dict[Options, bytes] | None = None


def restore(simulator: Simulator) -> None:
    """Give a new simulator the memory of the one with the same options before the reload, and keep it for the next."""
    global _unclaimed
    if not _is_reloaded():
        return
    if _unclaimed is None:
        _unclaimed = _take()
        file_changed.connect(_keep, dispatch_uid="django_ding.sandbox.autoreload")
    state = _unclaimed.pop(simulator.options, None)
    if state is not None:
        # Another version of this package may have written it.
        with contextlib.suppress(Exception):
            simulator.load(state)
    _simulators.add(simulator)


def _is_reloaded() -> bool:
    """Return whether this process is one that ``runserver`` starts anew. Windows has no owner to compare."""
    return os.environ.get(DJANGO_AUTORELOAD_ENV) == "true" and hasattr(os, "getuid")


def _keep(**kwargs: Any) -> None:
    """Write what the simulators remember. Returning nothing lets the reload go on."""
    states = {**(_unclaimed or {}), **{simulator.options: simulator.dump() for simulator in list(_simulators)}}
    folder = _folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        _remove_stale(folder)
        # A name that cannot be there yet, then renamed: the file is whole, and never another's.
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            pickle.dump(states, file)
        Path(name).replace(_path(folder))


def _take() -> dict[Options, bytes]:
    """Read and remove the file of the process before this one."""
    folder = _folder()
    try:
        if folder is None:
            return {}
        handle = os.open(_path(folder), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            _path(folder).unlink()
            status = os.fstat(file.fileno())
            is_ours = _is_private(status) and stat.S_ISREG(status.st_mode)
            is_fresh = time.time() - status.st_mtime < _MAX_AGE
            # Only this user can have written it, who can run any code anyway.
            states = pickle.load(file) if is_ours and is_fresh else {}  # noqa: S301
            return dict(states)
    # Nothing to take, or nothing that this version can read.
    except Exception:  # noqa: BLE001
        return {}


def _folder() -> Path | None:
    """Return this user's folder, made if needed; ``None`` when another user could write to it."""
    folder = Path(tempfile.gettempdir()) / f"django-ding-{os.getuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if stat.S_ISDIR(status.st_mode) and _is_private(status):
            return folder
    return None


def _path(folder: Path) -> Path:
    return folder / f"{os.getppid()}.sandbox"


def _is_private(status: os.stat_result) -> bool:
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _remove_stale(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _MAX_AGE:
                path.unlink()
