"""For the tests of projects that use this app, and of packages with a backend of their own.

>>> from django_ding.testing import outbox, sandbox
>>> with sandbox():
...     result = send("+33 6 12 34 56 78")
...     check(result.authentication, outbox[-1].code)
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

from django.conf import settings
from django.test import override_settings
from django.utils.module_loading import import_string

from django_ding.backends.prelude import BasePreludeBackend
from django_ding.conf import ding_settings
from django_ding.phone import AnyNumber, as_text
from django_ding.sandbox.memory import Message
from django_ding.sandbox.project import project_simulator
from django_ding.testing.contract import BackendContract

__all__ = ["BackendContract", "Message", "Outbox", "SandboxMixin", "outbox", "sandbox", "script"]

_SANDBOX_BACKEND = {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}
_PRELUDE_SANDBOX_BACKEND = {"BACKEND": "django_ding.backends.sandbox.PreludeSandboxBackend"}


class Outbox(Sequence[Message]):
    """The messages that the sandbox sent, oldest first, like ``django.core.mail.outbox``.

    Each has ``phone_number`` (E.164), ``code``, ``channel``, ``content``, ``attempt_number`` and ``created_at``.
    """

    @overload
    def __getitem__(self, index: int) -> Message: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...

    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        return self._messages()[index]

    def __len__(self) -> int:
        return len(self._messages())

    def __repr__(self) -> str:
        return f"<Outbox of {len(self)}>"

    def clear(self) -> None:
        """Forget the messages, and everything else the sandbox knows."""
        project_simulator().reset()

    def to(self, phone_number: AnyNumber) -> list[Message]:
        """Return the messages to an E.164 number, oldest first."""
        return project_simulator().messages(as_text(phone_number))[::-1]

    def _messages(self) -> list[Message]:
        return project_simulator().messages()[::-1]


outbox = Outbox()


@contextmanager
def sandbox(**settings_of_ding: Any) -> Iterator[Outbox]:
    """Replace every backend of the project by an empty sandbox, and other keys of ``DING`` by the arguments.

    Prelude's is replaced by a sandbox that plays Prelude, with all its channels, and any other by one that plays Ding.

    Nothing limits how much is sent, unless ``RATE_LIMITS`` or ``MIN_CONVERSION`` are given, and no webhook is posted to
    the project's ``WEBHOOK_BASE_URL``, unless one is given.

    >>> with sandbox(MAX_CHECKS=3) as outbox: ...
    """
    configured = getattr(settings, "DING", {})
    backends = configured.get("BACKENDS") or {ding_settings.DEFAULT_BACKEND: {}}
    with override_settings(
        DING={
            **configured,
            "BACKENDS": {alias: _stand_in(backend) for alias, backend in backends.items()},
            "RATE_LIMITS": {},
            "MIN_CONVERSION": "",
            "WEBHOOK_BASE_URL": None,
            **settings_of_ding,
        }
    ):
        outbox.clear()
        yield outbox


def _stand_in(configured: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        backend_class = import_string(configured.get("BACKEND", ""))
    except ImportError:
        return _SANDBOX_BACKEND
    is_prelude = isinstance(backend_class, type) and issubclass(backend_class, BasePreludeBackend)
    return _PRELUDE_SANDBOX_BACKEND if is_prelude else _SANDBOX_BACKEND


def script(operation: str, *outcomes: str) -> None:
    """Set what the provider answers next, in this order, for any number.

    :param operation: ``send``, ``check``, ``retry``, ``feedback``, ``status`` or ``lookup``.
    :param outcomes: a status of that operation (``"spam_detected"``, in Prelude's words ``"blocked/suspicious"``), an
        error code of the provider's (``"negative_balance"``), or a fault: ``"server_error"``, ``"too_many_requests"``,
        ``"dropped"``, ``"dropped_before"``, ``"garbage"``, ``"slow"``. ``"normal"`` lets one pass.
    :raises ValueError: for an operation or outcome that doesn't exist, naming those that do.
    """
    project_simulator().script(operation, *outcomes)


class SandboxMixin:
    """A mixin for ``django.test`` test cases: each test starts with an empty sandbox, ``self.outbox``."""

    outbox: Outbox

    def setUp(self) -> None:
        super().setUp()  # type: ignore[misc]
        self.outbox = self.enterContext(sandbox())  # type: ignore[attr-defined]
