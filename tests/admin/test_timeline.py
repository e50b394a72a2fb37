"""The page of an authentication."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.admin.timeline import get_timeline
from django_ding.backends.types import CheckStatus, RetryStatus
from django_ding.codes import CODES, describe_code
from django_ding.models import Event, PhoneNumber
from django_ding.sandbox.errors import ERRORS
from django_ding.services import check, refresh, retry, send
from django_ding.testing import script
from tests.admin.helpers import LIST, delivered, sent

PRICE = {"data": {"price": {"amount": "0.03", "currency": "EUR"}}}
ACCEPTED = (0, {"type": "authentication", "status": "pending"})
WRONG = {"type": "check", "status": "invalid"}


def events(row):
    return list(Event.objects.filter(authentication=row))


def timeline_of(row):
    """Return the entries as people read them."""
    return [
        " ".join(filter(None, [entry.since, entry.text.sentence, entry.price]))
        for entry in get_timeline(row, events(row))
    ]


def test_timeline_of_a_delivered_code(make):
    row = make(
        ACCEPTED, (1, sent(**PRICE)), (12, delivered(**PRICE)), (75, WRONG), (130, {"type": "check", "status": "valid"})
    )
    assert timeline_of(row) == [
        "Requested Code requested.",
        "+0 s Accepted by provider.",
        "+1 s Message sent by SMS.",
        "+12 s Message delivered by SMS. €0.03",
        "+1 min 15 s Incorrect code entered.",
        "+2 min 10 s Correct code entered.",
    ]


def test_timeline_of_a_real_one(clock, outbox, phone, user):
    row = send(phone, user=user).authentication
    clock.shift(12)
    refresh(row)
    check(row, "0000")
    clock.shift(60)
    retry(row)
    check(row, outbox[-1].code)
    lines = timeline_of(row)
    assert lines[:2] == ["Requested Code requested.", "+0 s Accepted by provider."]
    assert "+12 s Incorrect code entered." in lines
    assert any("Message 2 sent" in line for line in lines)
    assert lines[-1] == "+1 min 12 s Correct code entered."


def test_timeline_tells_the_channel_that_was_asked_for(make):
    asked = {"data": {"requested_channel": "whatsapp"}}
    row = make(
        (1, sent()),
        (40, sent(attempt_number=2, channel="whatsapp", **asked)),
        (80, sent(attempt_number=3, channel="sms", **asked)),
        (120, sent(attempt_number=4, channel="", **asked)),
        backend_state={"request": {"channel": "voice"}},
    )
    assert timeline_of(row) == [
        "Requested Code requested, to be sent by phone call.",
        "+1 s Message sent by SMS.",
        "+40 s Message 2 sent by WhatsApp, as requested.",
        "+1 min 20 s Message 3 sent by SMS. Requested channel: WhatsApp.",
        "+2 min Message 4 sent. Requested channel: WhatsApp.",
    ]


def test_timeline_tells_channels_apart(make):
    row = make(
        (1, sent()),
        (5, delivered("undeliverable")),
        (40, sent(attempt_number=2, channel="whatsapp")),
        (44, delivered(attempt_number=2)),
    )
    assert timeline_of(row)[1:] == [
        "+1 s Message sent by SMS.",
        "+5 s Message not delivered: the carrier couldn't deliver the message.",
        "+40 s Message 2 sent by WhatsApp.",
        "+44 s Message delivered by WhatsApp.",
    ]


def test_times_are_exact_and_a_day_is_named_once(make, clock):
    row = make((1, sent()), (86_400, delivered()))
    assert [entry.clock for entry in get_timeline(row, events(row))] == [
        "June 1, 2026, 11:59:00\u00a0UTC",
        "11:59:01\u00a0UTC",
        "June 2, 2026, 11:59:00\u00a0UTC",
    ]


def test_page_shows_times_without_a_tooltip(desk, make):
    page = desk.get(f"{LIST}{make((1, sent())).pk}/change/").text
    assert re.search(r'<time datetime="[^"]+">\+1 s <span class="ding-clock">11:59:01\u00a0UTC</span></time>', page)


def test_timeline_gives_no_advice(desk, make):
    row = make(
        (1, {"type": "error", "status": "negative_balance", "data": {"operation": "retry"}}),
        delivery_status="delivered",
    )
    page = desk.get(f"{LIST}{row.pk}/change/").text
    assert page.count("Tell the account owner") == 1
    assert "<code>negative_balance</code>" in page


def test_timeline_ends_with_the_time(make, clock):
    row = make()
    clock.shift(3600)
    assert timeline_of(row)[-1] == "+10 min Code expired."


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            {"type": "authentication", "status": "spam_detected"},
            "The provider declined to send a code: flagged as fraud",
        ),
        ({"type": "authentication", "status": "teleported"}, "Unrecognized provider status: “teleported”"),
        ({"type": "attempt", "status": "failed", "attempt_number": 1}, "Message not sent."),
        (
            {"type": "attempt", "status": "denied"},
            "Message not sent: the provider declined to resend.",
        ),
        ({"type": "attempt", "status": "pondering"}, "Unrecognized provider status: “pondering”"),
        ({"type": "attempt", "status": "approved", "attempt_number": 3}, "Message 3 sent."),
        ({"type": "check", "status": "expired_auth"}, "Code rejected: the code had expired."),
        ({"type": "check", "status": "odd"}, "Unrecognized provider status: “odd”"),
        ({"type": "delivery_status", "status": "submitted"}, "Accepted by carrier."),
        ({"type": "delivery_status", "status": "in_transit"}, "On its way to the phone."),
        ({"type": "delivery_status", "status": "unknown"}, "Delivery status unknown."),
        (
            {"type": "balance_update", "status": "attempt", "data": {"amount": -0.05}},
            "Amount charged by provider: -0.05.",
        ),
        ({"type": "balance_update", "status": "attempt"}, "Amount charged by provider."),
        (
            {"type": "balance_update", "status": "attempt_pending", "data": {"amount": 1}},
            "Amount reserved by provider: ",
        ),
        ({"type": "balance_update", "status": "attempt_pending", "data": {}}, "Amount reserved by provider."),
        (
            {"type": "error", "status": "timeout", "data": {"operation": "send"}},
            "Unknown whether a code was sent: the provider took too long",
        ),
        (
            {"type": "error", "status": "http_503", "data": {"operation": "retry"}},
            "Resend failed: the provider responded",
        ),
        ({"type": "error", "status": "timeout", "data": {"operation": "check"}}, "Check failed: "),
        ({"type": "error", "status": "timeout", "data": {"operation": "status"}}, "Status refresh failed: "),
        ({"type": "error", "status": "timeout", "data": {"operation": "cancel"}}, "Cancellation failed: "),
        ({"type": "cancel", "status": ""}, "Canceled by this site. The code can't be entered any more."),
        ({"type": "error", "status": "brand_new"}, "Send failed: unknown reason."),
        ({"type": "invented", "status": ""}, "Unrecognized provider status: “invented”"),
    ],
)
def test_each_event_has_a_sentence(make, event, sentence):
    [_, entry] = get_timeline(row := make((1, event)), events(row))
    assert entry.text.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("status", "data", "sentence"),
    [
        ("retry", {}, "Accepted by provider, as part of a verification that was already open for this number."),
        ("renewed", {}, "The earlier code had expired at the provider, which opened a new verification."),
        (
            "challenged",
            {"risk_factors": ["ip_reputation", "device_reuse"]},
            (
                "Accepted by provider, but flagged as suspicious: neither SMS nor calls are used. "
                "Risk factors: ip reputation, device reuse."
            ),
        ),
        ("shadow_blocked", {}, "Accepted by provider, although a rule of the account would have blocked it."),
        ("blocked", {}, "The provider declined to send a code: flagged as fraud by the provider."),
        (
            "blocked",
            {"reason": "repeated_attempts"},
            "The provider declined to send a code: too many codes were requested or entered.",
        ),
        (
            "blocked",
            {"reason": "invalid_signature", "risk_factors": ["proxy_network"]},
            (
                "The provider declined to send a code: the signals of the app's SDK couldn't be verified. "
                "Risk factors: proxy network."
            ),
        ),
    ],
)
def test_what_prelude_says_of_a_request(make, status, data, sentence):
    row = make((0, {"type": "authentication", "status": status, "data": data}))
    assert timeline_of(row)[1] == f"+0 s {sentence}"


def test_a_number_that_prelude_refused(make):
    data = {"operation": "send", "reason": "invalid_phone_line", "risk_factors": ["number_range_abuse"]}
    row = make((0, {"type": "error", "status": "invalid_line", "data": data}))
    assert timeline_of(row)[1] == (
        "+0 s Send failed: this type of number can't receive a code. Risk factors: number range abuse."
    )


def test_a_retry_that_prelude_challenged(make):
    event = sent(attempt_number=2, channel="whatsapp", status="challenged", data={"risk_factors": ["proxy_network"]})
    assert timeline_of(make((31, event)))[1] == (
        "+31 s Message 2 sent by WhatsApp. Flagged as suspicious: neither SMS nor calls are used. "
        "Risk factors: proxy network."
    )


def test_a_retry_that_prelude_blocked(make):
    row = make(ACCEPTED, (31, {"type": "attempt", "status": "blocked", "data": {"reason": "suspicious"}}))
    assert timeline_of(row)[2] == "+31 s Message not sent: flagged as fraud by the provider."


def test_events_before_the_start_have_a_minus(make):
    assert timeline_of(make((-2, sent())))[1] == "−2 s Message sent by SMS."


@pytest.mark.parametrize("code", sorted({*ERRORS, *CheckStatus, *RetryStatus}))
def test_every_code_of_the_provider_is_explained(code):
    if code not in {"valid", "approved", "unknown"}:
        assert code in CODES


@pytest.mark.parametrize(
    "outcome", ["server_error", "too_many_requests", "dropped", "dropped_before", "garbage", "slow"]
)
def test_every_fault_is_explained(clock, db, phone, outcome):
    script("send", outcome)
    with pytest.raises(Exception, match=r".") as raised:
        send(phone)
    assert describe_code(raised.value.code).explanation != "unknown reason"


def test_page_names_people_in_sentences(desk, make, user, phone):
    user.username = "<b>alice"
    user.save()
    PhoneNumber.objects.create(user=user, phone_number=phone)
    page = desk.get(f"{LIST}{make(user=user).pk}/change/").text
    assert "Requested by <bdi>&lt;b&gt;alice</bdi>." in page
    assert "and linked to <bdi>&lt;b&gt;alice</bdi>." in page


def test_page(desk, make, user, phone):
    row = make(
        ACCEPTED,
        (12, delivered()),
        user=user,
        status="expired",
        delivery_status="delivered",
        channel="sms",
        ip="192.0.2.7",
        device_signals={"device_model": "Fairphone 5", "is_returning_user": True},
    )
    other = make(status="failed", error_code="timeout")
    PhoneNumber.objects.create(user=user, phone_number=phone)
    page = desk.get(f"{LIST}{row.pk}/change/").text
    for text in ("+33*******78", "It was never entered.", "192.0.2.7", "Fairphone 5", "alice", str(row.public_id)):
        assert text in page
    for url in (f"{LIST}?same_number_as={row.pk}", f"{LIST}?user={user.pk}", f"{LIST}{other.pk}/change/"):
        assert f'href="{url}"' in page
    assert "/admin/auth/user/" not in page


def test_page_links_to_the_user_for_those_who_may_look(desk, agent, make, user):
    agent.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert f'href="/admin/auth/user/{user.pk}/change/"' in desk.get(f"{LIST}{make(user=user).pk}/change/").text


@pytest.mark.parametrize("key", ["0", "x", "9" * 40])
def test_page_that_does_not_exist(desk, db, key):
    assert desk.get(f"{LIST}{key}/change/").url == LIST
    assert "This verification doesn&#x27;t exist." in desk.get(LIST).text


def test_page_makes_as_many_queries_with_5_and_500_events(desk, make):
    def queries(row):
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(f"{LIST}{row.pk}/change/").status_code == 200
        return len(captured)

    few, many = make(*[(n, WRONG) for n in range(5)]), make()
    Event.objects.bulk_create(
        Event(authentication=many, occurred_at=many.created_at + timedelta(seconds=n), **WRONG) for n in range(500)
    )
    queries(few)
    assert queries(few) == queries(many) <= 15
    assert "Only the first 500 events are shown." in desk.get(f"{LIST}{many.pk}/change/").text


def test_page_greets_the_agent(desk, make, user):
    assert "<strong>agent</strong>" in desk.get(f"{LIST}{make(user=user).pk}/change/").text


def test_page_is_read_only(desk, make):
    url = f"{LIST}{make().pk}/change/"
    assert desk.post(url, {"status": "validated"}).status_code == 405
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.get(url.replace("change", "delete")).status_code == 403
