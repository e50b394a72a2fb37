"""Send, check, retry and the rest: the public functions of this app, and the only way to change its rows.

``send``, ``check``, ``retry``, ``refresh``, ``cancel``, ``reconcile``, ``record_webhook`` and ``redeem_login`` keep
records that no rollback may undo, so they refuse to run inside a transaction. Those that a view may await have an
asynchronous variant: ``asend``, ``acheck`` …
"""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from django_ding import sql
from django_ding.backends.types import Channel, CheckStatus, DeviceSignals, FeedbackStatus, RetryStatus
from django_ding.flows._provider import is_webhook_token, make_webhook_url
from django_ding.flows.callbacks import record_webhook
from django_ding.flows.channels import get_channels
from django_ding.flows.check import check
from django_ding.flows.device_signals import get_device_signals
from django_ding.flows.devices import (
    find_device,
    forget_device,
    forget_devices,
    get_devices,
    is_remembered_device,
    remember_device,
)
from django_ding.flows.feedback import feedback, report_onboarded
from django_ding.flows.import_numbers import NumberToImport, import_numbers
from django_ding.flows.login import phone_backend, redeem_login
from django_ding.flows.lookup import lookup
from django_ding.flows.lost_numbers import has_lost_number, lift_lost_number, must_keep_number
from django_ding.flows.numbers import (
    has_verified_number,
    make_primary,
    primary_number,
    remove_number,
    replace_number,
)
from django_ding.flows.privacy import erase_data, export_data
from django_ding.flows.proofs import claim, make_proof, verify_proof
from django_ding.flows.purge import purge
from django_ding.flows.reconcile import reconcile
from django_ding.flows.recovery import (
    NewRecoveryCode,
    complete_recovery,
    create_recovery_code,
    is_recovering,
    may_create_recovery_code,
    revoke_recovery_code,
)
from django_ding.flows.redeem_recovery import RecoveryResult, is_recovery_code, redeem_recovery_code
from django_ding.flows.refresh import cancel, refresh
from django_ding.flows.renumber import renumber
from django_ding.flows.results import (
    CheckResult,
    Drop,
    EraseResult,
    FeedbackReport,
    ImportResult,
    NumberProblem,
    PurgeResult,
    ReconcileResult,
    RenumberResult,
    RetryResult,
    RollUpResult,
    SendResult,
    WatchResult,
)
from django_ding.flows.retry import retry
from django_ding.flows.rollup import roll_up
from django_ding.flows.send import send
from django_ding.flows.sign_up import create_user, create_user_with_number
from django_ding.flows.step_up import (
    has_stepped_up,
    make_step_up_proof,
    needs_step_up,
    record_login,
    step_up_by_code,
    step_up_by_password,
)
from django_ding.flows.watch import watch
from django_ding.guard.blocks import lift_block
from django_ding.guard.lockouts import find_lockout, lift_lockout
from django_ding.models import Authentication
from django_ding.models.base import write_alias
from django_ding.steps import run_steps, steps_of

_P = ParamSpec("_P")
_R = TypeVar("_R")


def get_authentication(public_id: UUID | str) -> Authentication:
    """Return the authentication with this ``public_id``. It costs less than a query of the ORM's.

    :raises Authentication.DoesNotExist: when there is none, or the text is no UUID.
    """
    try:
        public_id = UUID(str(public_id))
    except ValueError:
        raise Authentication.DoesNotExist from None
    found = sql.get(Authentication, public_id=public_id, using=write_alias())
    if found is None:
        raise Authentication.DoesNotExist
    return found


def _asynchronous(service: Callable[_P, _R]) -> Callable[_P, Coroutine[Any, Any, _R]]:
    """Return the service as a coroutine function: same arguments, result and exceptions, run in threads."""
    steps = steps_of(service)

    @functools.wraps(service)
    @sensitive_variables()
    async def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await run_steps(functools.partial(steps, *args, **kwargs))

    wrapper.__name__ = wrapper.__qualname__ = f"a{service.__name__}"
    return wrapper


asend = _asynchronous(send)
acheck = _asynchronous(check)
aretry = _asynchronous(retry)
arefresh = _asynchronous(refresh)
acancel = _asynchronous(cancel)
alookup = _asynchronous(lookup)
afeedback = _asynchronous(feedback)
averify_proof = _asynchronous(verify_proof)
aclaim = _asynchronous(claim)
aredeem_login = _asynchronous(redeem_login)
amake_primary = _asynchronous(make_primary)
aremove_number = _asynchronous(remove_number)
areplace_number = _asynchronous(replace_number)
ahas_verified_number = _asynchronous(has_verified_number)
ahas_stepped_up = _asynchronous(has_stepped_up)
aneeds_step_up = _asynchronous(needs_step_up)
aforget_device = _asynchronous(forget_device)
aforget_devices = _asynchronous(forget_devices)

__all__ = [
    "Channel",
    "CheckResult",
    "CheckStatus",
    "DeviceSignals",
    "Drop",
    "EraseResult",
    "FeedbackReport",
    "FeedbackStatus",
    "ImportResult",
    "NewRecoveryCode",
    "NumberProblem",
    "NumberToImport",
    "PurgeResult",
    "ReconcileResult",
    "RecoveryResult",
    "RenumberResult",
    "RetryResult",
    "RetryStatus",
    "RollUpResult",
    "SendResult",
    "WatchResult",
    "acancel",
    "acheck",
    "aclaim",
    "afeedback",
    "aforget_device",
    "aforget_devices",
    "ahas_stepped_up",
    "ahas_verified_number",
    "alookup",
    "amake_primary",
    "aneeds_step_up",
    "aredeem_login",
    "arefresh",
    "aremove_number",
    "areplace_number",
    "aretry",
    "asend",
    "averify_proof",
    "cancel",
    "check",
    "claim",
    "complete_recovery",
    "create_recovery_code",
    "create_user",
    "create_user_with_number",
    "erase_data",
    "export_data",
    "feedback",
    "find_device",
    "find_lockout",
    "forget_device",
    "forget_devices",
    "get_authentication",
    "get_channels",
    "get_device_signals",
    "get_devices",
    "has_lost_number",
    "has_stepped_up",
    "has_verified_number",
    "import_numbers",
    "is_recovering",
    "is_recovery_code",
    "is_remembered_device",
    "is_webhook_token",
    "lift_block",
    "lift_lockout",
    "lift_lost_number",
    "lookup",
    "make_primary",
    "make_proof",
    "make_step_up_proof",
    "make_webhook_url",
    "may_create_recovery_code",
    "must_keep_number",
    "needs_step_up",
    "phone_backend",
    "primary_number",
    "purge",
    "reconcile",
    "record_login",
    "record_webhook",
    "redeem_login",
    "redeem_recovery_code",
    "refresh",
    "remember_device",
    "remove_number",
    "renumber",
    "replace_number",
    "report_onboarded",
    "retry",
    "revoke_recovery_code",
    "roll_up",
    "send",
    "step_up_by_code",
    "step_up_by_password",
    "verify_proof",
    "watch",
]
