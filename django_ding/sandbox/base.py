"""What the versions of the simulator share: memory, scripts, messages, webhooks."""

import pickle
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from .memory import Memory, Message, SimAttempt, SimAuthentication, as_message
from .message_texts import message_text
from .number_lists import NumberLists
from .options import Options
from .payloads import Payload, V1Payloads, V2Payloads, delivery_reports
from .refusals import SimRefusal
from .signing import SigningKey, can_sign
from .special_numbers import NORMAL, Scripts, special_number
from .translation import to_v1, to_v2
from .webhooks import WebhookDispatcher, due_at

# Crockford's alphabet of ULIDs, in lower case as version 2 writes them.
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


#: The attributes that are a simulator's memory.
_STATE = ("_memory", "_generator", "_scripts", "_calls", "_lists")


class CodeGenerator:
    """A source of codes and IDs. Not thread-safe by itself.

    :param seed: the same seed gives the same codes and IDs; ``None`` gives real randomness.
    """

    def __init__(self, seed: int | None) -> None:
        # Tests give a seed to get the same codes again; these codes protect nothing real.
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311

    def __getstate__(self) -> dict[str, Any]:
        # Real randomness has no state that could be kept.
        return {} if isinstance(self._random, random.SystemRandom) else {"_random": self._random}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._random = state.get("_random", random.SystemRandom())

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def ulid(self, prefix: str, now: datetime) -> str:
        """Return an ID of version 2: a prefix and 26 characters, the first ten of which are the time."""
        number = int(now.timestamp() * 1000) << 80 | self._random.getrandbits(80)
        return f"{prefix}_{''.join(_BASE32[number >> shift & 31] for shift in range(125, -1, -5))}"

    def code(self, length: int, *, exclude: tuple[str, ...] = ()) -> str:
        """Return a code of ``length`` digits that is none of ``exclude``."""
        while True:
            code = f"{self._random.randrange(10**length):0{length}}"
            if code not in exclude:
                return code


