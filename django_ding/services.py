"""Send, check, retry and the rest: the only code that changes rows. Each function has an async twin, ``asend`` …
(that of ``sync`` is ``a_sync``, since ``async`` is a word of Python).

``send``, ``check``, ``retry``, ``sync``, ``settle``, ``receive`` and ``identify`` keep records that no rollback may
undo, so they refuse to run inside a transaction.
"""

from django_ding.backends.base import CheckStatus, FeedbackStatus, RetryStatus, Signals
from django_ding.services.asking import feedback, lookup
from django_ding.services.blocking import blocks, lift
from django_ding.services.checking import check
from django_ding.services.claiming import claim, make_proof, verify_proof
from django_ding.services.devices import forget_devices, is_remembered, remember_device
from django_ding.services.erasing import erase_data
from django_ding.services.exporting import export_data
from django_ding.services.identifying import identify
from django_ding.services.numbers import has_verified_number, make_primary, primary_number, remove, replace
from django_ding.services.purging import count_old, purge
from django_ding.services.receiving import receive
from django_ding.services.reporting import count_onboarded, report_onboarded
from django_ding.services.results import (
    CheckResult,
    EraseResult,
    PurgeResult,
    ReportResult,
    RetryResult,
    RollUpResult,
    SendResult,
    SettleResult,
)
from django_ding.services.retrying import retry
from django_ding.services.rolling import days_to_roll_up, roll_up
from django_ding.services.sending import send, send_or_resume
from django_ding.services.settling import count_stale, settle
from django_ding.services.syncing import sync
from django_ding.services.twins import async_twin

asend = async_twin(send)
asend_or_resume = async_twin(send_or_resume)
acheck = async_twin(check)
aretry = async_twin(retry)
a_sync = async_twin(sync)
areceive = async_twin(receive)
asettle = async_twin(settle)
acount_stale = async_twin(count_stale)
apurge = async_twin(purge)
acount_old = async_twin(count_old)
afeedback = async_twin(feedback)
areport_onboarded = async_twin(report_onboarded)
acount_onboarded = async_twin(count_onboarded)
alookup = async_twin(lookup)
averify_proof = async_twin(verify_proof)
aclaim = async_twin(claim)
amake_primary = async_twin(make_primary)
aremove = async_twin(remove)
ablocks = async_twin(blocks)
alift = async_twin(lift)
areplace = async_twin(replace)
aprimary_number = async_twin(primary_number)
ahas_verified_number = async_twin(has_verified_number)
aidentify = async_twin(identify)
aremember_device = async_twin(remember_device)
ais_remembered = async_twin(is_remembered)
aforget_devices = async_twin(forget_devices)
aroll_up = async_twin(roll_up)
adays_to_roll_up = async_twin(days_to_roll_up)
aexport_data = async_twin(export_data)
aerase_data = async_twin(erase_data)

__all__ = [
    "CheckResult",
    "CheckStatus",
    "EraseResult",
    "FeedbackStatus",
    "PurgeResult",
    "ReportResult",
    "RetryResult",
    "RetryStatus",
    "RollUpResult",
    "SendResult",
    "SettleResult",
    "Signals",
    "a_sync",
    "ablocks",
    "acheck",
    "aclaim",
    "acount_old",
    "acount_onboarded",
    "acount_stale",
    "adays_to_roll_up",
    "aerase_data",
    "aexport_data",
    "afeedback",
    "aforget_devices",
    "ahas_verified_number",
    "aidentify",
    "ais_remembered",
    "alift",
    "alookup",
    "amake_primary",
    "aprimary_number",
    "apurge",
    "areceive",
    "aremember_device",
    "aremove",
    "areplace",
    "areport_onboarded",
    "aretry",
    "aroll_up",
    "asend",
    "asend_or_resume",
    "asettle",
    "averify_proof",
    "blocks",
    "check",
    "claim",
    "count_old",
    "count_onboarded",
    "count_stale",
    "days_to_roll_up",
    "erase_data",
    "export_data",
    "feedback",
    "forget_devices",
    "has_verified_number",
    "identify",
    "is_remembered",
    "lift",
    "lookup",
    "make_primary",
    "make_proof",
    "primary_number",
    "purge",
    "receive",
    "remember_device",
    "remove",
    "replace",
    "report_onboarded",
    "retry",
    "roll_up",
    "send",
    "send_or_resume",
    "settle",
    "sync",
    "verify_proof",
]
