"""A terminal in which one types command after command."""

import os
import pty
import re
import select
import shlex
import subprocess
from pathlib import Path

from tests.e2e.processes import TIMEOUT

_PROMPT = re.compile(rb"Password[^\n]*: \Z")


class Terminal:
    """Runs commands in bash; the folder and the variables are those that the command before left.

    :param folder: where it starts.
    :param env: environment variables at the start.
    :param password: what is typed where a password is asked for.
    """

    def __init__(self, folder: Path, env: dict[str, str], *, password: str) -> None:
        self._state = folder.with_suffix(".state")
        self._state.write_text(f"cd {shlex.quote(str(folder))}\n")
        self._env = env
        self._password = password

    def run(self, command: str) -> str:
        """Return what a command prints.

        :raises AssertionError: when it fails.
        """
        master, slave = pty.openpty()
        try:
            process = self.start(command, stdin=slave)
            printed = self._read(process, master)
            assert process.wait(timeout=4 * TIMEOUT) == 0, f"$ {command}\n{printed}"
            return printed
        finally:
            os.close(master)
            os.close(slave)

    def start(
        self, command: str, *, output: int = subprocess.PIPE, stdin: int = subprocess.DEVNULL
    ) -> "subprocess.Popen[bytes]":
        """Start a command, in a process group of its own, and return its process."""
        state = shlex.quote(str(self._state))
        # Without "set -a", a variable that was assigned but not exported would be lost.
        script = (
            f"set -a -o pipefail; source {state}; {command}\nstatus=$?\n"
            f'{{ export -p; printf "cd %q\\n" "$PWD"; }} > {state}; exit $status'
        )
        return subprocess.Popen(
            ["bash", "-c", script],  # noqa: S607
            env=self._env,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _read(self, process: "subprocess.Popen[bytes]", screen: int) -> str:
        """Return the output, typing the password at each prompt for it, which may be on the terminal's screen only."""
        output = process.stdout.fileno()
        printed = b""
        while True:
            for ready in select.select([output, screen], [], [])[0]:
                piece = os.read(ready, 65536)
                if ready == output and not piece:
                    process.stdout.close()
                    return printed.decode()
                printed += piece
            if _PROMPT.search(printed):
                os.write(screen, f"{self._password}\n".encode())
