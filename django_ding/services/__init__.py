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
from django_ding.services.identifying import identify
from django_ding.services.numbers import has_verified_number, make_primary, primary_number, remove, replace
from django_ding.services.receiving import receive
from django_ding.services.results import CheckResult, RetryResult, SendResult, SettleResult
from django_ding.services.retrying import retry
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
afeedback = async_twin(feedback)
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

__all__ = [
    "CheckResult",
    "CheckStatus",
    "FeedbackStatus",
    "RetryResult",
    "RetryStatus",
    "SendResult",
    "SettleResult",
    "Signals",
    "a_sync",
    "ablocks",
    "acheck",
    "aclaim",
    "acount_stale",
    "afeedback",
    "aforget_devices",
    "ahas_verified_number",
    "aidentify",
    "ais_remembered",
    "alift",
    "alookup",
    "amake_primary",
    "aprimary_number",
    "areceive",
    "aremember_device",
    "aremove",
    "areplace",
    "aretry",
    "asend",
    "asend_or_resume",
    "asettle",
    "averify_proof",
    "blocks",
    "check",
    "claim",
    "count_stale",
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
    "receive",
    "remember_device",
    "remove",
    "replace",
    "retry",
    "send",
    "send_or_resume",
    "settle",
    "sync",
    "verify_proof",
]
