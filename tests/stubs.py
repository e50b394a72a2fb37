"""Backends that answer in ways the sandbox never does."""

from django.test import override_settings

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import (
    CheckResponse,
    CheckStatus,
    RetryResponse,
    RetryStatus,
    SendResponse,
    SendStatus,
)
from django_ding.exceptions import BackendUnavailable


def using(backend: type[BaseBackend]) -> override_settings:
    """Make this class, of any module, the project's only backend."""
    path = f"{backend.__module__}.{backend.__qualname__}"
    return override_settings(DING={"BACKENDS": {"default": {"BACKEND": path}}, "RATE_LIMITS": {}, "MIN_CONVERSION": ""})


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
