"""What concerns a number rather than an authentication: what the provider knows of it, and how its user turned out."""

from django.views.decorators.debug import sensitive_variables

from django_ding import logs
from django_ding.backends import DEFAULT_ALIAS, get_backend
from django_ding.backends.base import FeedbackResult, FeedbackStatus, LookupResult
from django_ding.services.sending import normalize


@sensitive_variables()
def lookup(
    phone_number: str, *, region: str | None = None, caller_name: bool = False, backend: str = DEFAULT_ALIAS
) -> LookupResult:
    """Ask the provider what kind of line a number is. It costs money, and nothing is kept.

    :param phone_number: as typed; national numbers are read with ``region`` or ``DING["DEFAULT_REGION"]``.
    :param caller_name: also ask for the name of the line's holder (CNAM), which the account must be allowed.
    :raises InvalidPhoneNumber: when no such number can exist.
    :raises UnsupportedOperation: when the backend has no lookup.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage.
    """
    provider, number = get_backend(backend), normalize(phone_number, region)
    with logs.asking("lookup", phone_number=number, backend=backend):
        return provider.lookup(number, caller_name=caller_name)


@sensitive_variables()
def feedback(
    phone_number: str,
    status: FeedbackStatus | str,
    *,
    region: str | None = None,
    backend: str = DEFAULT_ALIAS,
) -> FeedbackResult:
    """Tell the provider's antifraud how the user of a number turned out.

    :param phone_number: as typed; national numbers are read with ``region`` or ``DING["DEFAULT_REGION"]``.
    :param status: ``onboarded`` for a genuine user, ``not_onboarded`` for one who did not go through with it.
    :raises ValueError: for another status.
    :raises InvalidPhoneNumber: when no such number can exist.
    :raises InputError: when there is nothing to report on, or it was reported before.
    :raises UnsupportedOperation: when the backend takes no feedback.
    :raises AccountError: when the provider refuses our account.
    :raises BackendUnavailable: in an outage.
    """
    provider, number, told = get_backend(backend), normalize(phone_number, region), FeedbackStatus(status)
    with logs.asking("feedback", phone_number=number, backend=backend):
        return provider.feedback(number, told)
