"""What every backend does, and what every one that plays Ding does besides."""

import re

import pytest

from django_ding.backends.base import (
    AttemptEvent,
    AttemptStatus,
    BalanceUpdateEvent,
    BalanceUpdateType,
    Channel,
    CheckEvent,
    CheckStatus,
    DeliveryStatus,
    DeliveryStatusEvent,
    FeedbackStatus,
    RetryStatus,
    SendRequest,
    SendStatus,
    Signals,
)
from django_ding.exceptions import AccountError, BackendUnavailable, InputError
from django_ding.phone import LineType
from django_ding.sandbox.numbers import SPECIAL_NUMBERS
from django_ding.sandbox.outcomes import FAULTS

UNKNOWN_UUID = "64f66a7c-4b2c-4131-a8ff-d5b954cca05f"

#: Fault → code, whether the request reached the provider, whether it may have been executed.
OUTAGES = {
    "slow": ("timeout", True, True),
    "dropped": ("connection_lost", True, True),
    "dropped_before": ("connection_lost", True, True),
    "garbage": ("not_json", True, True),
    "server_error": ("http_500", True, True),
    "too_many_requests": ("too_many_requests", True, False),
}

ACCOUNT_CODES = {"negative_balance", "suspended_account", "spending_limit_exceeded", "account_invalid"}


def special(operation, *, kind):
    """Return the parameters for each special number with an outcome of ``kind`` for an operation."""
    found = [
        (number, outcome)
        for number, entry in SPECIAL_NUMBERS.items()
        if (outcome := entry.outcome(operation)) != "normal" and kind(operation, outcome)
    ]
    return [pytest.param(number, outcome, id=f"{number[-4:]}-{outcome}") for number, outcome in found]


def is_status(operation, outcome):
    statuses = {"send": SendStatus, "check": CheckStatus, "retry": RetryStatus, "lookup": LineType}
    return operation in statuses and outcome in [status.value for status in statuses[operation]]


def is_fault(operation, outcome):
    return outcome in FAULTS or outcome == "internal_server_error"


def is_error(operation, outcome):
    return not is_status(operation, outcome) and not is_fault(operation, outcome)


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


class BasicContract:
    """Run by each backend's own test module, which gives ``backend``, ``phone`` and ``code``."""

    @pytest.fixture
    def sent(self, backend, phone):
        return backend.send(SendRequest(phone_number=phone))

    def test_repr_names_class_and_alias(self, backend):
        assert re.fullmatch(r"<\w+Backend 'default'>", repr(backend))

    def test_send_is_pending(self, sent):
        assert sent.status is SendStatus.PENDING
        assert 0 < len(sent.authentication_uuid) <= 64

    def test_check_right_code(self, backend, sent, code):
        result = backend.check(sent.authentication_uuid, code)
        assert result.status is CheckStatus.VALID
        assert result.authentication_uuid == sent.authentication_uuid

    def test_check_wrong_code(self, backend, sent, code):
        assert backend.check(sent.authentication_uuid, wrong(code)).status is CheckStatus.INVALID

    def test_check_impossible_code_is_a_wrong_one(self, backend, sent):
        assert backend.check(sent.authentication_uuid, "12345678").status is CheckStatus.INVALID

    def test_retry_is_approved(self, clock, backend, sent):
        clock.shift(31)
        result = backend.retry(sent.authentication_uuid)
        assert result.status is RetryStatus.APPROVED
        assert result.authentication_uuid == sent.authentication_uuid


