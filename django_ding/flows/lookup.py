"""Look a number up at the provider."""

from functools import partial
from typing import Any

from django.views.decorators.debug import sensitive_variables

from django_ding import phone
from django_ding.backends import get_backend
from django_ding.backends.fiction import parse_number
from django_ding.backends.types import LookupResponse
from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidPhoneNumber
from django_ding.models import PhoneNumber
from django_ding.provider_calls import provider_call
from django_ding.steps import Steps, in_steps


@sensitive_variables()
@in_steps
def lookup(
    phone_number: phone.AnyNumber, *, region: str | None = None, caller_name: bool = False, backend: str | None = None
) -> Steps[LookupResponse]:
    """Return what the provider knows about a number, such as its line type. It costs money, and nothing is stored.

    :param phone_number: as entered; national numbers are read with ``region`` or ``DING["DEFAULT_REGION"]``.
    :param caller_name: also request the name of the line's holder (CNAM), which the account must be allowed to.
    :param backend: alias in ``DING["BACKENDS"]``. Default: ``DING["DEFAULT_BACKEND"]``.
    :raises InvalidPhoneNumber: when no such number can exist.
    :raises InputError: when the provider rejects the number; ``Blocked`` for one on the account's block list.
    :raises UnsupportedOperation: when the backend has no lookup.
    :raises BackendRejected: when the provider rejects our configuration or account.
    :raises BackendUnavailable: in an outage.
    """
    provider, number = get_backend(backend), normalize(phone_number, region)
    with provider_call("lookup", phone_number=number, backend=provider.alias):
        response: LookupResponse = yield partial(provider.lookup, number, caller_name=caller_name)
    return response


def normalize_own(phone_number: phone.AnyNumber, region: str | None, *, user: Any) -> str:
    """Return what :func:`normalize` does, and a verified number of the user's that is no longer valid as it is.

    The guard refuses a code to it, and so says and records why.

    :raises InvalidPhoneNumber: with the reason.
    """
    try:
        return normalize(phone_number, region)
    except InvalidPhoneNumber:
        number = normalize_stored(phone_number, region)
        if user is None or not PhoneNumber.write_db.of_user(user).filter(phone_number=number).exists():
            raise
        return number


def normalize_stored(phone_number: phone.AnyNumber, region: str | None = None) -> str:
    """Return what :func:`normalize` does, for what looks at rows only: those may have numbers that are no longer valid.

    :raises InvalidPhoneNumber: with the reason.
    """
    try:
        return phone.parse_stored(phone_number, region or ding_settings.DEFAULT_REGION)
    except phone.NotAPhoneNumber as error:
        raise InvalidPhoneNumber(error.reason) from None


def normalize(phone_number: phone.AnyNumber, region: str | None = None) -> str:
    """Return the E.164 form of a number as entered, in ``region`` or ``DING["DEFAULT_REGION"]``.

    :raises InvalidPhoneNumber: with the reason.
    """
    try:
        return parse_number(phone_number, region or ding_settings.DEFAULT_REGION)
    except phone.NotAPhoneNumber as error:
        raise InvalidPhoneNumber(error.reason) from None
