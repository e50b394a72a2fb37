"""Command lines to paste into a terminal."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

_MANAGE = Path(__file__).resolve().parents[1] / "manage.py"


def manage_command(*arguments: str) -> str:
    """Return the command line that runs a command of this site, by the Python that runs this one.

    That of ``tox run -e demo`` is the only one that has Django, where nothing else is installed.
    """
    words = [_shown(Path(sys.executable)), _shown(_MANAGE), *arguments]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _shown(path: Path) -> str:
    """Return a path as short as it works from here. A link to a system's Python is not followed: it has no packages."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
