"""A saved file restarts ``runserver``; the sandbox of the next process goes on where this one stopped."""

import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV, file_changed

from django_ding.sandbox import Options, Simulator, autoreload
from django_ding.sandbox.windows import SimVerificationRequest

from .helpers import PHONE, target

SETTINGS = """
SECRET_KEY = "tests"
DEBUG = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_ding"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DING = {"BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}}
"""
URLS = """
import os
from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("process", lambda request: HttpResponse(str(os.getpid()))),
    path("sandbox/", include("django_ding.sandbox.urls")),
]
"""
ROOT = Path(__file__).parents[2]
SECONDS = 60

#: How long a server may take to notice a saved file. One saved before its first look at it goes unnoticed.
NOTICED = 10


@pytest.fixture
def url(tmp_path):
    """Serve a project with runserver, and return where."""
    (tmp_path / "config.py").write_text(SETTINGS)
    (tmp_path / "urls.py").write_text(URLS)
    (tmp_path / "tmp").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config",
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    command = [sys.executable, "-m", "django", "runserver", address, "--skip-checks"]
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield f"http://{address}"
    # The process that serves is a child of the one that watches.
    os.killpg(process.pid, 15)
    process.wait(timeout=10)


def ask(url, **fields):
    headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
    body = json.dumps(fields).encode() if fields else None
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as response:
        return json.load(response)


def read(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def serving_process(url):
    """Return the ID of the process that serves, as soon as there is one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            return ask(f"{url}/process")
        time.sleep(0.1)
    raise AssertionError("The server did not start.")


def save(file, url):
    """Save a file until another process serves."""
    process = serving_process(url)
    for _ in range(SECONDS // NOTICED):
        file.write_text(file.read_text() + "\n")
        deadline = time.monotonic() + NOTICED
        while time.monotonic() < deadline:
            if serving_process(url) != process:
                return
            time.sleep(0.1)
    raise AssertionError("The server did not start again.")


@pytest.mark.slow
def test_sandbox_survives_the_reload_of_runserver(url, tmp_path):
    serving_process(url)
    created = ask(f"{url}/sandbox/v2/verification", target=target(PHONE))
    key = read(f"{url}/sandbox/webhook-key.pem")
    for _ in range(2):
        save(tmp_path / "urls.py", url)
        (message,) = ask(f"{url}/sandbox/inbox.json")["messages"]
    assert read(f"{url}/sandbox/webhook-key.pem") == key
    checked = ask(f"{url}/sandbox/v2/verification/check", target=target(PHONE), code=message["code"])
    assert (checked["status"], checked["id"]) == ("success", created["id"])
    (folder,) = (tmp_path / "tmp").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return the folder of the files, in the process that a reloading server has started."""
    monkeypatch.setenv(DJANGO_AUTORELOAD_ENV, "true")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    start_again(monkeypatch)
    yield tmp_path / f"django-ding-{os.getuid()}"
    file_changed.disconnect(dispatch_uid="django_ding.sandbox.autoreload")


def start_again(monkeypatch):
    monkeypatch.setattr(autoreload, "_unclaimed", None)
    autoreload._simulators.clear()


def reload(monkeypatch, *options):
    """Save a file, and return the simulators of the next process."""
    file_changed.send(sender=None, file_path=Path("views.py"))
    start_again(monkeypatch)
    return [restored(one) for one in options]


def restored(options):
    simulator = Simulator(options, background=False)
    autoreload.restore(simulator)
    return simulator


def codes(simulator):
    return [message.code for message in simulator.messages()]


def test_each_simulator_gets_its_own_memory_back(folder, monkeypatch):
    short, long = Options(code_length=4, seed=1), Options(code_length=8)
    before = [restored(short), restored(long)]
    for simulator in before:
        simulator.create(SimVerificationRequest(phone_number=PHONE))
    before[1].script("send", "blocked/suspicious")
    expected = [codes(simulator) for simulator in before]
    after = reload(monkeypatch, short, long)
    assert [codes(simulator) for simulator in after] == expected
    assert after[1].outcome("send", PHONE, api="v2") == "blocked/suspicious"
    # A seed goes on, too: it would give the same IDs again.
    after[0].create(SimVerificationRequest(phone_number="+12025550100"))
    assert len({message.id for message in after[0].messages()}) == 2


def test_what_no_simulator_has_claimed_is_kept_for_the_next_reload(folder, monkeypatch):
    first, second = Options(code_length=4), Options(code_length=8)
    before = restored(first)
    before.create(SimVerificationRequest(phone_number=PHONE))
    expected = codes(before)
    reload(monkeypatch, second)
    (after,) = reload(monkeypatch, first)
    assert codes(after) == expected


def test_other_options_start_empty(folder, monkeypatch):
    restored(Options()).create(SimVerificationRequest(phone_number=PHONE))
    (after,) = reload(monkeypatch, Options(code_length=4))
    assert after.messages() == []


def test_file_is_private_and_gone_once_it_is_read(folder, monkeypatch):
    restored(Options())
    file_changed.send(sender=None, file_path=Path("views.py"))
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"{os.getppid()}.sandbox", 0o600)
    start_again(monkeypatch)
    restored(Options())
    assert list(folder.iterdir()) == []


def written(folder, monkeypatch, **changes):
    restored(Options()).create(SimVerificationRequest(phone_number=PHONE))
    file_changed.send(sender=None, file_path=Path("views.py"))
    start_again(monkeypatch)
    return folder / f"{os.getppid()}.sandbox"


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps({Options(): b"garbage"}), pickle.dumps([])])
def test_file_that_cannot_be_read_starts_empty(folder, monkeypatch, content):
    written(folder, monkeypatch).write_bytes(content)
    assert restored(Options()).messages() == []


def test_file_that_others_can_write_is_not_read(folder, monkeypatch):
    written(folder, monkeypatch).chmod(0o606)
    assert restored(Options()).messages() == []


def test_link_is_not_followed(folder, monkeypatch, tmp_path):
    file = written(folder, monkeypatch)
    file.replace(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert restored(Options()).messages() == []


def test_folder_that_others_can_write_is_not_used(folder, monkeypatch):
    file = written(folder, monkeypatch)
    folder.chmod(0o777)
    assert restored(Options()).messages() == []
    file.unlink()
    file_changed.send(sender=None, file_path=Path("views.py"))
    assert list(folder.iterdir()) == []


def test_stale_files_are_ignored_and_removed(folder, monkeypatch):
    file = written(folder, monkeypatch)
    os.utime(file, (1, 1))
    assert restored(Options()).messages() == []
    other = folder / "1.sandbox"
    other.touch()
    os.utime(other, (1, 1))
    file_changed.send(sender=None, file_path=Path("views.py"))
    assert not other.exists()


def test_without_a_reloading_server_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.delenv(DJANGO_AUTORELOAD_ENV, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    restored(Options())
    file_changed.send(sender=None, file_path=Path("views.py"))
    assert list(tmp_path.iterdir()) == []
