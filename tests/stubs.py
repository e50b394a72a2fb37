"""Backends that answer in ways the sandbox never does."""

from typing import Any, ClassVar

from django.test import override_settings

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    LineType,
    LookupResponse,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
)
from django_ding.exceptions import BackendUnavailable


def using(backend: type[BaseBackend], **changed: Any) -> override_settings:
    """Make this class, of any module, the project's only backend, with other keys of ``DING``."""
    backends = {"default": {"BACKEND": f"{backend.__module__}.{backend.__qualname__}"}}
    return override_settings(DING={"BACKENDS": backends, "RATE_LIMITS": {}, "MIN_CONVERSION": "", **changed})


class Multichannel(BaseBackend):
    """Sends by the channel that it is asked for, else by SMS, and keeps what it is called with."""

    channels = frozenset(Channel) - {Channel.UNKNOWN}
    uses_request_signals = True
    supports_lookup = True
    line_type = LineType.MOBILE
    silent_request_url = None
    requests: ClassVar[list[SendRequest]] = []
    messages: ClassVar[list[Channel | None]] = []

    def __init__(self, alias):
        super().__init__(alias)
        self.requests.clear()
        self.messages.clear()

    def send(self, request):
        self.requests.append(request)
        self.messages.append(request.channel)
        return SendResponse(
            status=SendStatus.PENDING,
            authentication_uuid="u",
            channel=Channel.SILENT if self.silent_request_url else request.channel or Channel.SMS,
            silent_request_url=self.silent_request_url,
        )

    def check(self, sent, code):
        return CheckResponse(status=CheckStatus.VALID if code == "123456" else CheckStatus.INVALID)

    def retry(self, sent, *, channel=None):
        self.requests.append(sent.request)
        self.messages.append(channel)
        return RetryResponse(status=RetryStatus.APPROVED, channel=channel or Channel.SMS)

    def lookup(self, phone_number, *, caller_name=False):
        return LookupResponse(line_type=self.line_type)


class Newfangled(BaseBackend):
    """Answers with statuses that are not known yet."""

    def send(self, request):
        return SendResponse(status=SendStatus.UNKNOWN, provider_status="teleported", authentication_uuid="u")

    def check(self, sent, code):
        return CheckResponse(status=CheckStatus.VALID)

    def retry(self, sent, *, channel=None):
        return RetryResponse(status=RetryStatus.UNKNOWN, provider_status="pondering")


class Silent(BaseBackend):
    """Answers with as little as the provider's schema allows."""

    def send(self, request):
        return SendResponse(status=SendStatus.PENDING)


class Plain(BaseBackend):
    """Answers with texts, as the provider does."""

    next_retry_at = None

    def send(self, request):
        return SendResponse(status="pending", authentication_uuid="u", next_retry_at=self.next_retry_at)

    def check(self, sent, code):
        return CheckResponse(status="valid")

    def retry(self, sent, *, channel=None):
        return RetryResponse(status="approved")


class OneCode(Plain):
    """Sends everybody the same code."""

    CODE = "123456"

    def check(self, sent, code):
        return CheckResponse(status="valid" if code == self.CODE else "invalid")


class Postponing(OneCode):
    """Has no time to check a code now."""

    def check(self, sent, code):
        return CheckResponse(status="rate_limited", retry_after=7)


class OneWindow(OneCode):
    """Has one window per number, whoever requests a code for it."""

    is_per_number = True


class Broken(BaseBackend):
    """Has a bug."""

    def send(self, request):
        raise ZeroDivisionError

    def check(self, sent, code):
        raise ZeroDivisionError


class Unreachable(Newfangled):
    """Takes a send, and cannot be reached afterwards."""

    def check(self, sent, code):
        raise BackendUnavailable(code="connection_failed", reached=False)

    def retry(self, sent, *, channel=None):
        raise BackendUnavailable(code="connection_failed", reached=False)