class BackendContract(BasicContract):
    """Run by those that play Ding, which give ``make_backend`` and ``simulator``."""

    @pytest.fixture
    def backend(self, make_backend, simulator):
        return make_backend()

    @pytest.fixture
    def impatient(self, make_backend, simulator):
        """A backend that gives up soon."""
        return make_backend(read_timeout=0.2)

    @pytest.fixture
    def code(self, sent, simulator, phone):
        return simulator.messages(phone)[0].code

    # Capabilities

    def test_supports_every_operation(self, backend):
        assert backend.supports_status
        assert backend.supports_feedback
        assert backend.supports_lookup

    # Sending

    def test_send_tells_status_and_times(self, sent):
        assert sent.provider_status == "pending"
        assert sent.expires_at > sent.created_at

    def test_send_reaches_the_phone(self, sent, simulator, phone):
        assert len(simulator.messages(phone)) == 1

    def test_send_passes_every_field(self, backend, phone):
        signals = Signals(
            ip="192.0.2.1",
            device_id="device",
            device_type="ANDROID",
            device_model="Pixel 9",
            os_version="16",
            app_version="1.2.3",
            app_realm="FA+9qCX9VSu",
            is_returning_user=True,
        )
        request = SendRequest(
            phone_number=phone,
            correlation_id="order-1",
            signals=signals,
            locale="fr-FR",
            template_id="template",
            sender_id="Shop",
        )
        status = backend.status(backend.send(request).authentication_uuid)
        assert status.signals == signals
        assert (status.correlation_id, status.template_id) == ("order-1", "template")
        assert status.events[1].sender_id == "Shop"

    @pytest.mark.parametrize(("number", "outcome"), special("send", kind=is_status))
    def test_send_special_number_status(self, backend, simulator, number, outcome):
        assert backend.send(SendRequest(phone_number=number)).status == outcome
        assert not simulator.messages(number)

    @pytest.mark.parametrize(("number", "outcome"), special("send", kind=is_error))
    def test_send_special_number_error(self, backend, number, outcome):
        with pytest.raises(AccountError if outcome in ACCOUNT_CODES else InputError) as raised:
            backend.send(SendRequest(phone_number=number))
        assert raised.value.code == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("send", kind=is_fault))
    def test_send_special_number_outage(self, impatient, number, outcome):
        with pytest.raises(BackendUnavailable) as raised:
            impatient.send(SendRequest(phone_number=number))
        error = raised.value
        assert (error.code, error.reached, error.may_have_executed) == OUTAGES[outcome]

    @pytest.mark.parametrize("fault", ["slow", "dropped", "garbage"])
    def test_send_outage_is_not_repeated(self, impatient, simulator, phone, fault):
        simulator.script("send", fault)
        with pytest.raises(BackendUnavailable):
            impatient.send(SendRequest(phone_number=phone))
        assert simulator.calls["send"] == len(simulator.messages(phone)) == 1

    def test_send_too_many_requests_tells_when(self, backend, simulator, phone):
        simulator.script("send", "too_many_requests")
        with pytest.raises(BackendUnavailable) as raised:
            backend.send(SendRequest(phone_number=phone))
        assert raised.value.retry_after == 30

    # Checking

    def test_check_again(self, backend, sent, code):
        backend.check(sent.authentication_uuid, code)
        assert backend.check(sent.authentication_uuid, code).status is CheckStatus.ALREADY_VALIDATED

    def test_check_unknown_authentication(self, backend):
        with pytest.raises(AccountError) as raised:
            backend.check(UNKNOWN_UUID, "123456")
        assert raised.value.code == "invalid_auth_uuid"

    def test_check_other_error_is_raised(self, backend, simulator, sent, code):
        simulator.script("check", "blocked_number")
        with pytest.raises(InputError):
            backend.check(sent.authentication_uuid, code)

    def test_check_too_often(self, backend, sent, code):
        statuses = [backend.check(sent.authentication_uuid, wrong(code)).status for _ in range(6)]
        assert statuses == [CheckStatus.INVALID] * 5 + [CheckStatus.RATE_LIMITED]

    def test_check_too_late(self, clock, backend, sent, code):
        clock.shift(601)
        assert backend.check(sent.authentication_uuid, code).status is CheckStatus.EXPIRED_AUTH

    @pytest.mark.parametrize(("number", "outcome"), special("check", kind=is_status))
    def test_check_special_number_status(self, backend, number, outcome):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        assert backend.check(uuid, "123456").status == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("check", kind=is_fault))
    def test_check_special_number_outage(self, backend, number, outcome):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        with pytest.raises(BackendUnavailable) as raised:
            backend.check(uuid, "123456")
        assert raised.value.code == OUTAGES[outcome][0]

    # Retrying

    def test_retry_within_cooldown(self, backend, sent):
        result = backend.retry(sent.authentication_uuid)
        assert result.status is RetryStatus.RATE_LIMITED
        assert result.next_retry_at > sent.created_at

    def test_retry_reaches_the_phone(self, clock, backend, simulator, sent, phone):
        clock.shift(31)
        result = backend.retry(sent.authentication_uuid)
        assert result.remaining_retry == 2
        assert len(simulator.messages(phone)) == 2

    def test_retry_until_none_remains(self, clock, backend, sent):
        results = []
        for _ in range(4):
            clock.shift(31)
            results.append(backend.retry(sent.authentication_uuid))
        assert [result.remaining_retry for result in results] == [2, 1, 0, 0]
        assert results[-1].status is RetryStatus.RATE_LIMITED

    def test_retry_after_validation(self, backend, sent, code):
        backend.check(sent.authentication_uuid, code)
        assert backend.retry(sent.authentication_uuid).status is RetryStatus.ALREADY_VALIDATED

    def test_retry_unknown_authentication(self, backend):
        with pytest.raises(AccountError):
            backend.retry(UNKNOWN_UUID)

    @pytest.mark.parametrize(("number", "outcome"), special("retry", kind=is_status))
    def test_retry_special_number_status(self, backend, number, outcome):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        assert backend.retry(uuid).status == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("retry", kind=is_fault))
    def test_retry_special_number_outage(self, backend, number, outcome):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        with pytest.raises(BackendUnavailable) as raised:
            backend.retry(uuid)
        assert raised.value.code == OUTAGES[outcome][0]

    # Status

    def test_status_tells_what_was_sent(self, backend, sent, phone):
        status = backend.status(sent.authentication_uuid)
        assert (status.uuid, status.phone_number) == (sent.authentication_uuid, phone)
        assert status.created_at == sent.created_at

    def test_status_has_events_of_each_type(self, clock, backend, sent, code):
        clock.shift(5)
        backend.check(sent.authentication_uuid, code)
        events = backend.status(sent.authentication_uuid).events
        types = {type(event) for event in events}
        assert types == {AttemptEvent, BalanceUpdateEvent, DeliveryStatusEvent, CheckEvent}

    def test_status_reads_each_event(self, clock, backend, sent, code):
        clock.shift(5)
        backend.check(sent.authentication_uuid, code)
        opened, attempt, balance, *reports, check = backend.status(sent.authentication_uuid).events
        assert (attempt.capability, attempt.status) == (Channel.TEXT, AttemptStatus.DELIVERED)
        assert opened.balance_update_type is BalanceUpdateType.AUTHENTICATION
        assert balance.balance_update_type is BalanceUpdateType.ATTEMPT
        assert [report.status for report in reports] == [
            DeliveryStatus.SUBMITTED,
            DeliveryStatus.IN_TRANSIT,
            DeliveryStatus.DELIVERED,
        ]
        assert {report.attempt_id for report in reports} == {attempt.id}
        assert check.status is CheckStatus.VALID

    def test_status_events_are_in_order(self, clock, backend, sent):
        clock.shift(31)
        backend.retry(sent.authentication_uuid)
        clock.shift(5)
        times = [event.created_at for event in backend.status(sent.authentication_uuid).events]
        assert times == sorted(times)

    def test_status_drops_code_and_content(self, backend, sent, code, simulator, phone):
        backend.check(sent.authentication_uuid, code)
        shown = repr(backend.status(sent.authentication_uuid))
        assert code not in shown
        assert simulator.messages(phone)[0].content not in shown
        assert (phone in shown) is False

    def test_status_unknown_authentication(self, backend):
        with pytest.raises(AccountError) as raised:
            backend.status(UNKNOWN_UUID)
        assert raised.value.code == "invalid_auth_uuid"

    def test_status_of_a_strange_id_stays_on_its_path(self, backend):
        with pytest.raises(AccountError):
            backend.status("../check?x=#")

    # Feedback

    @pytest.mark.parametrize("status", FeedbackStatus)
    def test_feedback_is_recorded(self, backend, sent, phone, status):
        assert backend.feedback(phone, status).uuid

    def test_feedback_twice(self, backend, sent, phone):
        backend.feedback(phone, FeedbackStatus.ONBOARDED)
        with pytest.raises(InputError) as raised:
            backend.feedback(phone, FeedbackStatus.ONBOARDED)
        assert raised.value.code == "duplicated_feedback_status"

    def test_feedback_on_nothing(self, backend, phone):
        with pytest.raises(InputError) as raised:
            backend.feedback(phone, FeedbackStatus.ONBOARDED)
        assert raised.value.code == "no_associated_auth_found"

    @pytest.mark.parametrize(("number", "outcome"), special("feedback", kind=is_error))
    def test_feedback_special_number_error(self, backend, number, outcome):
        with pytest.raises(InputError) as raised:
            backend.feedback(number, FeedbackStatus.ONBOARDED)
        assert raised.value.code == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("feedback", kind=is_fault))
    def test_feedback_special_number_outage(self, backend, number, outcome):
        with pytest.raises(BackendUnavailable):
            backend.feedback(number, FeedbackStatus.ONBOARDED)

    # Lookup

    def test_lookup_tells_the_line(self, backend, phone):
        result = backend.lookup(phone)
        assert (result.phone_number, result.country_code, result.mcc) == (phone, "FR", "208")
        assert result.line_type is LineType.MOBILE
        assert result.carrier
        assert result.mnc

    def test_lookup_without_caller_name(self, backend, phone):
        assert backend.lookup(phone).caller_name is None

    def test_lookup_with_caller_name(self, backend, phone):
        assert backend.lookup(phone, caller_name=True).caller_name

    def test_lookup_temporary_number(self, backend):
        assert backend.lookup("+12025550159").temporary_phone_number is True

    def test_lookup_ported_number(self, backend):
        assert backend.lookup("+12025550160").number_ported is True

    @pytest.mark.parametrize(("number", "outcome"), special("lookup", kind=is_status))
    def test_lookup_special_number_line_type(self, backend, number, outcome):
        assert backend.lookup(number).line_type == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("lookup", kind=is_error))
    def test_lookup_special_number_error(self, backend, number, outcome):
        with pytest.raises(AccountError) as raised:
            backend.lookup(number)
        assert raised.value.code == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("lookup", kind=is_fault))
    def test_lookup_special_number_outage(self, impatient, number, outcome):
        with pytest.raises(BackendUnavailable) as raised:
            impatient.lookup(number)
        assert raised.value.code == OUTAGES[outcome][0]

    def test_lookup_invalid_number(self, backend):
        with pytest.raises(InputError) as raised:
            backend.lookup("+1202555")
        assert raised.value.code == "invalid_phone_number"

    # Delivery

    @pytest.mark.parametrize(
        ("number", "status"),
        [
            pytest.param("+12025550120", DeliveryStatus.UNDELIVERABLE, id="0120"),
            pytest.param("+12025550121", DeliveryStatus.IN_TRANSIT, id="0121"),
            pytest.param("+12025550122", DeliveryStatus.UNKNOWN, id="0122"),
        ],
    )
    def test_status_special_number_delivery(self, clock, backend, number, status):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        clock.shift(5)
        assert backend.status(uuid).events[-1].status is status

    @pytest.mark.parametrize(
        ("number", "channel"),
        [
            pytest.param(number, entry.channel, id=entry.channel)
            for number, entry in SPECIAL_NUMBERS.items()
            if entry.channel
        ],
    )
    def test_status_special_number_channel(self, backend, number, channel):
        uuid = backend.send(SendRequest(phone_number=number)).authentication_uuid
        assert backend.status(uuid).events[1].capability == channel

    def test_retry_special_number_far_away(self, backend):
        uuid = backend.send(SendRequest(phone_number="+12025550134")).authentication_uuid
        result = backend.retry(uuid)
        assert (result.next_retry_at - result.created_at).total_seconds() > 3600
