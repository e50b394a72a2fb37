"""The page of an authentication."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.admin.deeds import ONBOARDED
from django_ding.admin.events.explaining import EXPLANATIONS, explain
from django_ding.admin.events.headline import headline
from django_ding.admin.events.story import story
from django_ding.backends.base import CheckStatus, RetryStatus
from django_ding.backends.ding.errors import ACCOUNT_ERRORS
from django_ding.exceptions import InputError
from django_ding.models import Event, PhoneNumber
from django_ding.sandbox.errors import ERRORS
from django_ding.services import check, retry, send, sync
from django_ding.testing import script
from tests.admin.conftest import LIST, delivered, sent

PRICE = {"facts": {"price": {"amount": "0.03", "currency": "EUR"}}}
ACCEPTED = (0, {"type": "authentication", "status": "pending"})
WRONG = {"type": "check", "status": "invalid"}


def events(row):
    return list(Event.objects.filter(authentication=row))


def told(row):
    """Return the lines of a story as people read them."""
    return [" ".join(filter(None, [line.since, line.told.sentence, line.price])) for line in story(row, events(row))]


def summed_up(row):
    return headline(row, events(row)).sentence


def test_story_of_a_delivered_code(make):
    row = make(
        ACCEPTED, (1, sent(**PRICE)), (12, delivered(**PRICE)), (75, WRONG), (130, {"type": "check", "status": "valid"})
    )
    assert told(row) == [
        "at the start A code was asked for.",
        "+0 s The provider accepted the request.",
        "+1 s The message was sent by SMS.",
        "+12 s The message was delivered by SMS. €0.03",
        "+1 min 15 s A wrong code was entered.",
        "+2 min 10 s The right code was entered.",
    ]


def test_story_of_a_real_one(clock, outbox, phone, user):
    row = send(phone, user=user)
    clock.shift(12)
    sync(row)
    check(row, "0000")
    clock.shift(60)
    retry(row)
    check(row, outbox[-1].code)
    lines = told(row)
    assert lines[:2] == ["at the start A code was asked for.", "+0 s The provider accepted the request."]
    assert "+12 s A wrong code was entered." in lines
    assert any("Message 2 was sent" in line for line in lines)
    assert lines[-1] == "+1 min 12 s The right code was entered."
    assert summed_up(row) == "The right code was entered after 1 min 12 s."


def test_story_tells_channels_apart(make):
    row = make(
        (1, sent()),
        (5, delivered("undeliverable")),
        (40, sent(attempt_number=2, channel="whatsapp")),
        (44, delivered(attempt_number=2)),
    )
    assert told(row)[1:] == [
        "+1 s The message was sent by SMS.",
        "+5 s The message did not arrive: the carrier could not deliver the message.",
        "+40 s Message 2 was sent by WhatsApp.",
        "+44 s The message was delivered by WhatsApp.",
    ]


def test_story_ends_with_the_time(make, clock):
    row = make()
    clock.shift(3600)
    assert told(row)[-1] == "+10 min The time to enter the code was over."


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            {"type": "authentication", "status": "spam_detected"},
            "The provider refused to send a code: the provider's antifraud",
        ),
        ({"type": "authentication", "status": "teleported"}, "The provider said “teleported”, which this app"),
        ({"type": "attempt", "status": "failed", "attempt_number": 1}, "A message was not sent."),
        (
            {"type": "attempt", "status": "denied"},
            "A message was not sent: the provider did not want to send once more.",
        ),
        ({"type": "attempt", "status": "pondering"}, "The provider said “pondering”"),
        ({"type": "attempt", "status": "approved", "attempt_number": 3}, "Message 3 was sent."),
        ({"type": "check", "status": "expired_auth"}, "A code was refused: the time to enter the code was over."),
        ({"type": "check", "status": "odd"}, "The provider said “odd”"),
        ({"type": "delivery_status", "status": "submitted"}, "The carrier took the message."),
        ({"type": "delivery_status", "status": "in_transit"}, "The message is on its way to the phone."),
        ({"type": "delivery_status", "status": "unknown"}, "The carrier does not know what became of the message."),
        (
            {"type": "balance_update", "status": "attempt", "facts": {"amount": -0.05}},
            "The provider booked an amount: -0.05.",
        ),
        ({"type": "balance_update", "status": "attempt"}, "The provider booked an amount."),
        ({"type": "balance_update", "status": "attempt_pending", "facts": {"amount": 1}}, "The provider set an amount"),
        ({"type": "balance_update", "status": "attempt_pending", "facts": {}}, "The provider set money aside."),
        (
            {"type": "error", "status": "timeout", "facts": {"operation": "send"}},
            "Sending failed: the provider took too long",
        ),
        (
            {"type": "error", "status": "http_503", "facts": {"operation": "retry"}},
            "Sending once more failed: the provider answered",
        ),
        ({"type": "error", "status": "timeout", "facts": {"operation": "check"}}, "A code could not be checked: "),
        ({"type": "error", "status": "timeout", "facts": {"operation": "status"}}, "The provider could not be asked: "),
        ({"type": "error", "status": "brand_new"}, "Sending failed: the reason has no words yet."),
        ({"type": "invented", "status": ""}, "The provider said “invented”"),
    ],
)
def test_each_event_has_a_sentence(make, event, sentence):
    [_, line] = story(row := make((1, event)), events(row))
    assert line.told.sentence.startswith(sentence)


def test_events_before_the_start_are_told_so(make):
    assert told(make((-2, sent())))[1] == "−2 s The message was sent by SMS."


@pytest.mark.parametrize(
    ("timeline", "fields", "sentence"),
    [
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "text", "status": "expired"},
            "The code was delivered by SMS after 12 s. It was never entered.",
        ),
        (
            [(12, delivered())],
            {"delivery_status": "delivered", "channel": "text"},
            "The code was delivered by SMS after 12 s. It can still be entered.",
        ),
        (
            [(12, delivered()), (20, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. A wrong one was entered.",
        ),
        (
            [(12, delivered()), (20, WRONG), (21, WRONG)],
            {"delivery_status": "delivered"},
            "The code was delivered after 12 s. 2 wrong ones were entered.",
        ),
        (
            [],
            {"delivery_status": "delivered", "channel": "text"},
            "The code was delivered by SMS. It can still be entered.",
        ),
        ([], {"delivery_status": "delivered"}, "The code was delivered. It can still be entered."),
        (
            [],
            {"delivery_status": "undeliverable"},
            "The code did not arrive: the carrier could not deliver the message.",
        ),
        (
            [],
            {"delivery_status": "in_transit"},
            "The code is with the carrier, which has not reported that it arrived.",
        ),
        ([], {}, "The code was sent, and nothing is known of its delivery."),
        (
            [],
            {"status": "rate_limited"},
            "The provider refused to send a code: too many codes were asked for or entered.",
        ),
        (
            [],
            {"status": "failed", "error_code": "invalid_line"},
            "No code was sent: this kind of line can't receive a code.",
        ),
        (
            [],
            {"status": "failed", "error_code": "timeout"},
            "A code may have been sent or not: the provider took too long to answer.",
        ),
        (
            [],
            {"status": "failed", "error_code": "http_500"},
            "A code may have been sent or not: the provider answered with an error.",
        ),
        ([], {"status": "created"}, "The provider's answer is missing, so nobody knows whether a code was sent."),
    ],
)
def test_headline_answers_in_one_sentence(make, timeline, fields, sentence):
    assert summed_up(make(*timeline, **fields)) == sentence


def test_headline_while_the_provider_is_asked(make, clock):
    row = make(status="created")
    clock.shift(-30)
    assert summed_up(row) == "The provider is being asked to send a code."


@pytest.mark.parametrize("code", sorted({*ERRORS, *InputError.SENTENCES, *ACCOUNT_ERRORS, *CheckStatus, *RetryStatus}))
def test_every_code_of_the_provider_is_explained(code):
    if code not in {"valid", "approved", "unknown"}:
        assert code in EXPLANATIONS


@pytest.mark.parametrize(
    "outcome", ["server_error", "too_many_requests", "dropped", "dropped_before", "garbage", "slow"]
)
def test_every_fault_is_explained(clock, db, phone, outcome):
    script("send", outcome)
    with pytest.raises(Exception, match=r".") as raised:
        send(phone)
    assert str(explain(raised.value.code).reason) != "the reason has no words yet"


def test_advice_on_spam_names_the_button():
    assert f"“{ONBOARDED.label}”" in explain("spam_detected").advice


def test_page_names_people_in_sentences(desk, make, user, phone):
    user.username = "<b>alice"
    user.save()
    PhoneNumber.objects.create(user=user, phone_number=phone)
    page = desk.get(f"{LIST}{make(user=user).pk}/change/").text
    assert "Asked for by <bdi>&lt;b&gt;alice</bdi>." in page
    assert "and belongs to <bdi>&lt;b&gt;alice</bdi>." in page


def test_page(desk, make, user, phone):
    row = make(
        ACCEPTED,
        (12, delivered()),
        user=user,
        status="expired",
        delivery_status="delivered",
        channel="text",
        ip="192.0.2.7",
        signals={"device_model": "Fairphone 5", "is_returning_user": True},
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


def test_page_tells_of_a_block(desk, make, block):
    page = desk.get(f"{LIST}{make().pk}/change/").text
    assert "Codes to numbers like this one are blocked" in page
    assert "+3361234" not in page


@pytest.mark.parametrize("key", ["0", "x", "9" * 40])
def test_page_of_nothing(desk, db, key):
    assert desk.get(f"{LIST}{key}/change/").url == LIST
    assert "There is no such authentication." in desk.get(LIST).text


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
    assert queries(few) == queries(many) <= 11
    assert "There is more, which is not shown." in desk.get(f"{LIST}{many.pk}/change/").text


def test_page_only_shows(desk, make):
    url = f"{LIST}{make().pk}/change/"
    assert desk.post(url, {"status": "validated"}).status_code == 405
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.get(url.replace("change", "delete")).status_code == 403
