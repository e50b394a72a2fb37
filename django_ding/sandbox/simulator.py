"""The provider's behaviour, without HTTP: authentications, codes, limits, delivery."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

from . import lookups, rules, wording
from .chance import Chance
from .courier import Courier
from .delivery import due, reports
from .errors import ProviderError
from .events import Events, Payload
from .numbers import special
from .options import Options
from .outcomes import ANSWERS, NORMAL, Scripts
from .records import Attempt, Authentication, Check, Message, Refusal, Retried, SendRequest, Sent
from .store import Store

__all__ = ["Message", "Simulator", "utc_now"]

Listener = Callable[[Message], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Simulator:
    """A provider in memory. Every method may be called from any thread.

    :param options: what the provider's documentation leaves open.
    :param clock: returns the present moment, aware; tests move it.
    :param background: deliver webhooks from a thread. Without it, they wait for ``courier.run_due()``.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        background: bool = True,
    ) -> None:
        self.options = options or Options()
        self.clock = clock
        self.courier = Courier(self.options, clock=clock, background=background)
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._forget_everything()

    def __repr__(self) -> str:
        return f"<Simulator: {len(self._store)} authentications>"

    # What tests and the inbox ask.

    @property
    def calls(self) -> Counter[str]:
        """Return how many requests each operation received, refused ones included."""
        with self._lock:
            return self._calls.copy()

    def messages(self, phone_number: str | None = None, *, limit: int | None = None) -> list[Message]:
        """Return the messages sent, newest first, of one number or of all."""
        with self._lock:
            now = self.clock()
            found = (
                _message(authentication, attempt, now)
                for authentication, attempt in self._store.sent()
                if phone_number in (None, authentication.phone_number)
            )
            return list(islice(found, limit))

    def script(self, operation: str, *outcomes: str) -> None:
        """Decide the outcomes of the next well-formed calls of an operation, whatever their number.

        :param operation: ``send``, ``check``, ``retry``, ``feedback``, ``status`` or ``lookup``.
        :param outcomes: a status the operation can answer, an error code, a fault, or ``normal``.
        :raises ValueError: naming what is known, when the operation or an outcome is not.
        """
        with self._lock:
            self._scripts.add(operation, outcomes)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with each message, in the sender's thread. Returns a function that ends it."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    def reset(self) -> None:
        """Forget authentications, messages, scripts, counts and waiting webhooks; listeners stay."""
        with self._lock:
            self._forget_everything()
        self.courier.clear()

    def close(self) -> None:
        """End the thread that delivers webhooks."""
        self.courier.close()

    # What the protocol asks.

    def count(self, operation: str) -> None:
        """Count a request received."""
        with self._lock:
            self._calls[operation] += 1

    def outcome(self, operation: str, phone_number: str) -> str:
        """Take the outcome of a call: the scripted one, else the number's own."""
        with self._lock:
            scripted = self._scripts.next(operation)
        return scripted if scripted != NORMAL else special(phone_number).outcome(operation)

    def phone_number(self, authentication_uuid: str) -> str:
        """Return the number of an authentication.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        with self._lock:
            return self._find(authentication_uuid).phone_number

    def send(self, request: SendRequest, outcome: str = NORMAL) -> Sent:
        """Send a code, on the running authentication of the number when there is one (stateless mode)."""
        message = None
        with self._lock:
            now = self.clock()
            running = self._running(request.phone_number, now)
            authentication = running or self._open(request, now)
            status = _answer("send", outcome) or rules.send_status(authentication, self.options, now)
            if status == "pending":
                authentication.request = request
                message = self._add_attempt(authentication, now)
            elif running:
                self._add_refusal(authentication, now)
        self._announce(message)
        return Sent(
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
            authentication = self._find(authentication_uuid)
            rules.require_possible(code, self.options)
            status = _answer("check", outcome) or rules.check_status(authentication, code, self.options, now)
            authentication.check_count += status in ("valid", "invalid")
            authentication.validated |= status == "valid"
            check = Check(id=self._chance.uuid(), code=code, status=status, created_at=now)
            authentication.checks.append(check)
            return status

    def retry(self, authentication_uuid: str, outcome: str = NORMAL) -> Retried:
        """Send a new code for an authentication.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        message = None
        with self._lock:
            now = self.clock()
            authentication = self._find(authentication_uuid)
            status = _answer("retry", outcome) or rules.retry_status(authentication, self.options, now)
            if status == "approved":
                message = self._add_attempt(authentication, now)
            elif status == "rate_limited":
                self._add_refusal(authentication, now)
            retried = Retried(
                status=status,
                created_at=now,
                next_retry_at=authentication.next_retry_at,
                remaining_retry=rules.remaining_retries(authentication, self.options),
            )
        self._announce(message)
        return retried

    def feedback(self, phone_number: str, status: str) -> str:
        """Record feedback on the newest authentication of a number and return the record's id.

        :raises ProviderError: ``no_associated_auth_found`` or ``duplicated_feedback_status``.
        """
        with self._lock:
            authentication = self._store.latest(phone_number)
            if authentication is None:
                raise ProviderError("no_associated_auth_found")
            if status in authentication.feedback:
                raise ProviderError("duplicated_feedback_status")
            authentication.feedback.add(status)
            return self._chance.uuid()

    def inspect(self, authentication_uuid: str) -> Authentication:
        """Return a copy of an authentication as it is now.

        :raises ProviderError: ``invalid_auth_uuid``.
        """
        with self._lock:
            return self._find(authentication_uuid).snapshot()

    def lookup(self, phone_number: str, outcome: str = NORMAL) -> lookups.Line:
        """Return what is known of a number."""
        return lookups.look_up(phone_number, outcome)

    # Under the lock.

    def _forget_everything(self) -> None:
        self._store = Store(self.options.max_authentications)
        self._chance = Chance(self.options.seed)
        self._events = Events(self.options, self._chance.uuid)
        self._scripts = Scripts()
        self._calls: Counter[str] = Counter()

    def _find(self, authentication_uuid: str) -> Authentication:
        found = self._store.get(authentication_uuid.lower())
        if found is None:
            raise ProviderError("invalid_auth_uuid")
        return found

    def _running(self, phone_number: str, now: datetime) -> Authentication | None:
        latest = self._store.latest(phone_number) if self.options.stateless else None
        return latest if latest and latest.is_running(now) else None

    def _open(self, request: SendRequest, now: datetime) -> Authentication:
        authentication = Authentication(
            uuid=self._chance.uuid(),
            request=request,
            created_at=now,
            expires_at=now + timedelta(seconds=self.options.expires_in),
        )
        self._store.add(authentication)
        self._post(authentication, [self._events.opened(authentication)], since=now)
        return authentication

    def _add_attempt(self, authentication: Authentication, now: datetime) -> Message:
        attempt = self._new_attempt(authentication, now)
        self._store.add_message(authentication, attempt)
        far = special(authentication.phone_number).retry_is_far
        delay = self.options.far_retry_seconds if far else self.options.retry_delay
        authentication.next_retry_at = now + timedelta(seconds=delay)
        self._post(authentication, self._events.attempted(authentication, attempt), since=now)
        return _message(authentication, attempt, now)

    def _new_attempt(self, authentication: Authentication, now: datetime) -> Attempt:
        request, kind = authentication.request, special(authentication.phone_number)
        code = self._chance.code(self.options.code_length, unlike=authentication.codes)
        return Attempt(
            id=self._chance.uuid(),
            attempt_number=len(authentication.attempts) + 1,
            code=code,
            content=wording.content(code, request),
            channel=kind.channel or self._channel(authentication),
            sender_id=request.sender_id or "Sandbox",
            created_at=now,
            reports=reports(now, last=kind.delivery, options=self.options),
        )

    def _channel(self, authentication: Authentication) -> str:
        channels = self.options.channels
        return channels[len(authentication.attempts) % len(channels)]

    def _add_refusal(self, authentication: Authentication, now: datetime) -> None:
        number = len(authentication.attempts) + 1
        refusal = Refusal(id=self._chance.uuid(), attempt_number=number, created_at=now)
        authentication.refusals.append(refusal)

    def _post(
        self, authentication: Authentication, events: Iterable[tuple[datetime, Payload]], *, since: datetime
    ) -> None:
        url = authentication.request.callback_url
        if url is not None:
            for at, payload in events:
                self.courier.post(url, payload, at=due(at, since=since, options=self.options))

    # Without the lock: a listener may do anything.

    def _announce(self, message: Message | None) -> None:
        if message is None:
            return
        with self._lock:
            listeners = self._listeners.copy()
        for listener in listeners:
            listener(message)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)


def _answer(operation: str, outcome: str) -> str | None:
    return outcome if outcome in ANSWERS[operation] else None


def _message(authentication: Authentication, attempt: Attempt, now: datetime) -> Message:
    return Message(
        id=attempt.id,
        phone_number=authentication.phone_number,
        code=attempt.code,
        content=attempt.content,
        channel=attempt.channel,
        attempt_number=attempt.attempt_number,
        created_at=attempt.created_at,
        status=attempt.delivery(now),
        authentication_uuid=authentication.uuid,
    )
