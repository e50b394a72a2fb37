"""The example with an SMS gateway in place of a provider: its codes are in the terminal, and nowhere else."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.e2e.person import LOGIN, SECOND_FACTOR
from tests.e2e.processes import free_port, manage, running
from tests.e2e.site import Visitor
from tests.helpers import wrong_code
from tests.settings import ENGINE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(ENGINE != "sqlite3", reason="the processes have a SQLite of their own"),
]

GATEWAY = "django_ding.backends.sms.ConsoleGateway"

#: The example, with everything logged. Eight digits don't turn up by chance in a timestamp or a hash.
SETTINGS = """
from example.settings import *

DING["BACKENDS"]["default"]["OPTIONS"]["code_length"] = 8
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "DEBUG"},
    "loggers": {"django": {"level": "DEBUG"}},
}
"""

#: What the console gateway writes: the number, the text and a line.
MESSAGE = re.compile(r"^(\+[0-9]+)\n(.*?)\n-{79}\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running example: its URL, its database and what it wrote."""

    url: str
    folder: Path

    @property
    def terminal(self) -> str:
        return (self.folder / "stdout").read_text()

    @property
    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    def codes(self) -> list[str]:
        """Return the codes in the terminal, oldest first."""
        return [re.search(r"[0-9]{8}", text)[0] for _, text in MESSAGE.findall(self.terminal)]

    def dump(self) -> str:
        """Return the whole database as SQL."""
        with closing(sqlite3.connect(self.folder / "example.sqlite3")) as database:
            return "\n".join(database.iterdump())

    def states(self) -> list[dict]:
        """Return the ``backend_state`` of every authentication, oldest first."""
        with closing(sqlite3.connect(self.folder / "example.sqlite3")) as database:
            rows = database.execute("SELECT backend_state FROM django_ding_authentication ORDER BY id")
            return [json.loads(state) for (state,) in rows]

    def assert_no_code_is_kept(self) -> None:
        """Check that the codes are in the gateway's messages only."""
        assert self.codes()
        for code in self.codes():
            assert code not in self.dump()
            assert code not in self.log
            assert code not in MESSAGE.sub("", self.terminal)
            assert code not in json.dumps(self.states())


@pytest.fixture
def server(env, tmp_path) -> Iterator[Server]:
    """The example with the console gateway."""
    (tmp_path / "logged_settings.py").write_text(SETTINGS)
    variables = env | {
        "DING_SMS_GATEWAY": GATEWAY,
        "DJANGO_SETTINGS_MODULE": "logged_settings",
        "PYTHONPATH": f"{tmp_path}:{env['PYTHONPATH']}",
    }
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = manage("demo", "--port", str(port))
    with running(command, url=url, env=variables, output=tmp_path / "stdout", errors=tmp_path / "stderr"):
        yield Server(url=url, folder=tmp_path)


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def submit(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    """Open a page and submit its form."""
    token, *_ = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(url, timeout=20).text)
    return browser.post(url, {"csrfmiddlewaretoken": token, **fields}, timeout=20)


def verify_by_rest(server: Server, visitor: Visitor, phone: str) -> None:
    """Request a code and enter it, after an incorrect one."""
    sent = visitor.send(phone)
    assert (sent.status_code, sent.json()["channel"]) == (201, "sms")
    code = server.codes()[-1]
    [state] = server.states()
    assert len(state["state"]["hashes"]) == 1
    server.assert_no_code_is_kept()
    refused = visitor.check(sent, wrong_code(code))
    assert (refused.status_code, refused.json()["remaining_checks"]) == (400, 4)
    won = visitor.check(sent, code)
    assert (won.status_code, won.json()["status"], visitor.numbers()) == (200, "valid", [phone])


def verify_by_pages(server: Server, browser: requests.Session) -> None:
    """Log in with the password and a code."""
    asked = submit(browser, f"{server.url}{LOGIN}", username="demo", password="demo")
    assert asked.url == f"{server.url}{SECOND_FACTOR}"
    assert "/sandbox/" not in asked.text
    server.assert_no_code_is_kept()
    home = submit(browser, asked.url, code=server.codes()[-1])
    assert (home.url, "You are logged in" in home.text) == (f"{server.url}/", True)


def test_sms_gateway_by_rest_and_by_pages(server, visit, browser, phone):
    verify_by_rest(server, visit(server.url), phone)
    verify_by_pages(server, browser)
    assert [number for number, _ in MESSAGE.findall(server.terminal)] == [phone, phone]
    assert "SELECT" in server.log  # The log is really on.
    assert "django_ding_authentication" in server.dump()
    server.assert_no_code_is_kept()
    # The hashes are gone. The options of a request stay for a refresh.
    assert server.states() == [{}, {"request": {"locale": "en"}}]


def test_sms_gateway_needs_no_sandbox(server):
    assert "none: the SMS gateway delivers the codes" in server.terminal
    assert "sandbox" not in requests.get(server.url, timeout=20).text
