"""A provider that knows numbers only: one window per number, whatever this app believes.

Prelude checks and retries by number. So a repeated request is a message of the open window, and a retry after its end
opens another.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils import timezone

from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    EventType,
    Price,
    RetryResponse,
    RetryStatus,
    SendResponse,
    WebhookEvent,
)
from django_ding.exceptions import BackendUnavailable, Blocked, InputError, RateLimited
from django_ding.models import Authentication
from django_ding.services import check, export_data, record_webhook, refresh, retry, send
from tests.backends.servers import Provider, answer, refusal
from tests.helpers import Statements, timeline
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "vrf_first", "vrf_second", "vrf_third"
OTHER_PHONE = "+447400123456"


@pytest.fixture
def provider(settings):
    with Provider() as provider:
        backend = {
            "BACKEND": "django_ding.backends.prelude.PreludeBackend",
            "OPTIONS": {"api_key": "key", "base_url": provider.url, "supports_status": True},
        }
        settings.DING = {"BACKENDS": {"default": backend}, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}
        yield provider


def answers(provider, *pairs, **more):
    """Let the provider answer with pairs of a status and an id, if any."""
    for status, id_ in pairs:
        provider.will(answer({**({"id": id_} if id_ else {}), "status": status, **more}))


def opened(id_, price="0.009", **ids):
    return WebhookEvent(
        type=EventType.AUTHENTICATION,
        id=f"evt_{id_}",
        authentication_uuid=id_,
        price=Price(amount=Decimal(price), currency="EUR"),
        **ids,
    )


def report(row, *events):
    return record_webhook("default", events, public_id=row.public_id)


# A retry that was meant as one.


def test_a_retry_stays_in_its_window(provider, clock, phone):
    answers(provider, ("success", FIRST), ("retry", FIRST), channels=["sms"])
    row = send(phone).authentication
    clock.shift(31)
    result = retry(row)
    assert (result.status, result.remaining_retry) == (RetryStatus.APPROVED, 2)
    row.refresh_from_db()
    assert (row.authentication_uuid, row.retry_count, row.channel) == (FIRST, 1, "sms")
    assert timeline(row, "attempt_number") == [("authentication", "pending", None), ("attempt", "approved", 2)]


# A retry that opens a new window.


@pytest.fixture
def renewed(provider, clock, phone):
    """A row whose retry came after the end of the provider's window, but within this app's time."""
    answers(provider, ("success", FIRST), ("success", SECOND))
    row = send(phone).authentication
    clock.shift(300)
    assert retry(row).status is RetryStatus.APPROVED
    row.refresh_from_db()
    return row


def test_a_retry_that_opens_a_window_has_one_row_and_the_right_id(renewed):
    assert Authentication.objects.get() == renewed
    assert renewed.authentication_uuid == SECOND
    assert renewed.expires_at == timezone.now() + timedelta(seconds=600)
    assert (renewed.retry_count, renewed.remaining_retry) == (1, 2)
    assert timeline(renewed) == [("authentication", "pending"), ("authentication", "renewed"), ("attempt", "approved")]


def test_a_retry_that_opens_a_window_is_one_bill_more(renewed):
    # In any order, and repeated.
    for event in (opened(SECOND), opened(FIRST), opened(SECOND)):
        assert report(renewed, event)
    renewed.refresh_from_db()
    assert renewed.price_amount == Decimal("0.018")
    assert [type_ for type_, _ in timeline(renewed)].count("authentication") == 2


def test_a_webhook_that_is_faster_than_the_retry(provider, clock, phone):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    clock.shift(31)
    report(row, opened(SECOND, correlation_id=str(row.public_id)))
    answers(provider, ("success", SECOND))
    retry(row)
    row.refresh_from_db()
    assert [type_ for type_, _ in timeline(row)].count("authentication") == 2
    assert (row.price_amount, row.authentication_uuid) == (Decimal("0.009"), SECOND)


def test_a_message_that_is_reported_before_its_retry_is_one(clock, phone):
    with using(Hasty):
        row = send(phone).authentication
        clock.shift(31)
        assert retry(row).status is RetryStatus.APPROVED
    assert timeline(row, "attempt_number", "channel") == [
        ("authentication", "teleported", None, ""),
        ("attempt", "pending", 2, "whatsapp"),
    ]
    assert row.events.get(type="attempt").data["attempt_id"] == "att_2"


def test_a_refused_retry_is_not_taken_for_the_report_of_the_next(clock, phone):
    with using(Wavering, RETRY_COOLDOWN=1):
        row = send(phone).authentication
        for status in Wavering.statuses:
            clock.shift(1)
            assert retry(row).status is status
    assert timeline(row, "attempt_number")[1:] == [("attempt", "denied", None), ("attempt", "approved", 2)]


class Wavering(Newfangled):
    """Refuses the first retry, and reports by webhook."""

    webhooks = "per_account"
    statuses = (RetryStatus.DENIED, RetryStatus.APPROVED)

    def __init__(self, alias):
        super().__init__(alias)
        self.answers = iter(self.statuses)

    def retry(self, sent, *, channel=None):
        return RetryResponse(status=next(self.answers))


class Hasty(Newfangled):
    """Reports by webhook before it answers."""

    webhooks = "per_account"

    def retry(self, sent, *, channel=None):
        event = WebhookEvent(
            type=EventType.ATTEMPT,
            id="evt_2",
            created_at=timezone.now(),
            authentication_uuid=sent.authentication_uuid,
            attempt_id="att_2",
            channel=Channel.WHATSAPP,
            status="pending",
        )
        assert record_webhook(self.alias, [event], public_id=UUID(sent.correlation_id))
        return RetryResponse(status=RetryStatus.APPROVED)


class Suspicious(Hasty):
    """Challenges each message, and says so in its response alone."""

    def send(self, request):
        assert record_webhook(self.alias, [opened("u", correlation_id=request.correlation_id)])
        return SendResponse(status="pending", authentication_uuid="u", **self.challenge)

    def retry(self, sent, *, channel=None):
        super().retry(sent, channel=channel)
        return RetryResponse(status=RetryStatus.APPROVED, **self.challenge)

    challenge = {"provider_status": "challenged", "details": {"risk_factors": ["ip_reputation"]}}


def test_a_webhook_that_is_faster_than_the_response_hides_no_challenge(clock, phone):
    with using(Suspicious):
        row = send(phone).authentication
        clock.shift(31)
        retry(row)
    assert timeline(row) == [("authentication", "challenged"), ("attempt", "challenged")]
    assert [event.data["risk_factors"] for event in row.events.all()] == [["ip_reputation"]] * 2


def test_the_checks_of_a_new_window_count_on(provider, renewed):
    Authentication.objects.update(check_count=4)
    renewed.refresh_from_db()
    answers(provider, ("failure", SECOND))
    assert check(renewed, "123456").remaining_checks == 0
    assert check(renewed, "123456").status is CheckStatus.RATE_LIMITED
    assert len(provider.requests) == 3


def test_the_code_of_a_new_window_is_checked_there(provider, renewed):
    answers(provider, ("success", SECOND))
    assert check(renewed, "123456").status is CheckStatus.VALID


def test_the_id_of_another_number_is_never_believed(provider, clock, phone):
    answers(provider, ("success", FIRST), ("success", SECOND))
    row, other = send(phone).authentication, send(OTHER_PHONE).authentication
    clock.shift(31)
    for word in ("success", "retry"):
        answers(provider, (word, SECOND))
        with pytest.raises(BackendUnavailable):
            retry(row)
        clock.shift(31)
    row.refresh_from_db()
    assert (row.authentication_uuid, other.authentication_uuid) == (FIRST, SECOND)


def test_an_answer_that_was_lost_strands_nobody(provider, clock, phone):
    """A retry opens a window, and its answer is lost: what follows is about an id that no row has."""
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    clock.shift(300)
    provider.will(answer({}, status=502))
    with pytest.raises(BackendUnavailable):
        retry(row)
    clock.shift(31)
    answers(provider, ("failure", SECOND), ("retry", SECOND), ("success", SECOND))
    assert check(row, "654321").status is CheckStatus.INVALID
    assert retry(row).status is RetryStatus.APPROVED
    row.refresh_from_db()
    assert row.authentication_uuid == SECOND
    assert check(row, "123456").status is CheckStatus.VALID


def test_a_new_window_without_an_id_is_an_outage(provider, clock, phone):
    answers(provider, ("success", FIRST), ("success", None))
    row = send(phone).authentication
    clock.shift(31)
    with pytest.raises(BackendUnavailable):
        retry(row)
    assert timeline(row) == [("authentication", "pending"), ("error", "incomplete_answer")]


def test_answers_without_an_id_are_about_what_was_asked(provider, phone):
    provider.will(answer({"status": "blocked"}))
    with pytest.raises(Blocked):
        send(phone, ip="192.0.2.9")  # A row without an id, of the same number.
    answers(provider, ("success", FIRST), ("failure", None), ("success", None))
    row = send(phone).authentication
    assert check(row, "654321").status is CheckStatus.INVALID
    assert check(row, "123456").status is CheckStatus.VALID


@pytest.mark.parametrize("answered", [answer({"status": "blocked", "reason": "suspicious"}), answer({}, status=429)])
def test_a_refused_retry_leaves_the_others(provider, clock, phone, answered):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    for _ in range(4):
        clock.shift(61)
        provider.will(answered)
        assert retry(row).status in (RetryStatus.DENIED, RetryStatus.RATE_LIMITED)
    row.refresh_from_db()
    assert (row.retry_count, row.remaining_retry) == (0, 3)


def test_too_many_requests_of_the_account_lock_no_code(provider, phone):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    provider.will(answer({}, status=429, headers={"Retry-After": "7"}))
    result = check(row, "123456")
    assert (result.status, result.retry_after, result.remaining_checks) == (CheckStatus.RATE_LIMITED, 7, 5)
    answers(provider, ("success", FIRST))
    assert check(row, "123456").status is CheckStatus.VALID


# Two requesters of one number.


@pytest.fixture
def shared(provider, clock, phone):
    """Two visitors who request a code for one number, 100 seconds apart, and share the provider's window."""
    answers(provider, ("success", FIRST), ("retry", FIRST))
    first = send(phone, ip="192.0.2.1").authentication
    clock.shift(100)
    return first, send(phone, ip="192.0.2.2").authentication


