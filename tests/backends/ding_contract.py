"""What every backend that plays Ding does, beside what every backend does."""

import json
import re
from contextlib import contextmanager

import pytest

from django_ding.backends.ding.parsing import LINE_TYPES
from django_ding.backends.types import (
    AttemptStatus,
    BalanceUpdateType,
    Channel,
    CheckStatus,
    DeliveryStatus,
    DeviceSignals,
    FeedbackStatus,
    RetryStatus,
    SendRequest,
    SendStatus,
    WebhookRequest,
)
from django_ding.exceptions import BackendRejected, BackendUnavailable, Blocked, InputError
from django_ding.line_types import LineType
from django_ding.sandbox.special_numbers import FAULTS, SPECIAL_NUMBERS
from django_ding.testing import BackendContract
from tests.backends.helpers import API_KEY, UUID, make_sent, send
from tests.helpers import wrong_code

UNKNOWN = make_sent(UUID)

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
    statuses = {"send": SendStatus, "check": CheckStatus, "retry": RetryStatus, "lookup": LINE_TYPES}
    return operation in statuses and outcome in [getattr(status, "value", status) for status in statuses[operation]]


def is_fault(operation, outcome):
    return outcome in FAULTS or outcome == "internal_server_error"


def is_error(operation, outcome):
    return not is_status(operation, outcome) and not is_fault(operation, outcome)


def family_of(code):
    if code == "blocked_number":
        return Blocked
    return BackendRejected if code in ACCOUNT_CODES else InputError


