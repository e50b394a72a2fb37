"""Numbers with a fixed code, for those who review an app and have no phone of ours. Nothing is sent."""

from typing import ClassVar

from django.utils.crypto import constant_time_compare, salted_hmac

from django_ding.backends.base import (
    BaseBackend,
    CheckResult,
    CheckStatus,
    RetryResult,
    RetryStatus,
    SendRequest,
    SendResult,
    SendStatus,
)
from django_ding.conf import ding_settings
from django_ding.exceptions import AccountError

_SALT = "django_ding.backends.test_numbers"


class TestNumberBackend(BaseBackend):
    """Answers for the numbers of ``DING["TEST_NUMBERS"]``, read live, and asks no provider.

    It keeps no state: an ``authentication_uuid`` is a keyed hash of its number, and good while the number is listed.
    How often and how long a code may be tried is for the services to say.
    """

    #: Not one of pytest's classes, whatever its name.
    __test__: ClassVar[bool] = False

    def send(self, request: SendRequest) -> SendResult:
        if request.phone_number not in ding_settings.TEST_NUMBERS:
            raise AccountError('The number is not in DING["TEST_NUMBERS"].', code="no_test_number")
        return SendResult(status=SendStatus.PENDING, authentication_uuid=_uuid(request.phone_number))

    def check(self, authentication_uuid: str, code: str) -> CheckResult:
        expected = _code(authentication_uuid)
        if expected is None:
            status = CheckStatus.EXPIRED_AUTH
        else:
            status = CheckStatus.VALID if constant_time_compare(code, expected) else CheckStatus.INVALID
        return CheckResult(status=status, authentication_uuid=authentication_uuid)

    def retry(self, authentication_uuid: str) -> RetryResult:
        status = RetryStatus.EXPIRED_AUTH if _code(authentication_uuid) is None else RetryStatus.APPROVED
        return RetryResult(status=status, authentication_uuid=authentication_uuid)


def _uuid(phone_number: str) -> str:
    return salted_hmac(_SALT, phone_number, algorithm="sha256").hexdigest()


def _code(authentication_uuid: str) -> str | None:
    """Return the code of the number that was sent to, ``None`` when it is no longer listed."""
    codes = {_uuid(number): code for number, code in ding_settings.TEST_NUMBERS.items()}
    return codes.get(authentication_uuid)
