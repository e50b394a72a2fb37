"""Backends that answer in ways the sandbox never does."""

from django.test import override_settings

from django_ding.backends.base import (
    BaseBackend,
    CheckResult,
    CheckStatus,
    RetryResult,
    RetryStatus,
    SendResult,
    SendStatus,
)
from django_ding.exceptions import BackendUnavailable


def using(backend: type[BaseBackend]) -> override_settings:
    """Make this class the project's only backend."""
    path = f"{__name__}.{backend.__name__}"
    return override_settings(DING={"BACKENDS": {"default": {"BACKEND": path}}, "RATES": {}, "CONVERSION": ""})


class Newfangled(BaseBackend):
    """Answers with statuses that are not known yet."""

    def send(self, request):
        return SendResult(status=SendStatus.UNKNOWN, provider_status="teleported", authentication_uuid="u")

    def check(self, authentication_uuid, code):
        return CheckResult(status=CheckStatus.VALID)

    def retry(self, authentication_uuid):
        return RetryResult(status=RetryStatus.UNKNOWN, provider_status="pondering")


class Silent(BaseBackend):
    """Answers with as little as the provider's schema allows."""

    def send(self, request):
        return SendResult(status=SendStatus.PENDING)


class Plain(BaseBackend):
    """Answers with texts, as the provider does."""

    def send(self, request):
        return SendResult(status="pending", authentication_uuid="u")

    def check(self, authentication_uuid, code):
        return CheckResult(status="valid")

    def retry(self, authentication_uuid):
        return RetryResult(status="approved")


class Broken(BaseBackend):
    """Has a bug."""

    def send(self, request):
        raise ZeroDivisionError

    def check(self, authentication_uuid, code):
        raise ZeroDivisionError


class Unreachable(Newfangled):
    """Takes a send, and cannot be reached afterwards."""

    def check(self, authentication_uuid, code):
        raise BackendUnavailable(code="connection_failed", reached=False)

    def retry(self, authentication_uuid):
        raise BackendUnavailable(code="connection_failed", reached=False)
