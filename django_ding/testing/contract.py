"""The contract of a backend as tests, for this app's own backends and those of other packages."""

import json
import re
import traceback
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest import SkipTest
from uuid import uuid4

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    FeedbackResponse,
    FeedbackStatus,
    LookupResponse,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
    StatusResponse,
    WebhookEvent,
    WebhookRequest,
)
from django_ding.exceptions import BackendUnavailable, InvalidWebhook, UnsupportedOperation
from django_ding.testing.capture import logged_texts, raised_error

#: Bytes of JSON. The state is loaded and saved with its row.
MAX_STATE_BYTES = 4096


class BackendContract:
    """What every backend has to do: mix it into a test class, for pytest or with ``unittest.TestCase``.

    Two methods are required, the others say more about the backend. A test that lacks its part is skipped.

    >>> class TestAcmeBackend(BackendContract):
    ...     def make_backend(self): return AcmeBackend("default", api_key="key", base_url=server.url)
    ...     def valid_code(self, sent): return server.codes[sent.phone_number]
    """

    #: Numbers that a code can be sent to.
    phone_number = "+12025550100"
    other_phone_number = "+12025550101"
    #: What must never be printed, such as the API key of ``make_backend``.
    secrets: Sequence[str] = ()
    #: Whether the provider checks codes, and not the backend by itself.
    checks_remotely = True

    def make_backend(self) -> BaseBackend:
        """Return a new backend."""
        raise NotImplementedError("make_backend() must return a backend.")

    def valid_code(self, sent: Sent) -> str:
        """Return the newest code that the user of ``sent`` received."""
        raise NotImplementedError("valid_code() must return the code that was sent.")

    def before_retry(self) -> None:
        """Let the provider's cooldown pass."""

    def outage(self) -> AbstractContextManager[BaseBackend] | None:
        """Return a context in which a backend's provider can't be reached."""
        return None

    def webhook(self, sent: Sent) -> WebhookRequest | None:
        """Return a genuine webhook about ``sent``."""
        return None

    # The tests

    def test_attributes(self) -> None:
        backend = self.make_backend()
        _require(backend.webhooks in (None, "per_request", "per_account"), "webhooks is one of the three values")
        _require(set(backend.channels) <= set(Channel) - {Channel.UNKNOWN}, "channels is a set of Channel")
        _require({type(length) for length in backend.code_lengths} == {int}, "code_lengths are integers")
        self._require_discreet(repr(backend))

    def test_unsupported_operations(self) -> None:
        backend, request = self.make_backend(), self._request(self.phone_number)
        sent = Sent(authentication_uuid=str(uuid4()), phone_number=self.phone_number, request=request)
        calls = {
            "status": lambda: backend.status(sent),
            "cancel": lambda: backend.cancel(sent),
            "feedback": lambda: backend.feedback(self.phone_number, FeedbackStatus.ONBOARDED),
            "lookup": lambda: backend.lookup(self.phone_number),
            "send_text": lambda: backend.send_text(self.phone_number, "Hello"),
            "parse_webhook": lambda: backend.parse_webhook(WebhookRequest(url="", headers={}, body=b"")),
        }
        for name, call in calls.items():
            flag = "webhooks" if name == "parse_webhook" else f"supports_{name.removeprefix('send_')}"
            supported = getattr(backend, flag)
            if not supported:
                _require(isinstance(raised_error(call), UnsupportedOperation), f"{name}() raises UnsupportedOperation")

    def test_send(self) -> None:
        response = self.make_backend().send(self._request(self.phone_number))
        _require(isinstance(response, SendResponse), "send() returns a SendResponse")
        _require(response.status is SendStatus.PENDING, "send() to phone_number is pending")
        _require(0 < len(response.authentication_uuid or "") <= 64, "authentication_uuid has 1 to 64 characters")
        _require_aware(response.created_at, response.expires_at, response.next_retry_at)
        self._require_state(response.state)

    def test_check(self) -> None:
        sent = self._send()
        code, lengths = self.valid_code(sent), self.make_backend().code_lengths
        _require(len(code) in lengths, "code_lengths has the length of a code")
        wrong_code = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
        for length in {len(code), min(lengths), max(lengths)}:
            wrong = (wrong_code * 3)[:length]
            response = self._check(sent, wrong)
            _require(response.status is CheckStatus.INVALID, f"a wrong code of {len(wrong)} digits is invalid")
            sent = self._after(sent, response.state)
        _require(self._check(sent, code).status is CheckStatus.VALID, "the right code is valid, also after a wrong one")

    def test_check_code_of_another_authentication(self) -> None:
        sent, other = self._send(), self._send(self.other_phone_number)
        response = self._check(sent, self.valid_code(other))
        _require(response.status is not CheckStatus.VALID, "a code is valid for its own authentication only")

    def test_retry(self) -> None:
        for channel in (None, *self.make_backend().channels):
            sent = self._send()
            self.before_retry()
            response = self.make_backend().retry(replace(sent, attempt_number=2), channel=channel)
            _require(isinstance(response, RetryResponse), "retry() returns a RetryResponse")
            _require(response.status is RetryStatus.APPROVED, "retry() is approved")
            _require(response.authentication_uuid in (None, sent.authentication_uuid), "retry() keeps the id")
            _require(response.channel in (channel, None) or channel is None, "retry() uses the channel")
            _require_aware(response.created_at, response.expires_at, response.next_retry_at)
            self._require_state(response.state)
            sent = self._after(sent, response.state)
            checked = self._check(sent, self.valid_code(sent))
            _require(checked.status is CheckStatus.VALID, "the code of a retry is valid")

    def test_other_operations(self) -> None:
        backend, sent = self.make_backend(), self._send()
        if backend.supports_status:
            status = backend.status(sent)
            _require(isinstance(status, StatusResponse), "status() returns a StatusResponse")
            self._require_events(status.events, sent)
            self._require_discreet(repr(status), codes=[self.valid_code(sent)])
        if backend.supports_feedback:
            answer = backend.feedback(self.phone_number, FeedbackStatus.ONBOARDED)
            _require(isinstance(answer, FeedbackResponse), "feedback() returns a FeedbackResponse")
        if backend.supports_lookup:
            lookup = backend.lookup(self.phone_number)
            _require(isinstance(lookup, LookupResponse), "lookup() returns a LookupResponse")
            self._require_discreet(repr(lookup))
        if backend.supports_cancel:
            code = self.valid_code(sent)
            backend.cancel(sent)
            _require(self._check(sent, code).status is not CheckStatus.VALID, "cancel() makes the code worthless")

    def test_no_secrets(self) -> None:
        """Look for codes, numbers and ``secrets`` in what is printed, kept and logged."""
        with logged_texts() as texts:
            backend, request = self.make_backend(), self._request(self.phone_number)
            sent = self._sent(request, response := backend.send(request))
            codes = [self.valid_code(sent)]
            self.before_retry()
            retried = backend.retry(replace(sent, attempt_number=2))
            codes.append(self.valid_code(sent))
            checked = backend.check(self._after(sent, retried.state), codes[-1])
        shown = [repr(thing) for thing in (response, sent, retried, checked)]
        kept = [json.dumps(state) for state in (response.state, retried.state, checked.state)]
        self._require_discreet(*shown, *kept, *texts, codes=codes)

    def test_webhook(self) -> None:
        backend, sent = self.make_backend(), self._send()
        genuine = self.webhook(sent)
        if not backend.webhooks or genuine is None:
            raise SkipTest("The backend takes no webhooks, or webhook() returns none.")
        events = backend.parse_webhook(genuine)
        _require(len(events) > 0, "a genuine webhook has an event")
        if backend.webhooks == "per_account":
            has_ids = all(event.authentication_uuid or event.correlation_id for event in events)
            _require(has_ids, "each event of a per-account webhook has an id of its authentication")
        self._require_events(events, sent)
        self._require_discreet(repr(events), codes=[self.valid_code(sent)])

    def test_webhook_garbage(self) -> None:
        backend = self.make_backend()
        if not backend.webhooks:
            raise SkipTest("The backend takes no webhooks.")
        genuine = self.webhook(self._send()) or WebhookRequest(url="https://example.com/", headers={}, body=b"")
        for body in (b"", b"null", b"[]", b"{", b"\xff", b"[" * 60_000, b"1" * 5000):
            error = raised_error(lambda body=body: backend.parse_webhook(replace(genuine, body=body)))
            _require(isinstance(error, InvalidWebhook), f"parse_webhook() raises InvalidWebhook for {body[:9]!r}")
        if backend.webhooks == "per_account":
            for forged in (replace(genuine, headers={}), replace(genuine, body=genuine.body + b" ")):
                error = raised_error(lambda forged=forged: backend.parse_webhook(forged))
                is_refused = getattr(error, "code", None) == "bad_signature"
                _require(is_refused, "parse_webhook() raises InvalidWebhook(code='bad_signature') for a forgery")

    def test_outage(self) -> None:
        sent = self._send()
        code = self.valid_code(sent)
        if (context := self.outage()) is None:
            raise SkipTest("outage() returns none.")
        with context as backend, logged_texts() as texts:
            calls = [
                lambda: backend.send(self._request(self.phone_number)),
                lambda: backend.retry(replace(sent, attempt_number=2)),
                *([lambda: backend.check(sent, code)] if self.checks_remotely else []),
            ]
            errors = [raised_error(call) for call in calls]
        for error in errors:
            _require(isinstance(error, BackendUnavailable), "an outage raises BackendUnavailable")
            printed = "".join(traceback.format_exception(error))  # What it is chained to included.
            self._require_discreet(printed, repr(error), codes=[code])
        self._require_discreet(*texts, codes=[code])

    # Their steps

    def _request(self, phone_number: str) -> SendRequest:
        return SendRequest(phone_number=phone_number, correlation_id=str(uuid4()))

    def _send(self, phone_number: str | None = None) -> Sent:
        request = self._request(phone_number or self.phone_number)
        return self._sent(request, self.make_backend().send(request))

    def _sent(self, request: SendRequest, response: SendResponse) -> Sent:
        sent = Sent(
            authentication_uuid=response.authentication_uuid or "",
            phone_number=request.phone_number,
            correlation_id=request.correlation_id,
            created_at=response.created_at,
            expires_at=response.expires_at,
            request=request,
        )
        return self._after(sent, response.state)

    def _after(self, sent: Sent, state: Any) -> Sent:
        """Return ``sent`` with a new state, as it comes back from the database."""
        return sent if state is None else replace(sent, state=json.loads(json.dumps(state)))

    def _check(self, sent: Sent, code: str) -> CheckResponse:
        response = self.make_backend().check(sent, code)  # A new one: a backend keeps no record of its own.
        _require(isinstance(response, CheckResponse), "check() returns a CheckResponse")
        _require(response.authentication_uuid in (None, sent.authentication_uuid), "check() keeps the id")
        self._require_state(response.state)
        return response

    def _require_state(self, state: Any) -> None:
        # json raises TypeError by itself, and names the type that is no JSON.
        _require(len(json.dumps(state)) <= MAX_STATE_BYTES, f"state has at most {MAX_STATE_BYTES} bytes of JSON")

    def _require_events(self, events: Sequence[WebhookEvent], sent: Sent) -> None:
        for event in events:
            _require(isinstance(event, WebhookEvent), "events are of WebhookEvent")
            _require_aware(event.created_at)
            ids = {event.authentication_uuid, event.correlation_id} - {None}
            _require(not ids or bool(ids & {sent.authentication_uuid, sent.correlation_id}), "events are about sent")

    def _require_discreet(self, *texts: str, codes: Sequence[str] = ()) -> None:
        number = self.phone_number.lstrip("+")
        for text in texts:
            _require(number not in text, "no number is shown")
            _require(not any(secret in text for secret in self.secrets), "no secret is shown")
            # Whole words: the digits of a short code may well be within an id or a hash.
            found = any(re.search(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])", text) for code in codes)
            _require(not found, "no code is shown")


def _require(condition: bool, rule: str) -> None:
    """Fail with the rule of the contract that was broken. The values stay out of it: they may be secret."""
    if not condition:
        raise AssertionError(f"A backend's contract: {rule}.")


def _require_aware(*times: datetime | None) -> None:
    _require(all(time is None or time.tzinfo for time in times), "times are aware")
