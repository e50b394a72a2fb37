"""The sandbox over real HTTP in this process, and other processes that work with it on the same database."""

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection
from django.test import override_settings

from django_ding.sandbox import Options, Simulator
from django_ding.sandbox.server import SandboxServer
from tests.e2e.processes import ROOT

PATIENCE = 30


class Watched(Simulator):
    """Notes each message when it is sent, and stops at the moment between deed and answer."""

    def __init__(self, options):
        super().__init__(options, background=False)
        self.intents = []  # The correlation id of each first message.
        self.renewed = []  # The authentication UUID of each further one.
        self.answering = None

    def send(self, request, *outcome):
        sent = super().send(request, *outcome)
        if sent.status == "pending":
            self.intents.append(request.correlation_id)
        return self._before_answering(sent)

    def check(self, *arguments):
        return self._before_answering(super().check(*arguments))

    def retry(self, authentication_uuid, *outcome):
        retried = super().retry(authentication_uuid, *outcome)
        if retried.status == "approved":
            self.renewed.append(authentication_uuid)
        return self._before_answering(retried)

    def count(self, operation):
        super().count(operation)
        if operation == "status":
            self._before_answering(None)  # There is no deed to wait for.

    def _before_answering(self, answer):
        if self.answering:
            self.answering()
        return answer


class Zygote:
    """A process that does jobs in children of its own, one at a time."""

    def __init__(self, ding):
        database = {name: value for name, value in connection.settings_dict.items() if name != "TEST"}
        world = json.dumps({"database": database, "ding": ding}, default=str)
        ours = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        path = os.pathsep.join(filter(None, (str(ROOT), ours.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=ROOT,
            env={**ours, "PYTHONPATH": path, "CRASH_WORLD": world},
        )

    def start(self, **job) -> int:
        """Begin a job; return the pid of the child that does it."""
        self._process.stdin.write(json.dumps(job) + "\n")
        return self._hear()

    def end(self) -> dict:
        """Wait for the child's end; return ``{"signal": the number or 0, "result": text}``."""
        return self._hear()

    def close(self):
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def _hear(self):
        line = self._process.stdout.readline()
        assert line, f"The zygote ended: {self._process.poll()}"
        return json.loads(line)


class World:
    def __init__(self, simulator, zygotes):
        self.simulator = simulator
        self.zygotes = zygotes

    def run(self, **job):
        """Do a job in a process of its own; return how it ended."""
        pids = queue.SimpleQueue()
        if job.get("fatal") == ["answer"]:
            job["fatal"] = None
            self.simulator.answering = lambda: os.kill(pids.get(timeout=PATIENCE), signal.SIGKILL)
        try:
            pids.put(self.zygotes[0].start(**job))
            return self.zygotes[0].end()
        finally:
            self.simulator.answering = None

    def run_at_once(self, *jobs):
        """Do each job in a process of its own, all at the same time; return how they ended."""
        for zygote, job in zip(self.zygotes, jobs, strict=True):
            zygote.start(**job)
        return [zygote.end() for zygote in self.zygotes]

    def code(self, phone_number):
        return self.simulator.messages(phone_number)[0].code


@contextmanager
def world(*, processes: int = 1) -> Iterator[World]:
    simulator = Watched(Options(retry_delay=0))
    with ExitStack() as stack:
        stack.callback(simulator.close)
        server = stack.enter_context(SandboxServer(simulator))
        ding = {"BACKENDS": {"default": backend(f"{server.url}/v1")}, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}
        stack.enter_context(override_settings(DING=ding))
        zygotes = [Zygote(ding) for _ in range(processes)]
        for zygote in zygotes:
            stack.callback(zygote.close)
        yield World(simulator, zygotes)


def backend(url: str) -> dict:
    options = {"api_key": "key", "customer_uuid": "3b1f8a52-6c1e-4d0b-9d55-0f4f3d1f7a10", "base_url": url}
    return {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
