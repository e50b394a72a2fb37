"""The error codes of Ding's API, and whose business each is."""

import re
from collections.abc import Mapping
from typing import Any

from django_ding.backends.http import Reply
from django_ding.backends.parsing import text
from django_ding.exceptions import AccountError, BackendUnavailable, InputError

#: No digits, so that no number or code gets into a message by way of it.
_CODE = re.compile(r"[a-z][a-z_]{0,63}")

#: The provider's codes that blame our configuration or account, each with what a maintainer can do.
#: A code that is in neither this table nor ``InputError.SENTENCES`` is taken for one of these.
ACCOUNT_ERRORS = {
    "unauthorized": "The API key is wrong or revoked: check OPTIONS['api_key'].",
    "account_invalid": "The customer UUID is wrong: check OPTIONS['customer_uuid'].",
    "negative_balance": "The account's balance is below zero: top it up in the provider's dashboard.",
    "suspended_account": "The account is suspended: ask the provider why.",
    "spending_limit_exceeded": "The account's spending limit is reached: raise it in the provider's dashboard.",
    "bad_request": "The provider could not read the request: check OPTIONS['base_url'] and the version of this app.",
    "invalid_auth_uuid": "The provider does not know this authentication: was it made with another account?",
    "invalid_template_id": "The account has no such template.",
    "invalid_sender_id": "The Sender ID is malformed.",
    "unauthorized_sender_id": "The account may not use this Sender ID: ask the provider to allow it.",
}


def answer_of(reply: Reply) -> Mapping[str, Any]:
    """Return the body of a success.

    :raises InputError: when the provider blames the user's input.
    :raises AccountError: when it refuses our configuration or account, or for a reason this app doesn't know.
    :raises BackendUnavailable: when it reports a fault of its own.
    """
    if reply.status < 400:
        return reply.data
    code = text(reply.data.get("code")) or ""
    if code in InputError.SENTENCES:
        raise InputError.from_code(code)
    if code == "internal_server_error":
        raise BackendUnavailable(code=code)
    raise _account_error(reply.status, code)


def _account_error(status: int, code: str) -> AccountError:
    if code not in ACCOUNT_ERRORS and status in (401, 403):
        code = "unauthorized"
    elif not _CODE.fullmatch(code):
        code = "bad_request"
    explanation = ACCOUNT_ERRORS.get(code, "This app does not know the code: see the provider's documentation.")
    return AccountError(f"The provider answered HTTP {status} {code}. {explanation}", code=code)
