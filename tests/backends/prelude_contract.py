"""What every backend that plays Prelude does against the sandbox, beside what every backend does."""

import json
from contextlib import contextmanager

import pytest

from django_ding.backends.types import (
    Channel,
    CheckStatus,
    DeliveryStatus,
    FeedbackStatus,
    RetryStatus,
    SendRequest,
    SendStatus,
    WebhookRequest,
)
from django_ding.exceptions import BackendUnavailable, InputError
from django_ding.testing import BackendContract
from tests.backends.helpers import API_KEY, PHONE, make_sent, send
from tests.helpers import wrong_code


class PreludeContract(BackendContract):
    """Run by each backend that plays Prelude, which gives ``make_backend`` and the fixture ``simulator``."""

    secrets = (API_KEY,)

    @pytest.fixture(autouse=True)
    def _world(self, simulator, clock):
        self.simulator = simulator
        self.clock = clock

    def valid_code(self, sent):
        return self.simulator.messages(sent.phone_number)[0].code

    def webhook(self, sent):
        payload = {"id": "att_1", "verification_id": sent.authentication_uuid, "delivery_status": "submitted"}
        body = {"type": "verify.attempt", "id": "evt_1", "payload": payload}
        return WebhookRequest(url="https://example.com/", headers={}, body=json.dumps(body).encode())

    @contextmanager
    def outage(self):
        # A request within an open window is a retry to the provider, whatever it was meant as.
        self.simulator.script("retry", "dropped_before", "dropped_before")
        self.simulator.script("check", "dropped_before")
        yield self.make_backend()

    @pytest.fixture
    def backend(self, simulator):
        return self.make_backend()

    def test_a_window(self, backend):
        request = SendRequest(phone_number=PHONE)
        opened, again = backend.send(request), backend.send(request)
        assert (opened.status, again.status) == (SendStatus.PENDING, SendStatus.PENDING)
        assert (opened.is_new, again.is_new) == (True, False)
        assert opened.authentication_uuid == again.authentication_uuid
        assert opened.authentication_uuid.startswith("vrf_")

    def test_a_retry_after_the_window_opens_another(self, backend):
        sent = send(backend)
        self.clock.shift(601)
        response = backend.retry(sent)
        assert (response.status, response.is_new) == (RetryStatus.APPROVED, True)
        assert response.authentication_uuid != sent.authentication_uuid

    @pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.VOICE])
    def test_a_chosen_channel(self, backend, channel):
        sent = send(backend)
        assert backend.retry(sent, channel=channel).channel is channel

    def test_checks(self, backend):
        sent = send(backend)
        code = self.valid_code(sent)
        statuses = [backend.check(sent, each).status for each in (wrong_code(code), code, code)]
        assert statuses == [CheckStatus.INVALID, CheckStatus.VALID, CheckStatus.EXPIRED_AUTH]

    def test_an_expired_window(self, backend):
        sent = send(backend)
        self.clock.shift(601)
        assert backend.check(sent, self.valid_code(sent)).status is CheckStatus.EXPIRED_AUTH

    def test_history(self, backend):
        sent = send(backend, correlation_id="order-1")
        code = self.valid_code(sent)
        backend.check(sent, wrong_code(code))
        self.clock.shift(5)
        status = backend.status(sent)
        assert (status.uuid, status.status, status.correlation_id) == (sent.authentication_uuid, "pending", "order-1")
        assert status.expires_at > status.created_at
        reports = [event.status for event in status.events if event.type == "delivery_status"]
        assert reports[-1] is DeliveryStatus.DELIVERED
        assert code not in repr(status)
        backend.check(sent, code)
        assert backend.status(sent).status == "validated"

    def test_lookup_and_feedback(self, backend):
        assert backend.lookup(PHONE, caller_name=True).country_code == "FR"
        assert backend.feedback(PHONE, FeedbackStatus.ONBOARDED).uuid

    @pytest.mark.parametrize("code", ["invalid_line", "blocked_number"])
    def test_a_scripted_refusal(self, backend, code):
        self.simulator.script("send", code)
        with pytest.raises(Exception) as raised:
            backend.send(SendRequest(phone_number=PHONE))
        assert raised.value.code == code

    def test_a_scripted_outage(self, backend):
        self.simulator.script("check", "server_error")
        with pytest.raises(BackendUnavailable) as raised:
            backend.check(send(backend), "123456")
        assert raised.value.code == "internal_server_error"

    def test_an_unknown_id(self, backend):
        with pytest.raises(Exception) as raised:
            backend.status(make_sent("vrf_00000000000000000000000000"))
        assert raised.value.code == "invalid_auth_uuid"

    def test_a_number_that_is_none(self, backend):
        with pytest.raises(InputError) as raised:
            backend.send(SendRequest(phone_number="+1202555"))
        assert raised.value.code == "invalid_phone_number"
