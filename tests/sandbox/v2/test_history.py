import json

import pytest

from ..helpers import PHONE


def events(history):
    return [event["type"] for event in history["lifecycle"]["events"]]


def test_history_of_a_verification(v2, clock):
    created = v2.create(metadata={"correlation_id": "ours"})
    clock.move(5)
    v2.create()
    v2.check(v2.wrong_code())
    history = v2.history(created["id"])
    assert (history["id"], history["phone_number"], history["status"]) == (created["id"], PHONE, "pending_check")
    assert (history["created_at"], history["expires_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z")
    assert (history["phone_number_region"], history["carrier"]["mccmnc"][:3]) == ("FR", "208")
    assert events(history) == ["create", "attempt", "attempt", "check"]
    first, second = (event["attempt"] for event in history["lifecycle"]["events"][1:3])
    assert (first["trigger"], first["channel"], first["delivery_status"]) == ("initial", "sms", "delivered")
    assert (second["trigger"], second["channel"], second["delivery_status"]) == ("user_retry", "whatsapp", "in_transit")
    assert [report["status"] for report in first["delivery_events"]] == ["submitted", "in_transit", "delivered"]
    assert history["lifecycle"]["total_cost"] == {"amount": "0.069", "currency": "EUR"}


def test_history_masks_codes_while_the_window_is_open(v2):
    created, wrong = v2.create(), v2.wrong_code()
    v2.check(wrong)
    text = json.dumps(v2.history(created["id"]))
    assert v2.code() not in text
    assert f'"{wrong}"' not in text
    v2.check(v2.code())
    assert v2.code() in json.dumps(v2.history(created["id"]))


@pytest.mark.parametrize(
    ("last_digits", "status", "block_reasons"),
    [
        (10, "rate_limited", ["repeated_attempts"]),
        (11, "suspected_fraud", ["ip_reputation", "number_range_abuse"]),
        (12, "in_blocklist", None),
        (13, "invalid_line", None),
        (15, "invalid_number", None),
        (75, "expired_signals", ["expired_signals"]),
        (76, "challenged", None),
        (77, "shadowed", ["ip_reputation", "number_range_abuse"]),
        (20, "sent", None),
    ],
)
def test_history_status(v2, last_digits, status, block_reasons):
    history = v2.history(v2.create(f"+120255501{last_digits}")["id"])
    assert (history["status"], history.get("block_reasons")) == (status, block_reasons)


def test_history_status_of_finished_verifications(v2, clock):
    first = v2.create()["id"]
    v2.check(v2.code())
    second = v2.create()["id"]
    clock.move(600)
    assert [v2.history(one)["status"] for one in (first, second)] == ["converted", "not_converted"]


def test_history_of_an_undeliverable_message(v2, clock):
    created = v2.create("+12025550120")
    clock.move(5)
    lifecycle = v2.history(created["id"])["lifecycle"]
    assert lifecycle["undeliverable_route_count"] == 1
    assert lifecycle["events"][1]["attempt"]["status"] == "failed"


def test_history_tells_why_a_check_failed(v2):
    created = v2.create()
    v2.check(v2.code())
    v2.check(v2.code())
    checks = [event["check"] for event in v2.history(created["id"])["lifecycle"]["events"] if "check" in event]
    assert [check["is_valid"] for check in checks] == [True, False]
    assert (checks[0]["channel"], checks[1]["status_detail"]) == ("sms", "expired_auth")


@pytest.mark.parametrize("unknown", ["vrf_unknown", "0b0e7c1d-6a53-4c55-9c3f-5a2d1f7e9a10"])
def test_history_of_an_unknown_id_is_404(v2, client, unknown):
    client.send()
    assert v2.history(unknown)["code"] == "invalid_request"
    assert v2.response.status_code == 404


def test_history_does_not_show_version_1(v2, client):
    uuid = client.send()["authentication_uuid"]
    v2.history(uuid)
    assert v2.response.status_code == 404
    assert v2.list()["verifications"] == []


@pytest.fixture
def three(v2, clock):
    """Return the IDs of three verifications, a minute apart: converted, sent with a retry, blocked."""
    ids = [v2.create(signals={"device_platform": "ios"}, options={"template_id": "short"})["id"]]
    v2.check(v2.code())
    clock.move(60)
    ids.append(v2.create("+447400123456", options={"channels": ["viber", "rcs"]})["id"])
    v2.create("+447400123456")
    clock.move(60)
    return [*ids, v2.create("+12025550112")["id"]]


def found(v2, query):
    return [one["id"] for one in v2.list(query)["verifications"]]


def test_list_is_newest_first(v2, three):
    entries = v2.list()["verifications"]
    assert [entry["id"] for entry in entries] == three[::-1]
    blocked, sent, converted = entries
    assert (blocked["attempts"], "cost" in blocked, blocked["channels"]) == (0, False, [])
    assert sent["channels"] == [{"channel": "viber", "converted": False}, {"channel": "rcs", "converted": False}]
    assert (converted["converted_at"], converted["channels"][0]) == (
        "2026-03-01T12:00:00Z",
        {"channel": "sms", "converted": True},
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("phone_number=%2B33612345678", [0]),
        ("phone_number=+33612345678", [0]),
        ("phone_number=33612345678", [0]),
        ("status=converted", [0]),
        ("status=sent", [1]),
        ("status=in_blocklist", [2]),
        ("channels=viber", [1]),
        ("channels=viber,whatsapp", [1, 0]),
        ("channels=viber&channels=voice", [1, 0]),
        ("region=gb", [1]),
        ("device_platform=ios", [0]),
        ("template_id=short", [0]),
        ("min_attempts=1", [1, 0]),
        ("max_attempts=1", [2, 0]),
        ("max_attempts=0", [2]),
        ("from=2026-03-01T12:00:30Z&to=2026-03-01T12:01:30Z", [1]),
        ("from=2026-03-01T13:00:30%2B01:00&to=2026-03-01T12:01:30Z", [1]),
        ("status=converted&region=GB", []),
    ],
)
def test_list_filters(v2, three, query, expected):
    assert found(v2, query) == [three[index] for index in expected]


def test_list_pages(v2, three):
    pages, cursor = [], ""
    while True:
        page = v2.list(f"limit=2{cursor}")
        pages.append([one["id"] for one in page["verifications"]])
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert pages == [three[:0:-1], three[:1]]


def test_list_cursor_is_bound_to_its_filters(v2, three):
    cursor = v2.list("limit=1")["next_cursor"]
    assert v2.list(f"status=converted&cursor={cursor}")["code"] == "invalid_request"


@pytest.mark.parametrize(
    "query",
    [
        "status=pending_check",
        "status=nonsense",
        "channels=pigeon",
        "device_platform=symbian",
        "limit=0",
        "limit=101",
        "limit=x",
        "min_attempts=-1",
        "from=2026-03-01T12:00:00Z",
        "from=yesterday&to=today",
        "from=2026-13-01T12:00:00Z&to=2026-03-01T12:00:00Z",
        "from=2026-03-02T12:00:00Z&to=2026-03-01T12:00:00Z",
        "from=2025-03-01T12:00:00Z&to=2026-03-01T12:00:00Z",
        "cursor=vrf_unknown",
        "unknown=1",
    ],
)
def test_list_refuses(v2, query):
    assert v2.list(query)["code"] == "invalid_request"
    assert v2.response.status_code == 400
