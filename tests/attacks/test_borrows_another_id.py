"""A stranger wants an answer about their own authentication, whose code they know, to count for somebody else's."""

import pytest
from django.utils import timezone

from django_ding.backends.types import (
    CheckResponse,
    CheckStatus,
    RetryResponse,
    RetryStatus,
    SendResponse,
    SendStatus,
    StatusResponse,
    WebhookEvent,
)
from django_ding.exceptions import BackendUnavailable
from django_ding.models import Authentication
from django_ding.services import check, reconcile, record_webhook, refresh, retry, send
from tests.backends.helpers import API_KEY, CUSTOMER_UUID
from tests.backends.servers import Provider, answer
from tests.helpers import timeline
from tests.stubs import Newfangled, using

pytestmark = pytest.mark.django_db

OTHER_PHONE = "+447400123456"
OWN, OTHER = "5B0c9f5e-4f65-4b3c-9d39-0c8e7e8f6a11", "0f8e6a53-52f5-4c5b-8d4f-0a4d1e2f9b7c"


class Confused(Newfangled):
    """A backend of another package, which answers every operation with the id that it is told."""

    supports_status = True
    answered = OTHER
    ids = {}

    def send(self, request):
        return SendResponse(status=SendStatus.PENDING, authentication_uuid=self.ids[request.phone_number])

    def check(self, sent, code):
        return CheckResponse(status=CheckStatus.VALID, authentication_uuid=self.answered)

    def retry(self, sent, *, channel=None):
        return RetryResponse(status=RetryStatus.APPROVED, authentication_uuid=self.answered)

    def status(self, sent):
        return StatusResponse(uuid=self.answered, status="validated")


class ConfusedByNumber(Confused):
    is_per_number = True


class ConfusedRecord(Confused):
    """Names no id itself, but has the events of another authentication in its record."""

    def status(self, sent):
        return StatusResponse(events=(WebhookEvent(type="attempt", id="e", authentication_uuid=self.answered),))


CALLS = {"check": lambda row: check(row, "123456"), "retry": retry, "refresh": refresh}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
every_kind = pytest.mark.parametrize("backend", [Confused, ConfusedByNumber])


@pytest.fixture
def make(clock, phone, monkeypatch):
    """Return a function that sends codes to two numbers and returns the first one's row, ready to be retried."""
    monkeypatch.setattr(Confused, "ids", {phone: OWN, OTHER_PHONE: OTHER})

    def make():
        row = send(phone).authentication
        send(OTHER_PHONE)
        clock.shift(31)
        return row

    return make


def columns(row):
    return Authentication.objects.filter(pk=row.pk).values(
        "status", "authentication_uuid", "validated_at", "expires_at", "channel", "delivery_status", "dedup_key"
    )[0]


def assert_outage(row, call):
    before = columns(row)
    with pytest.raises(BackendUnavailable) as raised:
        call(row)
    assert raised.value.code == "unexpected_answer"
    assert columns(row) == before
    assert timeline(row)[-1] == ("error", "unexpected_answer")


@every_call
@pytest.mark.parametrize("backend", [Confused, ConfusedByNumber, ConfusedRecord])
def test_answer_about_another_is_an_outage(make, call, backend):
    with using(backend):
        assert_outage(make(), call)


@pytest.mark.parametrize("write", [str.upper, str.lower])
@pytest.mark.parametrize("call", [CALLS["check"], retry])
def test_answer_about_another_number_is_one_in_any_case(make, call, write, monkeypatch):
    monkeypatch.setattr(Confused, "answered", write(OTHER))
    with using(ConfusedByNumber):
        assert_outage(make(), call)


@every_kind
@every_call
@pytest.mark.parametrize("write", [str, str.upper, str.lower, str.swapcase])
def test_answer_about_the_same_is_believed_in_any_case(make, call, backend, write, monkeypatch):
    monkeypatch.setattr(Confused, "answered", write(OWN))
    with using(backend):
        row = make()
        call(row)
    row.refresh_from_db()
    assert row.authentication_uuid == OWN
    assert "error" not in dict(timeline(row))


def test_record_of_another_is_left_out_when_reconciled(make, clock):
    with using(Confused):
        row = make()
        clock.shift(3600)
        assert reconcile().skipped == 1  # The other one's record is its own.
    row.refresh_from_db()
    assert (row.status, timeline(row)[-1]) == ("expired", ("error", "unexpected_answer"))


@pytest.mark.parametrize("write", [str.upper, str.lower, str.swapcase])
def test_webhook_is_about_the_same_in_any_case(make, write):
    with using(Confused):
        row = make()
        event = WebhookEvent(type="attempt", id="e", created_at=timezone.now(), authentication_uuid=write(OWN))
        assert record_webhook("default", [event], public_id=row.public_id)
        other = WebhookEvent(type="attempt", id="f", created_at=timezone.now(), authentication_uuid=write(OTHER))
        assert not record_webhook("default", [other], public_id=row.public_id)
    assert row.events.filter(type="attempt").count() == 1


# The backends of this app, over HTTP


BACKENDS = {
    "ding": (
        "django_ding.backends.ding.DingBackend",
        {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID},
        lambda id_, word: {"authentication_uuid": id_, "status": word},
        {"sent": "pending", "check": "valid", "retry": "approved"},
        "123456",
    ),
    "prelude": (
        "django_ding.backends.prelude.PreludeBackend",
        {"api_key": "key"},
        lambda id_, word: {"id": id_, "status": word},
        {"sent": "success", "check": "success", "retry": "retry"},
        "123456",
    ),
    "acme": (
        "tests.acme_verify.backend.AcmeBackend",
        {"account": "a", "api_key": "key", "webhook_secret": "secret"},
        lambda id_, word: {"ticket": id_, "result": word},
        {"sent": "sent", "check": "ok", "retry": "sent"},
        "12345",
    ),
}


@pytest.mark.parametrize("operation", ["check", "retry"])
@pytest.mark.parametrize(("backend", "options", "content", "words", "code"), BACKENDS.values(), ids=BACKENDS)
def test_answer_about_another_number_over_http(
    settings, clock, phone, backend, options, content, words, code, operation
):
    with Provider() as provider:
        configured = {"BACKEND": backend, "OPTIONS": {**options, "base_url": provider.url}}
        settings.DING = {"BACKENDS": {"default": configured}, "RATE_LIMITS": {}, "MIN_CONVERSION": ""}
        provider.will(answer(content(OWN, words["sent"])), answer(content(OTHER, words["sent"])))
        row = send(phone).authentication
        send(OTHER_PHONE)
        clock.shift(31)
        provider.will(answer(content(OTHER, words[operation])))
        assert_outage(row, {"check": lambda row: check(row, code), "retry": retry}[operation])
