"""The provider's behaviour, without HTTP: authentications, codes, limits, delivery."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

from . import rules
from .errors import ProviderError
from .lookup import LINE_TYPES, SimLookup, describe_line
from .memory import (
    LimitedAttempt,
    Memory,
    Message,
    SimAttempt,
    SimAuthentication,
    SimCheck,
    SimRetryResult,
    SimSendRequest,
    SimSendResult,
    as_message,
)
from .message_texts import message_text
from .options import Options
from .special_numbers import ANSWERS, NORMAL, Scripts, special_number
from .webhooks import Payload, WebhookDispatcher, WebhookPayloads, delivery_reports, due_at


class CodeGenerator:
    """A source of codes and UUIDs. Not thread-safe by itself.

    :param seed: the same seed gives the same codes and UUIDs; ``None`` gives real randomness.
    """

    def __init__(self, seed: int | None) -> None:
        # Tests give a seed to get the same codes again; these codes protect nothing real.
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def code(self, length: int, *, exclude: tuple[str, ...] = ()) -> str:
        """Return a code of ``length`` digits that is none of ``exclude``."""
        while True:
            code = f"{self._random.randrange(10**length):0{length}}"
            if code not in exclude:
                return code


class Simulator:
    """A provider in memory, of no version of the API. Every method may be called from any thread.

    :param options: the behaviour that the provider's documentation leaves open.
    :param clock: returns the current time, aware; real time by default.
    :param background: deliver webhooks from a thread. Without it, they wait for ``webhooks.run_due()``.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
        background: bool = True,
    ) -> None:
        self.options = options or Options()
        self.clock = clock or partial(datetime.now, UTC)
        self.webhooks = WebhookDispatcher(self.options, clock=self.clock, background=background)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[Message], None]] = []
        self._start_empty()

    def __repr__(self) -> str:
        return f"<Simulator: {len(self._memory)} authentications>"

    def _start_empty(self) -> None:
        self._memory = Memory(self.options.max_authentications)
        self._generator = CodeGenerator(self.options.seed)
        self._payloads = WebhookPayloads(options=self.options, new_id=self._generator.uuid)
        self._scripts = Scripts()
        self._calls: Counter[str] = Counter()

    # For tests and the inbox.

    @property
    def calls(self) -> Counter[str]:
        """Return how many requests each operation received, refused ones included."""
        with self._lock:
            return self._calls.copy()

    def messages(self, phone_number: str | None = None, *, limit: int | None = None) -> list[Message]:
        """Return the messages sent, newest first, to one number or to all."""
        with self._lock:
            now = self.clock()
            sent = self._memory.messages()
            found = (pair for pair in sent if phone_number in (None, pair[0].phone_number))
            return [as_message(*pair, now) for pair in islice(found, limit)]

    def script(self, operation: str, *outcomes: str) -> None:
        """Set the outcomes of the next well-formed calls of an operation, whatever the number.

        :param operation: ``send``, ``check``, ``retry``, ``feedback``, ``status`` or ``lookup``.
        :param outcomes: a status the operation can answer, an error code, a fault, or ``normal``.
        :raises ValueError: when the operation or an outcome is unknown; the message lists the known ones.
        """
        with self._lock:
            self._scripts.add(operation, outcomes)

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Call ``listener`` with each message, in the sender's thread. Return a function that unsubscribes it."""

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        with self._lock:
            self._listeners.append(listener)
        return unsubscribe

    def reset(self) -> None:
        """Forget authentications, messages, scripts, counts and waiting webhooks; listeners stay."""
        with self._lock:
            self._start_empty()
        self.webhooks.clear()

    def close(self) -> None:
        """End the thread that delivers webhooks."""
        self.webhooks.close()

    # For the versions of the API.

    def count(self, operation: str) -> None:
        """Count a received request."""
        with self._lock:
            self._calls[operation] += 1

    def outcome(self, operation: str, phone_number: str) -> str:
        """Return the outcome of a call: the scripted one, which is used up, else the number's own."""
        with self._lock:
            scripted = self._scripts.next(operation)
        return scripted if scripted != NORMAL else special_number(phone_number).outcome(operation)

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
                message = self._add_attempt(authentication, now)
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

        :raises ProviderError: ``invalid_auth_uuid``, or ``impossible_code`` when it cannot be a code at all.
        """
        with self._lock:
            now = self.clock()
            authentication = self._get(authentication_uuid)
            rules.check_code_format(code, self.options)
            ruled = rules.check_status(authentication, code, self.options, now)
            status = outcome if outcome in ANSWERS["check"] else ruled
            # A check refused by a limit or an expiry is not counted.
            authentication.check_count += status in ("valid", "invalid")
            authentication.validated |= status == "valid"
            authentication.checks.append(SimCheck(id=self._generator.uuid(), code=code, status=status, created_at=now))
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
                message = self._add_attempt(authentication, now)
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

    def lookup(self, phone_number: str, outcome: str = NORMAL) -> SimLookup:
        """Return what is known of a number."""
        special = special_number(phone_number)
        line_type = outcome if outcome in LINE_TYPES else None
        return describe_line(phone_number, line_type=line_type, ported=special.ported, temporary=special.temporary)

    # The caller holds the lock.

    def _get(self, authentication_uuid: str) -> SimAuthentication:
        authentication = self._memory.get(authentication_uuid.lower())
        if authentication is None:
            raise ProviderError("invalid_auth_uuid")
        return authentication

    def _open(self, request: SimSendRequest, now: datetime) -> SimAuthentication:
        authentication = SimAuthentication(
            uuid=self._generator.uuid(),
            request=request,
            created_at=now,
            expires_at=now + timedelta(seconds=self.options.expires_in),
        )
        self._memory.add(authentication)
        self._post_webhooks(authentication, [self._payloads.authentication(authentication)], now)
        return authentication

    def _add_attempt(self, authentication: SimAuthentication, now: datetime) -> Message:
        special = special_number(authentication.phone_number)
        previous = len(authentication.attempts)
        code = self._generator.code(self.options.code_length, exclude=authentication.codes)
        attempt = SimAttempt(
            id=self._generator.uuid(),
            attempt_number=previous + 1,
            code=code,
            content=message_text(code, authentication.request),
            channel=special.channel or self.options.channels[previous % len(self.options.channels)],
            sender_id=authentication.request.sender_id or "Sandbox",
            created_at=now,
            reports=delivery_reports(now, last=special.delivery, options=self.options),
        )
        self._memory.add_message(authentication, attempt)
        delay = self.options.far_retry_seconds if special.retry_is_far else self.options.retry_delay
        authentication.next_retry_at = now + timedelta(seconds=delay)
        self._post_webhooks(authentication, self._payloads.attempt(authentication, attempt), now)
        return as_message(authentication, attempt, now)

    def _add_limited_attempt(self, authentication: SimAuthentication, now: datetime) -> None:
        number = len(authentication.attempts) + 1
        attempt = LimitedAttempt(id=self._generator.uuid(), attempt_number=number, created_at=now)
        authentication.limited.append(attempt)

    def _post_webhooks(
        self, authentication: SimAuthentication, events: Iterable[tuple[datetime, Payload]], now: datetime
    ) -> None:
        url = authentication.request.callback_url
        if url is not None:
            for event_at, payload in events:
                self.webhooks.post(url, payload, at=due_at(event_at, called_at=now, options=self.options))

    # The caller does not hold the lock: a listener may call the simulator, even from another thread.

    def _notify(self, message: Message | None) -> None:
        if message is None:
            return
        with self._lock:
            listeners = self._listeners.copy()
        for listener in listeners:
            listener(message)
