"""The page of an authentication."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.admin.actions import REPORT_ONBOARDED
from django_ding.admin.details import authentication_details
from django_ding.admin.summary import get_summary
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


def summary_of(row):
    return get_summary(row, events(row)).sentence


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
    assert summary_of(row) == "The correct code was entered after 1 min 12 s."


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
            "Send failed: the provider took too long",
        ),
        (
            {"type": "error", "status": "http_503", "data": {"operation": "retry"}},
            "Resend failed: the provider responded",
        ),
        ({"type": "error", "status": "timeout", "data": {"operation": "check"}}, "Check failed: "),
        ({"type": "error", "status": "timeout", "data": {"operation": "status"}}, "Status refresh failed: "),
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


def test_a_retry_that_prelude_blocked(make):
    row = make(ACCEPTED, (31, {"type": "attempt", "status": "blocked", "data": {"reason": "suspicious"}}))
    assert timeline_of(row)[2] == "+31 s Message not sent: flagged as fraud by the provider."


@pytest.mark.parametrize(
    ("from_provider", "marked"),
    [([], ["Expires", "Messages left"]), (["expires_at"], ["Messages left"]), (["expires_at", "remaining_retry"], [])],
)
def test_what_follows_from_the_settings_is_marked(make, clock, from_provider, marked):
    row = make((0, {"type": "authentication", "status": "pending"}))
    row.remaining_retry = 3
    labels = [label for label, _ in authentication_details(row, from_provider=from_provider)]
    assert [label.removesuffix(" (set by this site)") for label in labels if "this site" in label] == marked
    clock.shift(601)
    labels = [label for label, _ in authentication_details(row, from_provider=from_provider)]
    assert not [label for label in labels if "this site" in label]


def test_events_before_the_start_have_a_minus(make):
    assert timeline_of(make((-2, sent())))[1] == "−2 s Message sent by SMS."


@pytest.mark.parametrize(
    ("timeline", "fields", "sentence"),
    [
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "sms", "status": "expired"},
            "The code was delivered by SMS after 12 s. It was never entered.",
        ),
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "sms"},
            "The code was delivered by SMS after 12 s. It can still be entered.",
        ),
        (
            [(12, delivered()), (20, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. An incorrect code was entered.",
        ),
        (
            [(12, delivered()), (20, WRONG), (21, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. Incorrect codes were entered 2 times.",
        ),
        (
            [],
            {"delivery_status": "delivered", "channel": "sms"},
            "The code was delivered by SMS. It can still be entered.",
        ),
        ([], {"delivery_status": "delivered"}, "The code was delivered. It can still be entered."),
        (
            [],
            {"delivery_status": "undeliverable"},
            "The code was not delivered: the carrier couldn't deliver the message.",
        ),
        (
            [],
            {"delivery_status": "in_transit"},
            "The carrier has the code but hasn't confirmed delivery.",
        ),
        ([], {}, "The code was sent. Its delivery status is unknown."),
        (
            [],
            {"status": "rate_limited"},
            "The provider declined to send a code: too many codes were requested or entered.",
        ),
        (
            [],
            {"status": "failed", "error_code": "invalid_line"},
            "No code was sent: this type of number can't receive a code.",
        ),
        (
            [],
            {"status": "failed", "error_code": "timeout"},
            "It's unknown whether a code was sent: the provider took too long to respond.",
        ),
        (
            [],
            {"status": "failed", "error_code": "http_500"},
            "It's unknown whether a code was sent: the provider responded with an error.",
        ),
        ([], {"status": "created"}, "It's unknown whether a code was sent: the provider's response is missing."),
    ],
)
def test_summary_answers_in_one_sentence(make, timeline, fields, sentence):
    assert summary_of(make(*timeline, **fields)) == sentence


def test_summary_while_the_provider_is_asked(make, clock):
    row = make(status="created")
    clock.shift(-30)
    assert summary_of(row) == "Waiting for the provider to send a code."


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


def test_advice_on_spam_names_the_button():
    assert f"“{REPORT_ONBOARDED.description}”" in str(describe_code("spam_detected").advice)


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


def test_page_shows_a_block(desk, make, block):
    page = desk.get(f"{LIST}{make().pk}/change/").text
    assert "prefix is blocked" in page
    assert "+3361234" not in page


def test_page_leaves_out_a_block_of_other_requesters(desk, make, block):
    assert "is blocked" not in desk.get(f"{LIST}{make(requester_type='login').pk}/change/").text


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
    assert queries(few) == queries(many) <= 12
    assert "Only the first 500 events are shown." in desk.get(f"{LIST}{many.pk}/change/").text


def test_page_greets_the_agent(desk, make, user):
    assert "<strong>agent</strong>" in desk.get(f"{LIST}{make(user=user).pk}/change/").text


def test_page_is_read_only(desk, make):
    url = f"{LIST}{make().pk}/change/"
    assert desk.post(url, {"status": "validated"}).status_code == 405
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.get(url.replace("change", "delete")).status_code == 403