class DingContract(BackendContract):
    """Run by each backend that plays Ding, which gives ``make_backend`` and the fixture ``simulator``."""

    secrets = (API_KEY,)

    @pytest.fixture(autouse=True)
    def _world(self, simulator, clock):
        self.simulator = simulator
        self.clock = clock

    def valid_code(self, sent):
        return self.simulator.messages(sent.phone_number)[0].code

    def before_retry(self):
        self.clock.shift(31)

    def webhook(self, sent):
        body = {"type": "attempt", "id": "event-1", "auth_uuid": sent.authentication_uuid, "attempt_id": "attempt-1"}
        return WebhookRequest(url="https://example.com/", headers={}, body=json.dumps(body).encode())

    @contextmanager
    def outage(self):
        for operation in ("send", "check", "retry"):
            self.simulator.script(operation, "dropped_before")
        yield self.make_backend()

    @pytest.fixture
    def backend(self, simulator):
        return self.make_backend()

    @pytest.fixture
    def impatient(self, simulator):
        """A backend that gives up soon."""
        return self.make_backend(read_timeout=0.2)

    @pytest.fixture
    def response(self, backend, phone):
        return backend.send(SendRequest(phone_number=phone))

    @pytest.fixture
    def sent(self, response, phone):
        return make_sent(response.authentication_uuid, phone)

    @pytest.fixture
    def code(self, sent, simulator, phone):
        return simulator.messages(phone)[0].code

    def test_repr_names_class_and_alias(self, backend):
        assert re.fullmatch(r"<\w+Backend 'default'>", repr(backend))

    def test_check_answers_with_the_id(self, backend, sent, code):
        assert backend.check(sent, code).authentication_uuid == sent.authentication_uuid

    def test_check_impossible_code_is_a_wrong_one(self, backend, sent):
        assert backend.check(sent, "12345678").status is CheckStatus.INVALID

    def test_retry_answers_with_the_id(self, backend, sent):
        self.clock.shift(31)
        assert backend.retry(sent).authentication_uuid == sent.authentication_uuid

    # Capabilities

    def test_supports_every_operation(self, backend):
        assert backend.supports_status
        assert backend.supports_feedback
        assert backend.supports_lookup

    # Sending

    def test_send_returns_status_and_times(self, response):
        assert response.provider_status == "pending"
        assert response.expires_at > response.created_at

    def test_send_reaches_the_phone(self, sent, simulator, phone):
        assert len(simulator.messages(phone)) == 1

    def test_send_passes_every_field(self, backend, phone):
        signals = DeviceSignals(
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
            ip="192.0.2.1",
            device_signals=signals,
            locale="fr-FR",
            template_id="template",
            sender_id="Shop",
        )
        status = backend.status(make_sent(backend.send(request).authentication_uuid))
        assert (status.ip, status.device_signals) == ("192.0.2.1", signals)
        assert (status.correlation_id, status.template_id) == ("order-1", "template")
        assert status.events[1].sender_id == "Shop"

    @pytest.mark.parametrize(("number", "outcome"), special("send", kind=is_status))
    def test_send_special_number_status(self, backend, simulator, number, outcome):
        assert backend.send(SendRequest(phone_number=number)).status == outcome
        assert not simulator.messages(number)

    @pytest.mark.parametrize(("number", "outcome"), special("send", kind=is_error))
    def test_send_special_number_error(self, backend, number, outcome):
        with pytest.raises(family_of(outcome)) as raised:
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

    def test_send_too_many_requests_has_retry_after(self, backend, simulator, phone):
        simulator.script("send", "too_many_requests")
        with pytest.raises(BackendUnavailable) as raised:
            backend.send(SendRequest(phone_number=phone))
        assert raised.value.retry_after == 30

    # Checking

    def test_check_again(self, backend, sent, code):
        backend.check(sent, code)
        assert backend.check(sent, code).status is CheckStatus.ALREADY_VALIDATED

    def test_check_unknown_authentication(self, backend):
        with pytest.raises(BackendRejected) as raised:
            backend.check(UNKNOWN, "123456")
        assert raised.value.code == "invalid_auth_uuid"

    def test_check_other_error_is_raised(self, backend, simulator, sent, code):
        simulator.script("check", "blocked_number")
        with pytest.raises(Blocked):
            backend.check(sent, code)

    def test_check_too_often(self, backend, sent, code):
        statuses = [backend.check(sent, wrong_code(code)).status for _ in range(6)]
        assert statuses == [CheckStatus.INVALID] * 5 + [CheckStatus.RATE_LIMITED]

    def test_check_too_late(self, clock, backend, sent, code):
        clock.shift(601)
        assert backend.check(sent, code).status is CheckStatus.EXPIRED_AUTH

    @pytest.mark.parametrize(("number", "outcome"), special("check", kind=is_status))
    def test_check_special_number_status(self, backend, number, outcome):
        sent = send(backend, number)
        assert backend.check(sent, "123456").status == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("check", kind=is_fault))
    def test_check_special_number_outage(self, backend, number, outcome):
        sent = send(backend, number)
        with pytest.raises(BackendUnavailable) as raised:
            backend.check(sent, "123456")
        assert raised.value.code == OUTAGES[outcome][0]

    # Retrying

    def test_retry_within_cooldown(self, backend, sent, response):
        result = backend.retry(sent)
        assert result.status is RetryStatus.RATE_LIMITED
        assert result.next_retry_at > response.created_at

    def test_retry_reaches_the_phone(self, clock, backend, simulator, sent, phone):
        clock.shift(31)
        result = backend.retry(sent)
        assert result.remaining_retry == 2
        assert len(simulator.messages(phone)) == 2

    def test_retry_until_none_remains(self, clock, backend, sent):
        results = []
        for _ in range(4):
            clock.shift(31)
            results.append(backend.retry(sent))
        assert [result.remaining_retry for result in results] == [2, 1, 0, 0]
        assert results[-1].status is RetryStatus.RATE_LIMITED

    def test_retry_after_validation(self, backend, sent, code):
        backend.check(sent, code)
        assert backend.retry(sent).status is RetryStatus.ALREADY_VALIDATED

    def test_retry_unknown_authentication(self, backend):
        with pytest.raises(BackendRejected):
            backend.retry(UNKNOWN)

    @pytest.mark.parametrize(("number", "outcome"), special("retry", kind=is_status))
    def test_retry_special_number_status(self, backend, number, outcome):
        sent = send(backend, number)
        assert backend.retry(sent).status == outcome

    @pytest.mark.parametrize(("number", "outcome"), special("retry", kind=is_fault))
    def test_retry_special_number_outage(self, backend, number, outcome):
        sent = send(backend, number)
        with pytest.raises(BackendUnavailable) as raised:
            backend.retry(sent)
        assert raised.value.code == OUTAGES[outcome][0]

    # Status

    def test_status_returns_what_was_sent(self, backend, sent, response, phone):
        status = backend.status(sent)
        assert (status.uuid, status.phone_number) == (sent.authentication_uuid, phone)
        assert status.created_at == response.created_at

    def test_status_has_events_of_each_type(self, clock, backend, sent, code):
        clock.shift(5)
        backend.check(sent, code)
        events = backend.status(sent).events
        assert {event.type for event in events} == {"attempt", "check", "delivery_status", "balance_update"}

    def test_status_reads_each_event(self, clock, backend, sent, code):
        clock.shift(5)
        backend.check(sent, code)
        opened, attempt, balance, *reports, check = backend.status(sent).events
        assert (attempt.channel, attempt.status) == (Channel.SMS, AttemptStatus.DELIVERED)
        assert opened.status is BalanceUpdateType.AUTHENTICATION
        assert balance.status is BalanceUpdateType.ATTEMPT
        assert [report.status for report in reports] == [
            DeliveryStatus.SUBMITTED,
            DeliveryStatus.IN_TRANSIT,
            DeliveryStatus.DELIVERED,
        ]
        assert {report.attempt_id for report in reports} == {attempt.attempt_id}
        assert check.status is CheckStatus.VALID

    def test_status_events_are_in_order(self, clock, backend, sent):
        clock.shift(31)
        backend.retry(sent)
        clock.shift(5)
        times = [event.created_at for event in backend.status(sent).events]
        assert times == sorted(times)

    def test_status_drops_code_and_content(self, backend, sent, code, simulator, phone):
        backend.check(sent, code)
        shown = repr(backend.status(sent))
        assert code not in shown
        assert simulator.messages(phone)[0].content not in shown
        assert (phone in shown) is False

    def test_status_unknown_authentication(self, backend):
        with pytest.raises(BackendRejected) as raised:
            backend.status(UNKNOWN)
        assert raised.value.code == "invalid_auth_uuid"

    def test_status_of_a_strange_id_stays_on_its_path(self, backend):
        with pytest.raises(BackendRejected):
            backend.status(make_sent("../check?x=#"))

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

    def test_lookup_returns_the_line(self, backend, phone):
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
        assert backend.lookup(number).line_type == LINE_TYPES[outcome]

    @pytest.mark.parametrize(("number", "outcome"), special("lookup", kind=is_error))
    def test_lookup_special_number_error(self, backend, number, outcome):
        with pytest.raises(BackendRejected) as raised:
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
        sent = send(backend, number)
        clock.shift(5)
        assert backend.status(sent).events[-1].status is status

    @pytest.mark.parametrize(
        ("number", "channel"),
        [
            pytest.param(number, entry.channel, id=entry.channel)
            for number, entry in SPECIAL_NUMBERS.items()
            if entry.channel not in (None, "voice")
        ],
    )
    def test_status_special_number_channel(self, backend, number, channel):
        sent = send(backend, number)
        assert backend.status(sent).events[1].channel == channel

    def test_retry_special_number_far_away(self, backend):
        sent = send(backend, "+12025550134")
        result = backend.retry(sent)
        assert (result.next_retry_at - result.created_at).total_seconds() > 3600
