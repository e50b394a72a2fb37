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
        ],
        "refused": [],
        "webhooks": [],
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
    assert headers["Referrer-Policy"] == "same-origin"
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


# Refused requests


def refused(get, query=""):
    return json.loads(get("/inbox.json", query).content)["refused"]


@pytest.mark.parametrize(
    ("last_digits", "http_status", "code"),
    [
        (10, 200, "rate_limited"),
        (11, 200, "spam_detected"),
        (12, 400, "blocked_number"),
        (16, 400, "negative_balance"),
        (29, 500, "internal_server_error"),
        (30, 429, ""),
        (32, None, ""),
    ],
)
def test_refused_send_of_version_1_leaves_a_trace(client, get, last_digits, http_status, code):
    number = f"+120255501{last_digits}"
    client.send(number)
    (trace,) = refused(get)
    assert trace.pop("reason")
    assert trace == {
        "phone_number": number,
        "api": "v1",
        "operation": "send",
        "http_status": http_status,
        "code": code,
        "created_at": "2026-03-01T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("last_digits", "http_status", "code"),
    [
        (10, 200, "blocked/repeated_attempts"),
        (14, 400, "unsupported_country"),
        (17, 400, "suspended_account"),
        (30, 429, "too_many_requests"),
        (82, 429, "too_many_attempts"),
        (87, 400, "undocumented_error"),
    ],
)
def test_refused_create_of_version_2_leaves_a_trace(v2, get, last_digits, http_status, code):
    v2.create(f"+120255501{last_digits}")
    (trace,) = refused(get)
    assert (trace["api"], trace["http_status"], trace["code"]) == ("v2", http_status, code)
    assert trace["reason"]


@pytest.mark.parametrize("last_digits", [0, 20, 28, 31, 33, 76, 77])
def test_request_that_sent_a_message_leaves_no_trace(client, v2, get, last_digits):
    client.send(f"+120255501{last_digits:02}")
    v2.create(f"+120255501{last_digits:02}")
    assert refused(get) == []
    assert len(client.simulator.messages()) == 2


def test_every_status_of_a_refusal_has_a_reason(client, v2, get):
    for number in SPECIAL_NUMBERS:
        for api in (client, v2):
            api.send(number) if api is client else api.create(number)
    assert all(trace["reason"] for trace in refused(get))


def test_refused_retries_leave_a_trace(client, v2, get):
    uuid = client.send()["authentication_uuid"]
    client.retry(uuid)
    v2.create("+12025550135")
    v2.create("+12025550135")
    assert [(trace["operation"], trace["code"], trace["phone_number"]) for trace in refused(get)] == [
        ("retry", "blocked/suspicious", "+12025550135"),
        ("retry", "rate_limited", PHONE),
    ]


def test_clients_mistakes_leave_a_trace(client, v2, get):
    client.call("POST", "/v1/authentication", headers={}, body=b"{}")
    client.send("0612345678")
    v2.create("x" * 1000)
    v2.call("POST", "/v2/verification", headers=v2.headers, body=b"[")
    traces = refused(get)
    assert [trace["phone_number"] for trace in traces] == ["", "x" * 32, "0612345678", ""]
    assert traces[-1]["reason"] == "The API key is missing or wrong."


def test_request_with_a_wrong_key_is_shown_with_its_number(make):
    client = make(api_key="right")
    client.send()
    (refusal,) = client.simulator.refusals()
    assert (refusal.phone_number, refusal.http_status) == (PHONE, 403)
    assert "12345678" not in repr(refusal)


def test_other_calls_and_methods_leave_no_trace(client, get):
    client.check("nothing", "1")
    client.lookup("1")
    client.call("GET", "/v1/authentication")
    assert refused(get) == []


def test_refusals_are_bounded_and_filtered_by_number(make):
    client = make(max_authentications=3)
    for last_digits in (10, 11, 12, 13):
        client.send(f"+120255501{last_digits}")
    assert len(client.simulator.refusals()) == 3
    assert [refusal.code for refusal in client.simulator.refusals("+12025550112")] == ["blocked_number"]


def test_page_shows_refused_requests_among_the_messages(client, get, clock):
    client.send("+12025550100")
    clock.move(1)
    client.send("+12025550111")
    clock.move(1)
    client.send("0612345678")
    html = page(get("/"))
    assert html.index("0612345678") < html.index("spam_detected") < html.index(client.code("+12025550100"))
    assert "The antifraud system flagged the request." in html
    assert 'phone_number=%2B12025550111"' in html
    assert "phone_number=0612345678" not in html


# Webhooks


def test_page_and_json_list_webhooks_with_their_answers(client, get, simulator):
    token = "0123456789abcdefghij"
    client.send(callback_url=f"http://user:password@127.0.0.1:1/hook/{token}/?key=secret")
    assert json.loads(get("/inbox.json").content)["webhooks"] == []
    simulator.webhooks.run_due()
    newest = json.loads(get("/inbox.json", "phone_number=33612345678").content)["webhooks"][0]
    assert newest == {
        "phone_number": PHONE,
        "type": "delivery_status",
        "url": "http://127.0.0.1:1/hook/…/",
        "status": "retrying",
        "attempts": 1,
        "http_status": None,
        "reason": "Connection refused",
        "attempted_at": "2026-03-01T12:00:00Z",
    }
    html = page(get("/"))
    assert "3 posted, 3 not delivered" in html
    assert "Connection refused" in html
    assert token not in html
    assert json.loads(get("/inbox.json", "phone_number=1").content)["webhooks"] == []


# Clearing


def fill(client):
    client.send(callback_url="http://127.0.0.1:1/")
    client.send("+12025550111")
    client.simulator.webhooks.run_due()


def test_clearing_leaves_an_empty_inbox_and_codes_that_work(client, get):
    fill(client)
    uuid, code = client.simulator.messages()[0].authentication_uuid, client.code()
    response = get("/clear", method="POST")
    assert (response.status_code, response["Location"]) == (302, "./")
    assert json.loads(get("/inbox.json").content) == {"messages": [], "refused": [], "webhooks": []}
    assert client.check(uuid, code)["status"] == "valid"


def test_programs_clear_with_delete(client, get):
    fill(client)
    assert get("/inbox.json", method="DELETE").status_code == 204
    assert client.simulator.messages() == client.simulator.refusals() == client.simulator.webhooks.posted() == []


def test_button_to_clear_is_there_when_there_is_something(client, get):
    assert re.search(r'id="clear"[^>]* hidden', page(get("/")))
    client.send("+12025550111")
    html = page(get("/"))
    assert not re.search(r'id="clear"[^>]* hidden', html)
    assert "undone" in html


@pytest.mark.parametrize("way", [("POST", "/clear"), ("DELETE", "/inbox.json")])
@pytest.mark.parametrize(
    ("origin", "is_own"), [("http://evil.example", False), ("null", False), ("http://[", False), ("http://box:1", True)]
)
def test_other_sites_cannot_clear(client, simulator, way, origin, is_own):
    client.send()
    response = call(simulator, *way, headers={"Origin": origin, "Host": "box:1"})
    assert (response.status_code == 403) is not is_own
    assert len(simulator.messages()) == (0 if is_own else 1)


def test_clearing_is_a_post(get):
    assert get("/clear").status_code == 405


def test_special_numbers_can_be_copied_and_nowhere_tried(get):
    html = page(get("/"))
    for number in SPECIAL_NUMBERS:
        assert f'data-copy="{number}"' in html
    assert 'form="try"' not in html