def test_two_requesters_share_a_window(shared):
    first, second = shared
    second.refresh_from_db()
    assert first.pk != second.pk
    assert first.authentication_uuid == second.authentication_uuid == FIRST
    assert timeline(second) == [("authentication", "retry")]


def test_the_second_requester_has_no_more_time_than_the_window(shared):
    first, second = shared
    second.refresh_from_db()
    assert second.expires_at == first.expires_at


def test_the_second_request_is_no_second_bill(shared):
    first, second = shared
    report(first, opened(FIRST))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.price_amount, second.price_amount) == (Decimal("0.009"), None)


def test_the_windows_record_is_no_second_bill(provider, shared):
    first, second = shared
    at, later = "2026-06-01T12:00:00Z", "2026-06-01T12:01:40Z"
    price, cost = {"amount": "0.009", "currency": "EUR"}, {"amount": "0.03", "currency": "EUR"}
    events = [
        {"type": "create", "create": {"created_at": at, "cost": price}},
        {"type": "attempt", "attempt": {"id": "att_1", "created_at": at, "cost": cost}},
        {
            "type": "attempt",
            "attempt": {
                "id": "att_2",
                "created_at": later,
                "cost": cost,
                "delivery_events": [{"received_at": later, "status": "delivered"}],
            },
        },
    ]
    record = answer({"id": FIRST, "status": "sent", "lifecycle": {"events": events}})
    for row in (first, second, first):
        provider.will(record)
        refresh(row)
        row.refresh_from_db()
    assert (first.price_amount, second.price_amount) == (Decimal("0.039"), Decimal("0.03"))
    assert (first.delivery_status, second.delivery_status) == ("", "delivered")


