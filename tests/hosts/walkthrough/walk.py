"""Follow pages step by step, in an empty folder."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.e2e.processes import TIMEOUT, free_port, is_up
from tests.hosts.walkthrough.shown import Shown
from tests.hosts.walkthrough.steps import END, NEW, WHOLE, Command, Snippet, Step, Visit, steps
from tests.hosts.walkthrough.terminal import Terminal
from tests.hosts.walkthrough.visitor import Visitor

_PASSWORD = "correct horse battery staple"
_PAGES_SERVER = "127.0.0.1:8000"
#: What the development server prints when it is ready, each time.
_READY = "Quit the server with"


class Walk:
    """Someone who does what pages say.

    :param folder: where they begin.
    :param replaced: texts of the pages, and what is typed instead of each.
    """

    def __init__(self, folder: Path, *, env: dict[str, str], replaced: dict[str, str]) -> None:
        server = f"127.0.0.1:{free_port()}"
        self.url = f"http://{server}"
        self._replaced = replaced | {_PAGES_SERVER: server, "manage.py runserver": f"manage.py runserver {server}"}
        self._terminal = Terminal(folder, env, password=_PASSWORD)
        self._visitor = Visitor(self.url, password=_PASSWORD)
        self._shown = Shown()
        self._log = folder.with_suffix(".log")
        self._server: subprocess.Popen[bytes] | None = None

    def follow(self, page: str, *, shows_all: bool = True) -> None:
        """Do each step of a page.

        :param shows_all: whether a command without output on the page has none.
        :raises AssertionError: at the first one that goes otherwise than the page says.
        """
        for step in steps(page):
            if isinstance(step, Command) and not (shows_all or step.shown):
                step = replace(step, shown="…\n")
            self._do(step)

    def stop(self) -> None:
        """Stop the development server, if it was started."""
        if self._server:
            # Its group: the process that watches the files would leave the one that serves.
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(timeout=TIMEOUT)

    def _do(self, step: Step) -> None:
        match step:
            case Snippet():
                self._write(step)
            case Command(line=line) if " runserver" in line:
                self._serve(step)
            case Command():
                self._shown.compare(self._typed(step.shown), self._terminal.run(self._typed(step.line)))
            case Visit():
                self._visitor.do(self._typed(step.text))

    def _typed(self, text: str) -> str:
        for shown, actual in self._replaced.items():
            text = text.replace(shown, actual)
        return self._shown.fill_in(text)

    def _write(self, snippet: Snippet) -> None:
        path = Path(self._terminal.run("pwd").strip(), snippet.file)
        assert path.exists() == (snippet.place != NEW), f"{snippet.place}: {path}"
        if snippet.place == END:
            path.write_text(f"{path.read_text()}\n{snippet.text}")
        else:
            path.write_text(snippet.text)
        # A module that is new isn't one that the server has imported.
        if self._server and snippet.place in (END, WHOLE):
            self._wait(self._started() + 1)

    def _serve(self, step: Command) -> None:
        with self._log.open("wb") as log:
            self._server = self._terminal.start(self._typed(step.line), output=log.fileno())
        self._wait(1)
        self._shown.compare(self._typed(step.shown), self._log.read_text())

    def _started(self) -> int:
        return self._log.read_text().count(_READY)

    def _wait(self, times: int) -> None:
        """Wait until the server has started so many times, as it does after each change of a file."""
        deadline = time.monotonic() + TIMEOUT
        while self._started() < times or not is_up(self.url):
            assert self._server is not None
            assert self._server.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)


@contextmanager
def walking(folder: Path, *, env: dict[str, str], replaced: dict[str, str] | None = None) -> Iterator[Walk]:
    """Make an empty folder for a walk, and stop its server in the end."""
    folder.mkdir()
    walk = Walk(folder, env=env, replaced=replaced or {})
    try:
        yield walk
    finally:
        walk.stop()
