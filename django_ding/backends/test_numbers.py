"""Numbers with a fixed code, for app reviewers who can't receive a message. Nothing is sent."""

from typing import ClassVar
from uuid import uuid4

from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from django_ding.backends.base import BaseBackend
from django_ding.backends.types import (
    Channel,
    CheckResponse,
    CheckStatus,
    RetryResponse,
    RetryStatus,
    SendRequest,
    SendResponse,
    SendStatus,
    Sent,
)
from django_ding.conf import ding_settings
from django_ding.exceptions import BackendRejected


class TestNumberBackend(BaseBackend):
    """Answers for the numbers of ``DING["TEST_NUMBERS"]``, as it is now, and calls no provider.

    It keeps no state: a code is valid as long as its number is listed. How often and how long a code may be tried is
    for the services to decide.
    """

    #: Not one of pytest's classes, whatever its name.
    __test__: ClassVar[bool] = False

    #: Nothing is sent by any of them, and an app under review chooses among those that the setting allows, as always.
    channels = frozenset(set(Channel) - {Channel.UNKNOWN})

    def send(self, request: SendRequest) -> SendResponse:
        if request.phone_number not in ding_settings.TEST_NUMBERS:
            raise BackendRejected('The number is not in DING["TEST_NUMBERS"].', code="no_test_number")
        return SendResponse(status=SendStatus.PENDING, authentication_uuid=str(uuid4()))

    @sensitive_variables()
    def check(self, sent: Sent, code: str) -> CheckResponse:
        expected = ding_settings.TEST_NUMBERS.get(sent.phone_number)
        if expected is None:  # The number was removed from the setting.
            status = CheckStatus.EXPIRED_AUTH
        else:
            status = CheckStatus.VALID if constant_time_compare(code, expected) else CheckStatus.INVALID
        return CheckResponse(status=status, authentication_uuid=sent.authentication_uuid)

    def retry(self, sent: Sent, *, channel: Channel | None = None) -> RetryResponse:
        listed = sent.phone_number in ding_settings.TEST_NUMBERS
        status = RetryStatus.APPROVED if listed else RetryStatus.EXPIRED_AUTH
        return RetryResponse(status=status, authentication_uuid=sent.authentication_uuid)