def test_what_the_record_dates_before_all_requests_is_the_first_ones(provider, shared):
    event = {
        "type": "create",
        "create": {"created_at": "2026-06-01T11:00:00Z", "cost": {"amount": "1", "currency": "EUR"}},
    }
    record = answer({"id": FIRST, "status": "sent", "lifecycle": {"events": [event]}})
    for row in shared:
        provider.will(record)
        refresh(row)
        row.refresh_from_db()
    assert [row.price_amount for row in shared] == [Decimal(1), None]


def test_a_window_of_another_number_is_never_joined(provider, phone):
    answers(provider, ("success", FIRST), ("retry", FIRST))
    send(OTHER_PHONE)
    with pytest.raises(BackendUnavailable):
        send(phone)


def test_a_code_that_one_enters_is_used_for_both(provider, shared):
    first, second = shared
    answers(provider, ("success", FIRST), ("expired_or_not_found", FIRST))
    assert check(second, "123456").status is CheckStatus.VALID
    assert check(first, "123456").status is CheckStatus.EXPIRED_AUTH
    first.refresh_from_db()
    assert first.status == "expired"


def test_the_newest_request_has_the_window(shared):
    first, _ = shared
    assert check(first, "123456").status is CheckStatus.EXPIRED_AUTH
    assert retry(first).status is RetryStatus.EXPIRED_AUTH


