import argparse
import io
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from django.core.management import CommandError, call_command

from django_ding.sandbox import Options, cli

from .helpers import CUSTOMER


@pytest.fixture
def interrupted(monkeypatch):
    """Press Ctrl-C as soon as the server would serve."""

    def press(server):
        raise KeyboardInterrupt

    monkeypatch.setattr("django_ding.sandbox.server.SandboxServer.serve_forever", press)


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def run(*arguments):
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser, Options())
    out, err = io.StringIO(), io.StringIO()
    cli.run(vars(parser.parse_args(["--port", "0", *arguments])), out=out, err=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("interrupted")
def test_start_shows_addresses_credentials_and_a_command_to_paste():
    out, err = run()
    assert re.search(r"Inbox +http://127\.0\.0\.1:[0-9]+/\n", out)
    assert re.search(r"API key +any\n", out)
    assert re.search(r"Customer UUID +any \(v1\)\n", out)
    assert re.search(r"Webhooks +those of v2 are signed.*/webhook-key\.pem:\n\n-----BEGIN PUBLIC KEY-----\n", out)
    assert "curl http://127.0.0.1:" in out
    assert out.endswith("Stopped.\n")
    assert err == ""


@pytest.mark.usefixtures("interrupted")
def test_start_never_prints_the_key():
    out, _ = run("--api-key", "hidden", "--customer-uuid", CUSTOMER)
    assert "hidden" not in out
    assert CUSTOMER in out
    assert "Bearer YOUR_API_KEY" in out


@pytest.mark.usefixtures("interrupted")
def test_start_says_that_webhooks_are_not_signed():
    out, _ = run("--no-sign-webhooks")
    assert re.search(r"Webhooks +not signed \(--no-sign-webhooks\)\n", out)
    assert "PUBLIC KEY" not in out


def test_start_says_how_to_sign_webhooks():
    """In a process of its own, which cannot import cryptography."""
    program = """
import sys
sys.modules["cryptography"] = None
from django_ding.sandbox import cli
from django_ding.sandbox.server import SandboxServer
from django_ding.sandbox.simulator import Simulator
print(cli._start_message(SandboxServer(Simulator())))
"""
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert 'pip install "django-ding[prelude]"' in out


@pytest.mark.usefixtures("interrupted")
def test_start_warns_when_others_can_reach_it():
    _, err = run("--host", "0.0.0.0")  # noqa: S104
    assert err == "Warning: 0.0.0.0 is not a loopback address. Anyone who can connect to it can read every code.\n"


def test_every_option_has_a_flag():
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser, Options())
    values = vars(
        parser.parse_args(
            ["--code-length", "4", "--no-stateless", "--sender-ids", "Shop, Other,", "--retry-delay", "2.5"]
        )
    )
    assert set(Options.__dataclass_fields__) <= set(values)
    assert (values["code_length"], values["stateless"], values["retry_delay"]) == (4, False, 2.5)
    assert values["sender_ids"] == ("Shop", "Other")
    assert "(default: sms)" in parser.format_help()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--customer-uuid", "me"], "customer_uuid must be a UUID"),
        (["--code-length", "2"], "code_length must be from 4 to 12"),
        (["--port", "99999"], "cannot listen on 127.0.0.1, port 99999"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
    ],
)
def test_mistakes_are_explained(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--port", "0", *arguments])
    assert stopped.value.code == 2
    assert f"ding sandbox: {message}" in capsys.readouterr().err


def test_port_in_use_says_what_to_do(capsys, taken_port):
    with pytest.raises(SystemExit):
        cli.main(["--port", str(taken_port)])
    assert f"port {taken_port} of 127.0.0.1 is in use" in capsys.readouterr().err


def test_port_without_privileges_says_what_to_do():
    assert "above 1023" in cli.listening_error(PermissionError(13, "no"), "127.0.0.1", 80)


@pytest.mark.usefixtures("interrupted")
def test_management_command_takes_defaults_from_settings(settings):
    settings.DING = {**settings.DING, "SANDBOX": {"customer_uuid": CUSTOMER}}
    out = io.StringIO()
    call_command("ding_sandbox", "--port", "0", stdout=out)
    assert CUSTOMER in out.getvalue()


def test_management_command_explains_mistakes(settings, taken_port):
    with pytest.raises(CommandError, match="is in use"):
        call_command("ding_sandbox", "--port", str(taken_port))
    settings.DING = {**settings.DING, "SANDBOX": {"code_length": 2}}
    with pytest.raises(CommandError, match="code_length must be from 4 to 12"):
        call_command("ding_sandbox")


def test_module_runs_without_a_project_and_ends_on_ctrl_c():
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "django_ding.sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    inbox = process.stdout.readline().split()[-1]
    with urllib.request.urlopen(inbox, timeout=10) as response:
        assert b"Waiting for the first message" in response.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
    assert err == "GET / 200\n"