class BaseSimulator:
    """A provider in memory, of no version of the API. Every method may be called from any thread.

    :param options: the behaviour that the provider's documentation leaves open.
    :param clock: returns the current time, aware; real time by default.
    :param background: deliver webhooks from a thread. Without it, they wait for ``webhooks.run_due()``.
    :param accepts_webhooks_to: returns whether webhooks may be posted to a URL; by default to any.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
        background: bool = True,
        accepts_webhooks_to: Callable[[str], bool] = lambda url: True,
    ) -> None:
        self.accepts_webhooks_to = accepts_webhooks_to
        self.options = options or Options()
        self.clock = clock or partial(datetime.now, UTC)
        self.webhooks = WebhookDispatcher(self.options, clock=self.clock, background=background, sign=self._sign)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[Message], None]] = []
        self._key: SigningKey | None = None
        self._start_empty()

    def __repr__(self) -> str:
        return f"<Simulator: {len(self._memory)} authentications>"

    def _start_empty(self) -> None:
        self._memory = Memory(self.options.max_authentications)
        self._generator = CodeGenerator(self.options.seed)
        self._scripts = Scripts()
        self._calls: Counter[str] = Counter()
        self._lists = NumberLists()

    # For tests and the inbox.

    @property
    def calls(self) -> Counter[str]:
        """Return how many requests each operation received, refused ones included."""
        with self._lock:
            return self._calls.copy()

    @property
    def public_key(self) -> str | None:
        """The public key of version 2's webhooks in PEM, ``None`` when they are not signed. The first use makes it."""
        if not self.options.sign_webhooks or not can_sign():
            return None
        return self._signing_key().public_pem

    def messages(self, phone_number: str | None = None, *, limit: int | None = None) -> list[Message]:
        """Return the messages sent, newest first, to one number or to all."""
        with self._lock:
            now = self.clock()
            sent = self._memory.messages()
            found = (pair for pair in sent if phone_number in (None, pair[0].phone_number))
            return [as_message(*pair, now) for pair in islice(found, limit)]

    def refusals(self, phone_number: str | None = None, *, limit: int | None = None) -> list[SimRefusal]:
        """Return the sends and retries that were answered without a message, newest first."""
        with self._lock:
            found = (refusal for refusal in self._memory.refusals() if phone_number in (None, refusal.phone_number))
            return list(islice(found, limit))

    def clear_inbox(self) -> None:
        """Forget messages, refused requests and posted webhooks. Codes that were sent can still be entered."""
        with self._lock:
            self._memory.clear_inbox()
        self.webhooks.clear_posted()

    def script(self, operation: str, *outcomes: str) -> None:
        """Set the outcomes of the next well-formed calls of an operation, whatever the number.

        :param operation: ``send``, ``check``, ``retry``, ``feedback``, ``status``, ``lookup``, and of version 2
            ``predict``, ``event`` and ``manage``.
        :param outcomes: a status the operation can answer in either version, an error code, a fault, or ``normal``.
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
        """Forget authentications, messages, lists, scripts, counts and waiting webhooks; listeners and key stay."""
        with self._lock:
            self._start_empty()
        self.webhooks.clear()

    def close(self) -> None:
        """End the thread that delivers webhooks."""
        self.webhooks.close()

    def dump(self) -> bytes:
        """Return what is remembered, for :meth:`load`. Scripts, lists and the key are part of it, webhooks are not."""
        with self._lock:
            state = {name: getattr(self, name) for name in _STATE}
            return pickle.dumps({**state, "private_pem": self._key.private_pem if self._key else None})

    def load(self, dumped: bytes) -> None:
        """Remember what :meth:`dump` returned, instead of what is remembered now. Only ever give it your own."""
        state = pickle.loads(dumped)  # noqa: S301
        private_pem = state.pop("private_pem")
        with self._lock:
            vars(self).update(state)
            self._key = SigningKey(private_pem) if private_pem else None

    # For the versions of the API.

    def count(self, operation: str) -> None:
        """Count a received request."""
        with self._lock:
            self._calls[operation] += 1

    def add_refusal(self, **columns: Any) -> None:
        """Remember a request that was answered without a message."""
        # Not of the generator: a seed makes codes repeatable, whatever is refused in between.
        refusal = SimRefusal(id=str(uuid.uuid4()), created_at=self.clock(), **columns)
        with self._lock:
            self._memory.add_refusal(refusal)

    def outcome(self, operation: str, phone_number: str, *, api: str) -> str:
        """Return the outcome of a call: the scripted one, which is used up, else the number's own.

        :param api: the version whose words it is in.
        """
        with self._lock:
            scripted = self._scripts.next(operation)
        if scripted == NORMAL:
            return special_number(phone_number).outcome(operation, api)
        return to_v1(operation, scripted) if api == "v1" else to_v2(operation, scripted)

    # The caller holds the lock.

    def _expires_at(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.options.expires_in)

    def _add_attempt(
        self,
        authentication: SimAuthentication,
        now: datetime,
        *,
        attempt_id: str,
        channel: str,
        code: str,
        payloads: V1Payloads | V2Payloads,
    ) -> Message:
        attempt = SimAttempt(
            id=attempt_id,
            attempt_number=len(authentication.attempts) + 1,
            code=code,
            content=message_text(code, authentication.request, channel),
            channel=channel,
            sender_id=authentication.request.sender_id or "Sandbox",
            created_at=now,
            reports=delivery_reports(
                now, last=special_number(authentication.phone_number).delivery, options=self.options
            ),
        )
        self._memory.add_message(authentication, attempt)
        self._post_webhooks(authentication, payloads.attempt(authentication, attempt), now, payloads.is_signed)
        return as_message(authentication, attempt, now)

    def _post_webhooks(
        self,
        authentication: SimAuthentication,
        events: Iterable[tuple[datetime, Payload]],
        now: datetime,
        is_signed: bool,
    ) -> None:
        url = authentication.request.callback_url
        if url is not None:
            for event_at, payload in events:
                at = due_at(event_at, called_at=now, options=self.options)
                self.webhooks.post(url, payload, at=at, is_signed=is_signed)

    # The caller does not hold the lock: a listener may call the simulator, even from another thread.

    def _notify(self, message: Message | None) -> None:
        if message is None:
            return
        with self._lock:
            listeners = self._listeners.copy()
        for listener in listeners:
            listener(message)

    def _sign(self, body: bytes) -> str | None:
        if not self.options.sign_webhooks or not can_sign():
            return None
        return self._signing_key().header(body)

    def _signing_key(self) -> SigningKey:
        with self._lock:
            if self._key is None:
                self._key = SigningKey()
            return self._key
