from contextlib import contextmanager

import pytest

from django_ding.backends.types import Channel, DeliveryStatus, SendRequest, WebhookRequest
from django_ding.exceptions import BackendRejected, InputError
from django_ding.testing import BackendContract
from tests.acme_verify.backend import AcmeBackend
from tests.acme_verify.provider import ACCOUNT, API_KEY, WEBHOOK_SECRET
from tests.backends.helpers import send
from tests.backends.servers import refusing_port


class TestAcmeBackend(BackendContract):
    secrets = (API_KEY, WEBHOOK_SECRET)

    @pytest.fixture(autouse=True)
    def _provider(self, acme):
        self.acme = acme

    def make_backend(self, **options):
        credentials = {"account": ACCOUNT, "api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}
        return AcmeBackend("default", **{**credentials, "base_url": self.acme.url, **options})

    def valid_code(self, sent):
        return self.acme.verifications[sent.phone_number].code

    def webhook(self, sent):
        body, headers = self.acme.webhook(sent.phone_number)
        return WebhookRequest(url="https://example.com/ding/webhooks/default/", headers=headers, body=body)

    @contextmanager
    def outage(self):
        with refusing_port() as bound:
            yield self.make_backend(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}")

    def test_retry_keeps_the_channel_until_another_is_given(self):
        backend = self.make_backend()
        sent = send(backend, self.phone_number, channel=Channel.VOICE)
        backend.retry(sent)
        backend.retry(sent, channel=Channel.SMS)
        assert self.acme.verifications[self.phone_number].messages == ["voice", "voice", "sms"]

    def test_webhook_reports_delivery(self):
        sent = send(self.make_backend(), self.phone_number, correlation_id="one")
        (event,) = self.make_backend().parse_webhook(self.webhook(sent))
        assert (event.status, event.correlation_id) == (DeliveryStatus.DELIVERED, "one")

    def test_errors_are_classified(self):
        with pytest.raises(InputError):
            self.make_backend().send(SendRequest(phone_number="+12025550199"))
        with pytest.raises(BackendRejected):
            self.make_backend(api_key="wrong").send(SendRequest(phone_number=self.phone_number))
