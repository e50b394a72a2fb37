"""Version 1's behaviour: authentications, found by their UUID."""

from datetime import datetime, timedelta

from . import rules
from .base import BaseSimulator
from .errors import ProviderError
from .memory import (
    MAX_ENTERED,
    LimitedAttempt,
    Message,
    SimAuthentication,
    SimCheck,
    SimRetryResult,
    SimSendRequest,
    SimSendResult,
)
from .payloads import V1Payloads
from .special_numbers import ANSWERS, NORMAL, special_number


class Authentications(BaseSimulator):
    """The operations of version 1."""

    def send(self, request: SimSendRequest, outcome: str = NORMAL) -> SimSendResult:
        """Send a code, on the running authentication of the number when there is one (stateless mode)."""
        message = None
        with self._lock:
            now = self.clock()
            latest = self._memory.latest(request.phone_number) if self.options.stateless else None
            running = latest if latest and latest.is_running(now) else None
            authentication = running or self._open(request, now)
            status = outcome if outcome in ANSWERS["send"] else rules.send_status(authentication, self.options, now)
            if status == "pending":
                # A further send may change the callback URL, the locale or the sender.
                authentication.request = request
                message = self._send_message(authentication, now)
            elif running:
                self._add_limited_attempt(authentication, now)
        self._notify(message)
        return SimSendResult(
            authentication_uuid=authentication.uuid,
            status=status,
            created_at=authentication.created_at,
            expires_at=authentication.expires_at,
            is_new=running is None,
        )

    def check(self, authentication_uuid: str, code: str, outcome: str = NORMAL) -> str:
        """Check a code and return the status.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        with self._lock:
            now = self.clock()
            authentication = self._get(authentication_uuid)
            ruled = rules.check_status(authentication, code, self.options, now)
            status = outcome if outcome in ANSWERS["check"] else ruled
            # A check refused by a limit or an expiry is not counted.
            authentication.check_count += status in ("valid", "invalid")
            authentication.validated |= status == "valid"
            authentication.checks.append(
                SimCheck(id=self._generator.uuid(), code=code[:MAX_ENTERED], status=status, created_at=now)
            )
            return status

    def retry(self, authentication_uuid: str, outcome: str = NORMAL) -> SimRetryResult:
        """Send a new code for an authentication.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        message = None
        with self._lock:
            now = self.clock()
            authentication = self._get(authentication_uuid)
            status = outcome if outcome in ANSWERS["retry"] else rules.retry_status(authentication, self.options, now)
            if status == "approved":
                message = self._send_message(authentication, now)
            elif status == "rate_limited":
                self._add_limited_attempt(authentication, now)
            result = SimRetryResult(
                status=status,
                created_at=now,
                next_retry_at=authentication.next_retry_at,
                remaining_retry=rules.remaining_retries(authentication, self.options),
            )
        self._notify(message)
        return result

    def feedback(self, phone_number: str, status: str) -> str:
        """Record feedback on the newest authentication of a number and return the record's ID.

        :raises ProviderError: ``no_associated_auth_found`` or ``duplicated_feedback_status``.
        """
        with self._lock:
            authentication = self._memory.latest(phone_number)
            if authentication is None:
                raise ProviderError("no_associated_auth_found")
            if status in authentication.feedback:
                raise ProviderError("duplicated_feedback_status")
            authentication.feedback.add(status)
            return self._generator.uuid()

    def inspect(self, authentication_uuid: str) -> SimAuthentication:
        """Return a copy of an authentication as it is now.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        with self._lock:
            return self._get(authentication_uuid).copy()

    # The caller holds the lock.

    @property
    def _v1_payloads(self) -> V1Payloads:
        return V1Payloads(options=self.options, new_id=self._generator.uuid)

    def _get(self, authentication_uuid: str) -> SimAuthentication:
        authentication = self._memory.get(authentication_uuid.lower())
        if authentication is None or authentication.api != "v1":
            raise ProviderError("invalid_auth_uuid")
        return authentication

    def _open(self, request: SimSendRequest, now: datetime) -> SimAuthentication:
        uuid = self._generator.uuid()
        authentication = SimAuthentication(uuid=uuid, request=request, created_at=now, expires_at=self._expires_at(now))
        self._memory.add(authentication)
        payloads = self._v1_payloads
        self._post_webhooks(authentication, [payloads.authentication(authentication)], now, payloads.is_signed)
        return authentication

    def _send_message(self, authentication: SimAuthentication, now: datetime) -> Message:
        special = special_number(authentication.phone_number)
        turn = self.options.channels[len(authentication.attempts) % len(self.options.channels)]
        delay = self.options.far_retry_seconds if special.retry_is_far else self.options.retry_delay
        authentication.next_retry_at = now + timedelta(seconds=delay)
        return self._add_attempt(
            authentication,
            now,
            attempt_id=self._generator.uuid(),
            # Version 1 has no voice calls.
            channel=special.channel if special.channel not in (None, "voice") else turn,
            code=self._generator.code(self.options.code_length, exclude=authentication.codes),
            payloads=self._v1_payloads,
        )

    def _add_limited_attempt(self, authentication: SimAuthentication, now: datetime) -> None:
        number = len(authentication.attempts) + 1
        attempt = LimitedAttempt(id=self._generator.uuid(), attempt_number=number, created_at=now)
        authentication.limited.append(attempt)
