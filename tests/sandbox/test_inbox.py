import json
import re

import pytest

from django_ding.sandbox.handler import call
from django_ding.sandbox.inbox import MAX_MESSAGES
from django_ding.sandbox.memory import SimSendRequest
from django_ding.sandbox.special_numbers import SPECIAL_NUMBERS

from .helpers import PHONE


@pytest.fixture
def get(simulator):
    def _get(path, query="", method="GET"):
        return call(simulator, method, f"{path}?{query}", headers={})

    return _get


def page(response):
    return response.content.decode()


def test_json_has_the_promised_shape(client, get):
    client.send()
    assert json.loads(get("/inbox.json").content) == {
        "messages": [
            {
                "phone_number": PHONE,
                "code": client.code(),
                "content": client.simulator.messages()[0].content,
                "channel": "sms",
                "attempt_number": 1,
                "created_at": "2026-03-01T12:00:00Z",
                "status": "submitted",
            }
        ]
    }


@pytest.mark.parametrize(
    "query", ["phone_number=+33612345678", "phone_number=%2B33612345678", "phone_number=33612345678"]
)
def test_json_filters_by_number_however_the_plus_arrives(client, get, query):
    client.send()
    client.send("+12025550100")
    (message,) = json.loads(get("/inbox.json", query).content)["messages"]
    assert message["phone_number"] == PHONE


def test_json_is_newest_first_and_bounded(client, get, simulator):
    for line in range(MAX_MESSAGES + 5):
        simulator.send(SimSendRequest(phone_number=f"+12025550{line:03}"))
    messages = json.loads(get("/inbox.json").content)["messages"]
    assert len(messages) == MAX_MESSAGES
    assert messages[0]["phone_number"] == f"+12025550{MAX_MESSAGES + 4:03}"


def test_page_shows_messages_newest_first_without_javascript(client, get):
    client.send("+12025550100")
    client.send("+447400123456")
    html = page(get("/"))
    assert re.findall(r'class="code">([0-9]+)<', html) == [
        client.code("+447400123456"),
        client.code("+12025550100"),
    ]
    assert "Submitted" in html
    assert "SMS" in html


def test_page_filters_by_number_and_marks_it(client, get):
    client.send()
    client.send("+12025550100")
    html = page(get("/", "phone_number=+33612345678"))
    assert html.count('class="message"') == 1
    assert 'value="+33612345678"' in html
    assert re.search(r'phone_number=%2B33612345678" data-live aria-current="page"', html)


@pytest.mark.parametrize(
    ("seconds", "ago"), [(0, "just now"), (60, "1 min ago"), (7_300, "2 h ago"), (180_000, "2 d ago")]
)
def test_page_shows_how_long_ago(client, get, clock, seconds, ago):
    client.send()
    clock.move(seconds)
    assert f">{ago}</time>" in page(get("/"))


def test_empty_page_says_what_to_do(get):
    html = page(get("/"))
    assert "Waiting for the first message" in html
    assert "curl" in html
    assert "Authorization: Bearer test" in html


def test_empty_page_never_shows_the_configured_key(make):
    simulator = make(api_key="hidden").simulator
    html = page(call(simulator, "GET", "/", headers={}))
    assert "hidden</" not in html
    assert "Bearer YOUR_API_KEY" in html


def test_empty_page_of_a_number_names_it(get):
    assert "No message to +33612345678 yet" in page(get("/", "phone_number=+33612345678"))


def test_page_escapes_everything(simulator, get):
    simulator.send(SimSendRequest(phone_number=PHONE, signals={"app_realm": "<script>"}), outcome="pending")
    assert "<script>\n" not in page(get("/"))
    assert "&lt;script&gt;" in page(get("/"))
    assert "<b>" not in page(get("/", "phone_number=<b>"))


def test_page_lists_the_special_numbers(get):
    html = page(get("/"))
    assert all(number in html for number in SPECIAL_NUMBERS)
    assert "<code>spam_detected</code>" in html


def test_page_has_no_inline_script_style_or_absolute_address(client, get):
    client.send()
    html = page(get("/"))
    assert not re.search(r"<style|style=|<script>|<script(?![^>]*src=)|\son[a-z]+=", html)
    assert not re.search(r'(href|src|action)="(/|http)', html)


@pytest.mark.parametrize("path", ["/", "/inbox.json", "/assets/inbox.js", "/nowhere"])
def test_responses_are_locked_down(get, path):
    headers = get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("theme.css", "text/css"),
        ("inbox.css", "text/css"),
        ("inbox.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_assets_are_served_with_their_type(get, name, content_type):
    response = get(f"/assets/{name}")
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, content_type)
    assert response.content


@pytest.mark.parametrize(
    "path", ["/nowhere", "/assets/inbox.html", "/assets/../inbox.py", "/assets/", "/inbox.css", "/v1"]
)
def test_everything_else_is_404(get, path):
    assert get(path).status_code == 404


def test_inbox_is_for_reading(get):
    response = get("/", method="POST")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
