"""Programs of this folder, with what npm installs for them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

#: Made in a folder of sources by whoever works there.
_MADE = shutil.ignore_patterns("node_modules", "generated", "build")


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def install(sources: Path, folder: Path) -> None:
    """Copy a program to a folder, and install its packages. Where Node or npm is missing, skip; in CI, fail."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"there is no {' and no '.join(missing)}: install Node 20 or later")
    assert not missing, "CI=true: what is missing is a failure. Install Node 20 or later."
    shutil.copytree(sources, folder, dirs_exist_ok=True, ignore=_MADE)
    succeed(folder, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def succeed(folder: Path, *command: str) -> None:
    """Run a command that must not fail."""
    done = run(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
