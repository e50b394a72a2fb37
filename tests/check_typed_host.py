"""Check the types of the project in ``typed_host`` against the installed package: ``python -m tests.check_typed_host``.

By mypy, with and without the plugins of the stubs, and by Pyright, which needs Node.js: without it, Pyright is skipped.
With ``CI=true`` that is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HOST = Path(__file__).parent / "typed_host"
MYPY = {
    "mypy with plugins": ["mypy", "--config-file=mypy.ini"],
    "mypy without plugins": ["mypy", "--config-file=mypy-without-plugins.ini"],
}
PYRIGHT = {"Pyright": ["pyright", f"--pythonpath={sys.executable}"]}


def main() -> int:
    checkers = MYPY | PYRIGHT
    if shutil.which("node") is None:
        print("Pyright is skipped: it needs Node.js.", flush=True)
        if os.environ.get("CI") == "true":
            print("CI=true: a checker that is skipped is a failure.")
            return 1
        checkers = MYPY
    return sum(map(_fails, *zip(*checkers.items(), strict=True)))


def _fails(name: str, command: list[str]) -> bool:
    print(f"{name}:", flush=True)
    return subprocess.run([sys.executable, "-m", *command], cwd=HOST).returncode != 0


if __name__ == "__main__":
    sys.exit(main())