def test_a_request_that_lost_the_window_has_it_again_after_another_send(provider, shared, clock, phone):
    first, second = shared
    answers(provider, ("retry", FIRST), ("success", FIRST))
    clock.shift(31)
    again = send(phone, ip="192.0.2.1")
    assert (again.is_new, again.authentication == first) == (True, False)
    assert check(second, "123456").status is CheckStatus.EXPIRED_AUTH
    assert check(again.authentication, "123456").status is CheckStatus.VALID


def test_wrong_codes_of_one_count_for_both_at_the_provider(provider, shared, phone):
    _, second = shared
    provider.will(refusal("too_many_checks"))
    assert check(second, "123456").status is CheckStatus.RATE_LIMITED
    # The window is over, and in nobody's way.
    answers(provider, ("success", SECOND))
    assert send(phone, ip="192.0.2.3").is_new


def test_a_window_that_somebody_elses_request_opened_takes_the_place_of_an_ended_one(provider, clock, phone):
    answers(provider, ("success", FIRST), ("success", SECOND))
    first = send(phone, ip="192.0.2.1").authentication
    clock.shift(300)
    second = send(phone, ip="192.0.2.2").authentication
    Authentication.objects.filter(pk=second.pk).update(status="failed")  # Its answer was lost.
    # The provider checks the code for the number, and it is the second window's.
    answers(provider, ("failure", SECOND))
    assert check(first, "123456").status is CheckStatus.EXPIRED_AUTH


def test_a_retry_joins_the_window_of_somebody_elses_request(provider, clock, phone):
    """Where that one has ended here, and not at the provider."""
    answers(provider, ("success", FIRST), ("success", SECOND))
    first = send(phone, ip="192.0.2.1").authentication
    clock.shift(300)
    second = send(phone, ip="192.0.2.2").authentication
    Authentication.objects.filter(pk=second.pk).update(status="failed", dedup_key=None)
    answers(provider, ("retry", SECOND), ("success", SECOND))
    assert retry(first).status is RetryStatus.APPROVED
    first.refresh_from_db()
    assert first.authentication_uuid == SECOND
    assert check(first, "123456").status is CheckStatus.VALID


def test_a_check_about_another_number_is_never_believed(provider, phone):
    answers(provider, ("success", FIRST), ("success", SECOND), ("success", SECOND))
    row, _ = send(phone).authentication, send(OTHER_PHONE)
    with pytest.raises(BackendUnavailable):
        check(row, "123456")
    row.refresh_from_db()
    assert (row.status, row.authentication_uuid) == ("pending", FIRST)


class Forgetful(Newfangled):
    """Another request has the right code accepted, and the provider knows nothing of a used one."""

    def check(self, sent, code):
        Authentication.objects.update(status="validated", validated_at=timezone.now())
        return CheckResponse(status=CheckStatus.EXPIRED_AUTH)


def test_a_code_used_meanwhile_says_so(phone):
    with using(Forgetful):
        row = send(phone).authentication
        assert check(row, "123456").status is CheckStatus.ALREADY_VALIDATED
    assert row.status == "validated"


# Refusals.


def test_a_refusal_is_in_the_row_with_its_reason(provider, phone):
    answers(provider, ("blocked", FIRST), reason="suspicious", risk_factors=["ip_reputation"])
    with pytest.raises(Blocked):
        send(phone)
    row = Authentication.objects.get()
    (event,) = row.events.all()
    assert (row.status, event.status) == ("spam_detected", "blocked")
    assert (event.data["reason"], event.data["risk_factors"]) == ("suspicious", ["ip_reputation"])


@pytest.mark.parametrize(
    ("reason", "family", "code"),
    [
        ("in_block_list", Blocked, "blocked_number"),
        ("invalid_phone_line", InputError, "invalid_line"),
        ("repeated_attempts", RateLimited, "rate_limited"),
    ],
)
def test_each_reason_is_its_error(provider, phone, reason, family, code):
    answers(provider, ("blocked", FIRST), reason=reason)
    with pytest.raises(family) as raised:
        send(phone)
    assert raised.value.code == code
    assert Authentication.objects.get().error_code == code


def test_the_code_of_an_undocumented_error_is_in_the_row(provider, phone):
    provider.will(refusal("brand_new", status=500))
    with pytest.raises(BackendUnavailable):
        send(phone)
    assert Authentication.objects.get().error_code == "brand_new"


# What the provider doesn't say.


