"""The example in processes of its own: behind gunicorn, and as ``manage.py demo``."""

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from django_ding.sandbox import Simulator
from django_ding.sandbox.server import SandboxServer
from tests.e2e.processes import EXAMPLE, TIMEOUT, environment, free_port, manage, python, running, stop

pytestmark = pytest.mark.slow

SEVERAL_WORKERS = "python -m django_ding.sandbox --port 8010"


def gunicorn(port: int, *options: str) -> list[str]:
    address = ("--bind", f"127.0.0.1:{port}")
    return python("-m", "gunicorn", "--chdir", str(EXAMPLE), *address, *options, "wsgi:application")


def test_gunicorn_one_synchronous_worker(env, tmp_path, visit, phone):
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(gunicorn(port), url=url, env=env, output=tmp_path / "log"):
        visitor = visit(url)
        sent = visitor.send(phone)
        assert sent.status_code == 201
        assert visitor.check(sent, visitor.codes(phone)[0]).status_code == 200
        assert visitor.numbers() == [phone]
        assert visitor.get("/static/example/site.css").headers["Content-Type"].startswith("text/css")


def test_gunicorn_key_in_environment(env, tmp_path, visit, phone):
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(gunicorn(port), url=url, env=env | {"PRELUDE_API_KEY": "secret"}, output=tmp_path / "log"):
        visitor = visit(url)
        sent = visitor.send(phone)
        assert visitor.check(sent, visitor.codes(phone)[0]).status_code == 200


@pytest.mark.parametrize("options", [["--workers", "2"], ["--preload"]])
def test_gunicorn_sandbox_of_another_process(env, tmp_path, visit, phone, options):
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(gunicorn(port, *options), url=url, env=env, output=tmp_path / "log"):
        answer = visit(url).send(phone)
        assert (answer.status_code, SEVERAL_WORKERS in answer.text) == (503, True)


def test_gunicorn_two_workers_shared_sandbox(env, tmp_path, visit, phone):
    url = f"http://127.0.0.1:{(port := free_port())}"
    with SandboxServer(Simulator()) as server:
        env |= {"PRELUDE_BASE_URL": server.url}
        with running(gunicorn(port, "--workers", "2"), url=url, env=env, output=tmp_path / "log"):
            visitor = visit(url)
            sent = visitor.send(phone)
            assert visitor.check(sent, server.simulator.messages(phone)[0].code).status_code == 200
            assert server.url in visitor.get("/").text


def test_runserver_any_port(env, tmp_path, visit, phone):
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = manage("runserver", "--noreload", "--nothreading", str(port))
    with running(command, url=url, env=env, output=tmp_path / "log"):
        visitor = visit(url)
        sent = visitor.send(phone)
        assert visitor.check(sent, visitor.codes(phone)[0]).status_code == 200


def test_demo_printed_commands_work(tmp_path, phone):
    url, log = f"http://127.0.0.1:{(port := free_port())}", tmp_path / "log"
    with running(manage("demo", "--port", str(port)), url=url, env=environment(tmp_path), output=log):
        for _ in range(2):
            pasted = subprocess.run(
                [shutil.which("bash"), "-eu"], input=curl_session(log), capture_output=True, text=True, timeout=TIMEOUT
            )
            sent, code, checked, numbers = pasted.stdout.splitlines()
            assert (pasted.stderr, '"status":"pending"' in sent, code.isdigit()) == ("", True, True)
            assert '"status":"valid"' in checked
            assert phone in numbers


@pytest.mark.slow
def test_demo_printed_command_fills_it_with_data(tmp_path, visit):
    """Without anything but the demo's own Python, which alone has Django after ``tox run -e demo``."""
    url, log, env = f"http://127.0.0.1:{(port := free_port())}", tmp_path / "log", environment(tmp_path)
    with running(manage("demo", "--port", str(port)), url=url, env=env, output=log):
        command = re.search("in another terminal: (.*)", log.read_text())[1]
        pasted = subprocess.run(
            [shutil.which("bash"), "-eu"], input=command, env=env, capture_output=True, text=True, timeout=300
        )
        assert "the example now has demo data" in pasted.stdout, pasted.stderr
        assert visit(url).get("/").status_code == 200


def test_demo_browser_signs_in(tmp_path):
    url, log = f"http://127.0.0.1:{(port := free_port())}", tmp_path / "log"
    with (
        running(manage("demo", "--port", str(port)), url=url, env=environment(tmp_path), output=log),
        requests.Session() as browser,
    ):
        browser.trust_env = False
        token, *_ = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(f"{url}/login/").text)
        form = {"csrfmiddlewaretoken": token, "username": "demo", "password": "demo", "next": "/admin/"}
        assert "Site administration" in browser.post(f"{url}/login/", form).text
        style = browser.get(f"{url}/static/admin/css/base.css")
        assert (style.status_code, style.headers["Content-Encoding"]) == (200, "gzip")


def test_demo_printed_addresses_answer(tmp_path, visit):
    url, log = f"http://127.0.0.1:{(port := free_port())}", tmp_path / "log"
    with running(manage("demo", "--port", str(port)), url=url, env=environment(tmp_path), output=log):
        paths = re.findall(rf"{url}(/\S*)$", log.read_text(), re.MULTILINE)
        statuses = {path: visit(url).get(path).status_code for path in paths}
    assert set(statuses) >= {"/", "/sandbox/", "/login/", "/phone/numbers/add/", "/vault/", "/phone/login/"}
    assert set(statuses.values()) == {200}


def curl_session(log: Path) -> str:
    text = log.read_text()
    return text[text.index("sent=$(curl") : text.index("Press Ctrl-C")]


@pytest.fixture
def ctrl_c() -> Iterator[signal.Signals]:
    """SIGINT, which child processes would ignore where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.SIGINT
    signal.signal(signal.SIGINT, before)


def test_demo_stops_quietly(tmp_path, ctrl_c):
    url, log = f"http://127.0.0.1:{(port := free_port())}", tmp_path / "log"
    with running(manage("demo", "--port", str(port)), url=url, env=environment(tmp_path), output=log) as process:
        stop(process, ctrl_c)
        assert process.returncode == 0
    assert log.read_text().endswith("Press Ctrl-C to stop.\n")


def test_demo_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = manage("demo", "--port", str(port))
        ended = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=TIMEOUT)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"CommandError: Port {port} is in use. Choose another with --port.\n"


def test_demo_needs_debug(tmp_path):
    env = environment(tmp_path, DEBUG="0")
    ended = subprocess.run(manage("demo"), env=env, capture_output=True, text=True, timeout=TIMEOUT)
    assert (ended.returncode, "DEBUG" in ended.stderr) == (1, True)
