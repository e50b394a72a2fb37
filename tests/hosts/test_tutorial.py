"""The pages of ``docs/start`` and the README, followed literally with the wheel in a fresh virtualenv."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, TIMEOUT, environment
from tests.hosts.walkthrough.walk import Walk, walking

pytestmark = pytest.mark.hosts

START = ROOT / "docs" / "start"
IS_CI = os.environ.get("CI") == "true"
#: What the README's readers have.
PROJECT = """\
```console
$ python -m venv .venv
$ source .venv/bin/activate
$ python -m pip install django-ding
…
$ django-admin startproject mysite .
```
"""
# Of the developer and of the test run. The wheel is what is imported, not this folder.
_DROPPED = ("COV", "PYTEST", "PYTHON", "TOX", "VIRTUAL_ENV")


def pip(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=8 * TIMEOUT, check=False)


def missing(reason: str) -> None:
    """Skip, and say why; with ``CI=true``, fail."""
    (pytest.fail if IS_CI else pytest.skip)(reason)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The package's wheel."""
    if importlib.util.find_spec("ensurepip") is None:
        missing("python -m venv needs ensurepip, which Debian has in python3-venv")
    folder = tmp_path_factory.mktemp("wheel")
    # A small package that the wheel needs. Whatever fails after this is a fault of ours.
    probe = pip("download", "--quiet", "--no-deps", "--dest", str(folder / "probe"), "sqlparse")
    if probe.returncode:
        missing(f"pip can't reach a package index: {probe.stderr}")
    built = pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def env(tmp_path) -> dict[str, str]:
    """The environment variables of a newcomer, whose ``python`` is the one that runs the tests."""
    kept = {name: value for name, value in environment(tmp_path).items() if not name.startswith(_DROPPED)}
    del kept["DATABASE_URL"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def pages() -> list[Path]:
    """Return the pages of the tutorial, in the order of its table of contents."""
    names = re.search(r"```\{toctree\}\n:hidden:\n\n(.*?)```", (START / "index.md").read_text(), re.DOTALL)[1]
    return [START / f"{name}.md" for name in names.split()]


@pytest.fixture
def walk(tmp_path, env, wheel) -> Iterator[Walk]:
    with walking(tmp_path / "home", env=env, replaced={"install django-ding": f"install {wheel}"}) as walk:
        yield walk


def test_tutorial(walk):
    for page in pages():
        walk.follow(page.read_text())


def test_readme(walk):
    walk.follow(PROJECT)
    readme = (ROOT / "README.md").read_text()
    walk.follow(readme.partition("\n## Install\n")[2].partition("\nIn your own code:")[0], shows_all=False)


def test_tutorial_has_all_its_pages():
    assert {*pages(), START / "index.md"} == set(START.glob("*.md"))
