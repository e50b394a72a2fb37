"""The provider's error codes, each with the simulator's message."""

from collections.abc import Mapping
from types import MappingProxyType

ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "invalid_phone_number": "The phone number is not a valid E.164 number.",
        "bad_request": "The request is malformed.",
        "account_invalid": "The customer UUID is not this account's.",
        "negative_balance": "The balance of the account is negative.",
        "suspended_account": "The account is suspended.",
        "invalid_line": "This type of line is not supported.",
        "unsupported_region": "The country of this number is not served.",
        "blocked_number": "The number is on the account's block list.",
        "invalid_auth_uuid": "No authentication has this UUID.",
        "invalid_app_realm": "The app realm is not an 11-character app hash.",
        "app_realm_require_device_type": "An app realm needs a device type.",
        "unsupported_app_realm_device_type": "An app realm is for ANDROID devices only.",
        "invalid_app_version": "The app version is invalid.",
        "invalid_os_version": "The OS version is invalid.",
        "invalid_device_model": "The device model is invalid.",
        "invalid_device_id": "The device ID is invalid.",
        "invalid_template_id": "No template has this ID.",
        "invalid_sender_id": "The Sender ID is invalid.",
        "unauthorized_sender_id": "The account may not use this Sender ID.",
        "no_associated_auth_found": "No authentication was made for this number.",
        "duplicated_feedback_status": "This feedback was already recorded.",
        "invalid_feedback_status": "The feedback must be onboarded or not_onboarded.",
        "spending_limit_exceeded": "The spending limit of the period is reached.",
        "impossible_code": "A code cannot look like this.",
        "internal_server_error": "The server failed.",
    }
)


class ProviderError(Exception):
    """An error that the API answers with.

    :param code: a key of :data:`ERRORS`.
    :param message: replaces the message of the table.
    :param status: the HTTP status, when it is not the usual one of errors.
    :param headers: further response headers.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        status: int | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.code = code
        self.message = message or ERRORS[code]
        self.status = 500 if code == "internal_server_error" else status
        self.headers = headers
        super().__init__(self.message)
