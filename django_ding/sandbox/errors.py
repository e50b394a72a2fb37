"""The provider's error codes of each version, each with the simulator's message."""

from collections.abc import Mapping
from types import MappingProxyType

#: Version 1's.
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

#: Version 2's, without those of messaging.
V2_ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "missing_api_token": "The API key is missing.",
        "invalid_api_token": "The API token is not valid.",
        "invalid_api_key": "The API key is not valid.",
        "invalid_bearer_token": "The Authorization header must hold a bearer token.",
        "invalid_request": "The request is malformed.",
        "invalid_phone_number": "The phone number is not a valid E.164 number.",
        "invalid_line_type": "The phone number is not a mobile number.",
        "unsupported_country": "The country of this number is not served.",
        "channel_not_enabled_in_region": "The channel is not enabled for this region.",
        "insufficient_balance": "The balance of the account is too low.",
        "suspended_account": "The account is suspended.",
        "spending_limit_exceeded": "The spending limit of the period is reached.",
        "too_many_attempts": "The verification has no attempts left.",
        "too_many_checks": "The verification has no checks left.",
        "impossible_code": "A code cannot look like this.",
        "custom_code_not_allowed": "The account may not choose its codes.",
        "custom_size_conflict": "code_size and custom_code exclude each other.",
        "invalid_code_size": "code_size must be from 4 to 8.",
        "email_verification_not_allowed": "The account may not verify email addresses.",
        "invalid_app_realm": "The app realm needs a platform and a value.",
        "invalid_app_realm_platform": "The platform of the app realm must be android or web.",
        "invalid_app_realm_value": "The value of the app realm must be an 11-character app hash or an origin.",
        "invalid_callback_url": "The callback URL is not valid.",
        "invalid_correlation_id": "The correlation ID is too long.",
        "invalid_locale": "The locale must be a BCP 47 language tag.",
        "invalid_sender_id": "The Sender ID is not valid.",
        "invalid_device_id": "The device ID is not valid.",
        "invalid_os_version": "The OS version is not valid.",
        "invalid_template_id": "The template ID is not valid.",
        "template_not_found": "No template has this ID.",
        "template_not_registered_in_country": "The template is not registered in this country.",
        "invalid_template_variables": "The variables do not fit the template.",
        "batch_size_exceeded": "A batch has at most 100 items.",
        "empty_batch": "A batch has at least one item.",
        "internal": "The server failed.",
    }
)

#: An error code that no documentation has, as tomorrow's version of the API may.
UNDOCUMENTED = "undocumented_error"

_MESSAGES = {UNDOCUMENTED: "This error is not documented.", **V2_ERRORS, **ERRORS}
_STATUSES = {
    "internal_server_error": 500,
    "internal": 500,
    **dict.fromkeys(("missing_api_token", "invalid_api_token", "invalid_api_key", "invalid_bearer_token"), 401),
}


def is_error(outcome: str) -> bool:
    """Return whether an outcome is the error code of a version."""
    return outcome in _MESSAGES


class ProviderError(Exception):
    """An error that the API answers with.

    :param code: an error code of either version.
    :param message: replaces the message of the tables.
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
        self.message = message or _MESSAGES[code]
        self.status = _STATUSES.get(code, status)
        self.headers = headers
        super().__init__(self.message)