def test_what_follows_from_the_settings_is_not_marked_as_the_providers(provider, phone):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    assert row.expires_at == row.created_at + timedelta(seconds=600)
    assert "from_provider" not in row.events.get().data


def test_an_absurd_expiry_is_not_believed(provider, clock, phone):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    provider.will(answer({"id": FIRST, "status": "sent", "expires_at": "9999-12-31T00:00:00Z"}))
    assert refresh(row).expires_at == row.created_at + timedelta(seconds=600)


def test_the_history_replaces_the_expiry(provider, clock, phone):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    provider.will(answer({"id": FIRST, "status": "sent", "expires_at": "2026-06-01T12:05:00Z"}))
    refresh(row)
    row.refresh_from_db()
    assert row.expires_at.isoformat() == "2026-06-01T12:05:00+00:00"
    assert row.events.get().data["from_provider"] == ["expires_at"]


def test_the_history_of_one_number_leaves_the_others_alone(provider, clock, phone):
    answers(provider, ("success", FIRST), ("success", SECOND))
    row = send(phone).authentication
    clock.shift(1)
    other = send(OTHER_PHONE).authentication
    provider.will(answer({"id": FIRST, "status": "sent", "expires_at": "2026-06-01T12:05:00Z"}))
    refresh(row)
    assert row.events.get().data["from_provider"] == ["expires_at"]
    assert "from_provider" not in other.events.get().data


@pytest.mark.parametrize(
    ("word", "status"),
    [("sent", "pending"), ("brand_new", "pending"), ("not_converted", "expired"), ("suspected_fraud", "expired")],
)
def test_a_window_that_has_ended_closes_its_row(provider, phone, word, status):
    answers(provider, ("success", FIRST))
    row = send(phone).authentication
    provider.will(answer({"id": FIRST, "status": word}))
    refresh(row)
    assert row.status == status
    row.refresh_from_db()
    assert row.status == status


# What it costs.


def test_statements(provider, clock, phone):
    answers(provider, ("success", FIRST), ("failure", FIRST), ("success", FIRST))
    with Statements() as sending:
        row = send(phone).authentication
    with Statements() as mistaken:
        check(row, "654321")
    with Statements() as checking:
        check(row, "123456")
    assert (len(sending), len(mistaken), len(checking)) == (3, 4, 4)


def test_a_code_of_the_callers_own_is_not_stored(provider, settings, phone):
    settings.DING["BACKENDS"]["default"]["OPTIONS"]["allow_custom_code"] = True
    answers(provider, ("success", FIRST))
    row = send(phone, extra={"custom_code": "135790", "code_size": 6}).authentication
    assert provider.requests[0].json["options"]["custom_code"] == "135790"
    row.refresh_from_db()
    assert row.backend_state == {"request": {"extra": {"code_size": 6}}}


def test_options_of_the_providers_own_end_with_the_code(provider, phone):
    answers(provider, ("success", FIRST), ("success", FIRST))
    payment = {"amount": "12.00", "currency": "EUR", "recipient": "Ada"}
    row = send(phone, locale="fr", extra={"variables": payment, "psd2": payment}).authentication
    exported = export_data(phone_number=phone)["authentications"][0]["request_options"]
    assert exported == {"locale": "fr", "extra": {"variables": payment, "psd2": payment}}
    check(row, "123456")
    row.refresh_from_db()
    assert row.backend_state == {"request": {"locale": "fr"}}


def test_rest_says_when_to_check_again(provider, client, phone):
    answers(provider, ("success", FIRST))
    row = send(phone, purpose="signup").authentication
    path = f"/api/phone/authentications/{row.public_id}/check/"
    provider.will(answer({}, status=429, headers={"Retry-After": "7"}), refusal("too_many_checks"))
    slowed = client.post(path, {"code": "123456"}, content_type="application/json")
    assert (slowed.status_code, slowed["Retry-After"]) == (429, "7")
    ended = client.post(path, {"code": "123456"}, content_type="application/json")
    # A new code can be requested after the cooldown, and not only when this one would have expired.
    assert (ended.status_code, int(ended["Retry-After"]) <= 30) == (429, True)


def test_a_webhook_of_the_windows_other_requester(provider, shared):
    first, second = shared
    event = WebhookEvent(
        type=EventType.DELIVERY_STATUS,
        id="evt_1",
        authentication_uuid=FIRST,
        correlation_id=str(first.public_id),
        attempt_id="att_1",
        status="delivered",
    )
    assert record_webhook("default", [event], public_id=UUID(str(second.public_id)))
    second.refresh_from_db()
    assert second.delivery_status == "delivered"
