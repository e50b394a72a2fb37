"""Version 2's behaviour: verifications, found by their target while their window is open."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from . import window_rules
from .base import BaseSimulator
from .errors import ProviderError
from .memory import MAX_ENTERED, Message, SimCheck
from .payloads import V2Payloads
from .special_numbers import NORMAL, special_number
from .windows import SimCheckResult, SimVerification, SimVerificationRequest, SimVerificationResult


class Verifications(BaseSimulator):
    """The operations of version 2. An outcome is in version 2's words."""

    def has_window(self, phone_number: str) -> bool:
        """Return whether a create for a number would be a retry."""
        with self._lock:
            return self._window(phone_number, self.clock()) is not None

    def create(self, request: SimVerificationRequest, outcome: str = NORMAL) -> SimVerificationResult:
        """Open the window of a number and send a code, or send another one in the window that is open.

        :raises ProviderError: ``too_many_attempts``.
        """
        with self._lock:
            now = self.clock()
            window = self._window(request.phone_number, now)
            condition = self._lists.condition(request.phone_number)
            status, _, reason = window_rules.create_outcome(outcome, condition).partition("/")
            if status == "blocked":
                return self._block(request, window, reason, now)
            if window and status == "success":
                # Scripted: the window has ended although no client could know.
                window.ended, window = True, None
            if window and len(window.attempts) > self.options.max_retries:
                window.ended = True
                raise ProviderError("too_many_attempts")
            verification = window or self._open_window(request, now)
            if status in ("challenged", "shadow_blocked"):
                verification.status, verification.reason = status, reason or None
            message = self._send_code(verification, request, now, is_silent=status == "silent")
            is_retry = status == "retry" or (window is not None and status in (NORMAL, "silent"))
            result = _result(verification, message, is_retry=is_retry)
        self._notify(message)
        return result

    def check_code(
        self, phone_number: str, code: str, psd2: Mapping[str, str] | None = None, outcome: str = NORMAL
    ) -> SimCheckResult:
        """Check a code of the number's window.

        :param psd2: the payment that the code is entered for.
        :raises ProviderError: ``too_many_checks``.
        """
        with self._lock:
            now = self.clock()
            window = self._window(phone_number, now)
            if window and window.check_count >= self.options.max_checks and outcome == NORMAL:
                window.ended = True
                raise ProviderError("too_many_checks")
            status = outcome if outcome != NORMAL else window_rules.check_status(window, code, psd2, self.options)
            verification = window or self._latest(phone_number)
            if verification is None:
                return SimCheckResult(status=status)
            check_id = self._generator.ulid("chk", now)
            verification.checks.append(SimCheck(id=check_id, code=code[:MAX_ENTERED], status=status, created_at=now))
            verification.check_count += window is not None and status != "expired_or_not_found"
            verification.validated |= status == "success"
            if status == "transaction_mismatch":
                verification.voided = len(verification.attempts)
            return SimCheckResult(
                status=status, id=verification.uuid, correlation_id=verification.request.correlation_id
            )

    def silent_code(self, token: str) -> str | None:
        """Return the code of a silent attempt whose window is open, ``None`` when there is none."""
        with self._lock:
            now = self.clock()
            # Not its messages, which the inbox can forget.
            running = (authentication for authentication in self._memory if authentication.is_running(now))
            attempts = (attempt for authentication in running for attempt in authentication.attempts)
            return next((found.code for found in attempts if found.id == token and found.channel == "silent"), None)

    def verification(self, verification_id: str) -> SimVerification:
        """Return a verification.

        :raises ProviderError: with HTTP status 404 when there is none.
        """
        with self._lock:
            found = self._memory.get(verification_id)
            if not isinstance(found, SimVerification):
                raise ProviderError("invalid_request", "No verification has this ID.", status=404)
            return found

    def verifications(self) -> list[SimVerification]:
        """Return the verifications, newest first."""
        with self._lock:
            return [found for found in self._memory if isinstance(found, SimVerification)]

    def new_id(self, prefix: str) -> str:
        """Return a new ID such as ``prd_…``."""
        with self._lock:
            return self._generator.ulid(prefix, self.clock())

    # The caller holds the lock.

    @property
    def _v2_payloads(self) -> V2Payloads:
        now = self.clock()
        return V2Payloads(options=self.options, new_id=lambda prefix: self._generator.ulid(prefix, now))

    def _latest(self, phone_number: str) -> SimVerification | None:
        latest = self._memory.latest(phone_number, api=SimVerification.api)
        return latest if isinstance(latest, SimVerification) else None

    def _window(self, phone_number: str, now: datetime) -> SimVerification | None:
        latest = self._latest(phone_number)
        return latest if latest and latest.is_running(now) else None

    def _block(
        self, request: SimVerificationRequest, window: SimVerification | None, reason: str, now: datetime
    ) -> SimVerificationResult:
        # A refused retry leaves the window and its codes as they are.
        verification = window or self._remember(request, "blocked", reason, now)
        return SimVerificationResult(
            id=verification.uuid,
            status="blocked",
            reason=reason,
            correlation_id=request.correlation_id or verification.request.correlation_id,
        )

    def _remember(
        self, request: SimVerificationRequest, status: str, reason: str | None, now: datetime
    ) -> SimVerification:
        verification = SimVerification(
            uuid=self._generator.ulid("vrf", now),
            request=request,
            status=status,
            reason=reason,
            created_at=now,
            expires_at=self._expires_at(now),
            condition=self._lists.condition(request.phone_number),
        )
        self._memory.add(verification)
        return verification

    def _open_window(self, request: SimVerificationRequest, now: datetime) -> SimVerification:
        verification = self._remember(request, "challenged" if request.force_challenge else "success", None, now)
        verification.plan = request.channels or self.options.planned_channels
        payloads = self._v2_payloads
        self._post_webhooks(verification, [payloads.authentication(verification)], now, payloads.is_signed)
        return verification

    def _send_code(
        self, verification: SimVerification, request: SimVerificationRequest, now: datetime, *, is_silent: bool
    ) -> Message:
        is_first = not verification.attempts
        # A retry may change the callback URL, the locale or the payment, and need not repeat the caller's ID.
        correlation_id = request.correlation_id or verification.request.correlation_id
        verification.request = replace(request, correlation_id=correlation_id)
        is_silent = is_silent and request.method == "auto"
        if is_silent or (is_first and window_rules.may_be_silent(request, self.options)):
            channel = "silent"
        else:
            channel = special_number(request.phone_number).channel or window_rules.channel(verification)
        return self._add_attempt(
            verification,
            now,
            attempt_id=self._generator.ulid("att", now),
            channel=channel,
            code=self._new_code(verification),
            payloads=self._v2_payloads,
        )

    def _new_code(self, verification: SimVerification) -> str:
        request = verification.request
        fixed = self._lists.fixed_code(request.phone_number) or request.custom_code
        size = request.code_size or self.options.code_length
        return fixed or self._generator.code(size, exclude=verification.codes)


def _result(verification: SimVerification, message: Message, *, is_retry: bool) -> SimVerificationResult:
    channel = message.channel
    return SimVerificationResult(
        id=verification.uuid,
        status="retry" if is_retry else verification.status,
        method=channel if channel in ("silent", "voice") else "message",
        channels=(channel, *(other for other in window_rules.planned(verification) if other != channel)),
        reason=None if is_retry else verification.reason,
        correlation_id=verification.request.correlation_id,
        silent_token=message.id if channel == "silent" else None,
    )
