"""Every code of a failure or refusal, once: whose fault it is, what the user reads, and what support reads.

A code is the provider's error code or status (of Ding v1, which other backends map theirs to), the scope of a rate
limit, or this app's own. A code that isn't listed here is taken for a fault of the configuration: closed by default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_Text = str | Promise


class Fault(StrEnum):
    """Who can do something about a failure."""

    USER = "user"  # enters something else
    LIMIT = "limit"  # the user, by waiting
    STATE = "state"  # nobody: it follows from what happened before
    ACCOUNT = "account"  # the site's maintainers: configuration, or the account at the provider
    OUTAGE = "outage"  # the user, by trying again later


@dataclass(frozen=True, kw_only=True)
class Code:
    """What one code means.

    :ivar fault: who can do something about it.
    :ivar explanation: the cause, for support.
    :ivar advice: what support can do, or tell the user.
    :ivar user_message: for the user; empty where the user gets a general message.
    :ivar may_have_sent: whether a message may have been sent in spite of the failure.
    :ivar wait: the seconds of which the advice says that they should pass first.
    """

    fault: Fault
    explanation: _Text
    advice: _Text
    user_message: _Text = ""
    may_have_sent: bool = False
    wait: int = 0

    @property
    def needs_fix(self) -> bool:
        """Whether codes fail until somebody at the site or its provider fixes the cause."""
        return self.advice in (_ACCOUNT, _DEVELOPERS)

    @property
    def asks_for_new_code(self) -> bool:
        """Whether the advice is no more than to request another code."""
        return self.advice in (_NEW_CODE, _NEWEST_CODE)


UNAVAILABLE = _("Verification is temporarily unavailable. Try again in a few minutes.")
BLOCKED = _("We can't send codes to this number.")
LOCKED_OUT = _("Too many incorrect codes. Log in another way, or contact support.")
_EXPIRED = _("This code has expired. Request a new one.")
_USED = _("This code has already been used.")

_WAIT = _("Ask the user to try again in a few minutes.")
_WAIT_LONGER = _("Ask the user to wait an hour before requesting another code.")
_OTHER_NUMBER = _("Ask the user for a mobile number.")
_DEVELOPERS = _("The user can't fix this. Send this error code to your developers.")
_ACCOUNT = _("The user can't fix this. Tell the account owner: no codes are being sent at all.")
_APP = _("The user can't fix this. Tell the developers of the app that sends this field.")
_APP_SDK = _("If the user is genuine, tell the developers of the app: its SDK or its keys may be set up wrong.")
_NEW_CODE = _("Ask the user to request a new code and to enter it soon.")
_NEWEST_CODE = _("Ask the user to enter the code from the newest message, digit by digit.")
_MAY_HAVE_COME = _("A code may have been sent. Ask the user to check their messages, or to try again in a few minutes.")
_MANY_REQUESTS = _(
    "Many codes were requested, which may be fraud. Ask the user to try again in an hour. If it continues, tell your "
    "developers."
)
_NOTHING = _("Nothing needs to be done.")


def _user(message: _Text, explanation: _Text, advice: _Text) -> Code:
    return Code(fault=Fault.USER, user_message=message, explanation=explanation, advice=advice)


def _limit(explanation: _Text, advice: _Text, message: _Text = "") -> Code:
    wait = 3600 if advice is _WAIT_LONGER else 0
    return Code(fault=Fault.LIMIT, explanation=explanation, advice=advice, user_message=message, wait=wait)


def _state(message: _Text, explanation: _Text, advice: _Text) -> Code:
    return Code(fault=Fault.STATE, user_message=message, explanation=explanation, advice=advice)


def _account(explanation: _Text, advice: _Text = _ACCOUNT) -> Code:
    return Code(fault=Fault.ACCOUNT, explanation=explanation, advice=advice)


def _outage(explanation: _Text, advice: _Text = _MAY_HAVE_COME) -> Code:
    may_have_sent, wait = advice is _MAY_HAVE_COME, 300 if advice is _WAIT else 0
    return Code(fault=Fault.OUTAGE, explanation=explanation, advice=advice, may_have_sent=may_have_sent, wait=wait)


_INPUT = {
    "invalid_phone_number": _user(
        _("This isn't a valid phone number. Check it and try again."),
        _("the provider says that this number doesn't exist"),
        _("Check the number with the user, digit by digit."),
    ),
    "outdated_phone_number": _user(
        _("This phone number is no longer valid. Use another number, or contact support."),
        _("numbers in this country have changed, and this one is no longer valid"),
        _("Ask your developers to run ding_renumber, or the user to verify their new number."),
    ),
    "invalid_line": _user(
        _("We can't send codes to this type of number. Use a mobile number."),
        _("this type of number can't receive a code"),
        _OTHER_NUMBER,
    ),
    "unsupported_region": _user(
        _("We can't send codes to this country."), _("codes aren't sent to this country"), _OTHER_NUMBER
    ),
    "untrusted_number": _user(
        BLOCKED,
        _("this site's lookup policy rejected the number"),
        _(
            "The number may have moved to another network or SIM recently. Verify the user's identity in another way "
            "before you help them."
        ),
    ),
    "unsupported_channel": _user(
        _("Codes can't be sent this way. Choose another one."),
        _("the requested channel isn't available"),
        _("Ask the user to choose another channel."),
    ),
    "blocked_number": _user(
        BLOCKED,
        _("the number is on the provider account's block list"),
        _("If the user is genuine, remove the number from the block list in the provider's dashboard."),
    ),
    **dict.fromkeys(
        ("impossible_code", "invalid_code"),
        _user(_("This can't be a code. Enter the code from the message."), _("no code has this format"), _NEWEST_CODE),
    ),
    "invalid_app_realm": _user(
        _("app_realm must be an SMS Retriever hash of eleven characters."), _("the app hash is malformed"), _APP
    ),
    "app_realm_require_device_type": _user(
        _("app_realm needs device_type."), _("the app hash was sent without a device type"), _APP
    ),
    "unsupported_app_realm_device_type": _user(
        _("app_realm isn't supported for this device_type."), _("the app hash is for Android devices only"), _APP
    ),
    "invalid_app_version": _user(_("app_version isn't valid."), _("the provider rejected the app version"), _APP),
    "invalid_os_version": _user(_("os_version isn't valid."), _("the provider rejected the OS version"), _APP),
    "invalid_device_model": _user(_("device_model isn't valid."), _("the provider rejected the device model"), _APP),
    "invalid_device_id": _user(_("device_id isn't valid."), _("the provider rejected the device ID"), _APP),
    "no_associated_auth_found": _user(
        _("No code was sent to this number, so there is no feedback to give."),
        _("the provider has no verification of this number"),
        _NOTHING,
    ),
    "duplicated_feedback_status": _user(
        _("This feedback was already given for this number."), _("the provider already has this feedback"), _NOTHING
    ),
    "invalid_feedback_status": _user(
        _("The feedback must be onboarded or not_onboarded."), _("the provider rejected this feedback"), _DEVELOPERS
    ),
}
_LIMITS = {
    "phone": _limit(
        _("rate limit: per number"),
        _("Check what happened to the earlier codes. Ask the user to wait an hour before requesting another one."),
    ),
    "user": _limit(
        _("rate limit: per user"),
        _("Check what happened to the user's earlier codes. Ask the user to try again tomorrow."),
    ),
    "ip": _limit(
        _("rate limit: per IP address"),
        _(
            "Others may share the address, for example in an office. Ask the user to try again in an hour, or from "
            "another network."
        ),
    ),
    "prefix": _limit(_("rate limit: per prefix"), _MANY_REQUESTS),
    "country": _limit(_("rate limit: per country"), _MANY_REQUESTS),
    "all": _limit(_("rate limit: global"), _MANY_REQUESTS),
    "conversion": _limit(
        _("blocked: low conversion (possible SMS pumping)"),
        _("If the user is genuine, ask an admin to lift the block, then have the user try again."),
    ),
    "locked_out": _limit(
        _("locked out: too many incorrect codes in a row"),
        _("Verify the user's identity, then ask an admin to lift the lockout."),
        LOCKED_OUT,
    ),
    "rate_limited": _limit(
        _("too many codes were requested or entered"), _WAIT_LONGER, _("Too many requests. Try again later.")
    ),
    "too_many_requests": Code(
        fault=Fault.OUTAGE, explanation=_("the provider received too many requests from this site"), advice=_WAIT
    ),
    "denied": _limit(
        _("the provider declined to resend"),
        _WAIT_LONGER,
        _("No more codes can be sent right now. Enter the one you have, or try again later."),
    ),
}
_STATES = {
    "spam_detected": _state(
        BLOCKED,
        _("flagged as fraud by the provider"),
        _("If the user is genuine, open one of their successful verifications and choose “Report as genuine”."),
    ),
    "expired_signature": _state(
        BLOCKED, _("the signals of the app's SDK were more than an hour old"), _("Ask the user to restart the app.")
    ),
    "invalid_signature": _state(BLOCKED, _("the signals of the app's SDK couldn't be verified"), _APP_SDK),
    "expired_auth": _state(_EXPIRED, _("the code had expired"), _NEW_CODE),
    "expired": _state(_EXPIRED, _("the code expired"), _NEW_CODE),
    "already_validated": _state(_USED, _("the code had already been used"), _NOTHING),
    "without_attempt": _state(_("No code was sent, so there is none to enter."), _("no code had been sent"), _NEW_CODE),
    "no_attempt": _state(_("No code was sent, so it can't be resent."), _("no message had been sent"), _NEW_CODE),
    "invalid": _state(_("Incorrect code. Check the message and try again."), _("incorrect code"), _NEWEST_CODE),
    "number_taken": _state(
        _("This number is already linked to another account."),
        _("the number belongs to another account"),
        _("Ask the user to log in to the other account, or to use another number."),
    ),
    "no_test_number": _state("", _("it was a test number and no longer is"), _("Ask the user to request a new code.")),
    "transaction_missing": _state(
        "", _("the payment that the code confirms was not given"), _("Ask the user to start the payment again.")
    ),
    "transaction_mismatch": _state(
        "", _("the code confirms another payment and is no longer valid"), _("Ask the user to start the payment again.")
    ),
    "undeliverable": _state(
        "",
        _("the carrier couldn't deliver the message"),
        _("Check the number with the user, and that the phone is on and has reception. Then request another code."),
    ),
    "failed": _state("", _("the message couldn't be sent"), _NEW_CODE),
}
_ACCOUNTS = {
    "unauthorized": _account(_("the provider rejected the API key")),
    "account_invalid": _account(_("the provider doesn't know the customer UUID")),
    "account_error": _account(_("the provider rejected this site's account")),
    "negative_balance": _account(_("the provider account had insufficient balance")),
    "suspended_account": _account(_("the provider account was suspended")),
    "spending_limit_exceeded": _account(_("the provider account's spending limit was reached")),
    "bad_request": _account(_("the provider couldn't read the request"), _DEVELOPERS),
    "invalid_auth_uuid": _account(_("the provider doesn't know this verification"), _NEW_CODE),
    "invalid_template_id": _account(_("the provider account has no such message template"), _DEVELOPERS),
    "invalid_sender_id": _account(_("the Sender ID is malformed"), _DEVELOPERS),
    "unauthorized_sender_id": _account(_("the provider account may not use this Sender ID"), _DEVELOPERS),
    "custom_code_not_allowed": _account(_("the provider account may not choose codes itself"), _DEVELOPERS),
    "custom_size_conflict": _account(_("both a code and the size of a code were requested"), _DEVELOPERS),
    "invalid_code_size": _account(_("the requested size of a code isn't allowed"), _DEVELOPERS),
    "invalid_options": _account(_("the request has options that the backend can't use"), _DEVELOPERS),
    "invalid_locale": _account(_("the provider rejected the language of the message"), _DEVELOPERS),
    "invalid_callback_url": _account(_("the provider rejected this site's URL for webhooks"), _DEVELOPERS),
    "invalid_correlation_id": _account(_("the provider rejected the verification's ID"), _DEVELOPERS),
    "email_verification_not_allowed": _account(_("the provider account may not verify email addresses"), _DEVELOPERS),
    "gateway_rejected": _account(_("the SMS gateway rejected the message"), _DEVELOPERS),
    "unsupported_operation": _account(_("the provider doesn't support this operation"), _NOTHING),
}
_OUTAGES = {
    "internal_server_error": _outage(_("provider internal error")),
    "unavailable": _outage(_("the provider was unavailable"), _WAIT),
    "connection_failed": _outage(_("could not connect to the provider"), _WAIT),
    "tls_error": _outage(_("no secure connection to the provider"), _DEVELOPERS),
    "connection_lost": _outage(_("connection to the provider lost")),
    "timeout": _outage(_("the provider took too long to respond")),
    "answer_lost": _outage(_("this site stopped before the provider responded")),
    "answer_too_long": _outage(_("the provider's response was too long")),
    "not_json": _outage(_("the provider's response was unreadable")),
    "incomplete_answer": _outage(_("the provider's response had no ID")),
    "redirected": _outage(_("the provider's address redirects elsewhere"), _DEVELOPERS),
    "gateway_error": _outage(_("the SMS gateway failed")),
    "gateway_unavailable": _outage(_("the SMS gateway was unavailable"), _WAIT),
    "unexpected_answer": _outage(_("the provider's response was incomplete")),
    "too_busy": _outage(_("too many simultaneous requests for this number"), _WAIT),
    "unknown_user": _outage(_("the database of the verifications has no such user"), _DEVELOPERS),
    "counters_unavailable": _outage(_("requests couldn't be counted, so nothing was sent"), _DEVELOPERS),
    "unexpected_error": Code(
        fault=Fault.OUTAGE, explanation=_("internal error of this site"), advice=_DEVELOPERS, may_have_sent=True
    ),
    "http": _outage(_("the provider responded with an error")),
}

CODES: Mapping[str, Code] = MappingProxyType(_INPUT | _LIMITS | _STATES | _ACCOUNTS | _OUTAGES)

_UNKNOWN = _account(_("unknown reason"), _DEVELOPERS)
_HTTP = re.compile(r"http_[0-9]{3}", re.ASCII)


def get_code(code: str) -> Code | None:
    """Return what a code means, ``None`` for one that isn't listed. ``http_502`` and its kind are ``http``."""
    return CODES.get("http" if _HTTP.fullmatch(code) else code)


def describe_code(code: str) -> Code:
    """Return what a code means; for one that isn't listed, that the reason is unknown."""
    return get_code(code) or _UNKNOWN


def user_message(code: str) -> str:
    """Return the sentence that a user may read, the general one where a code has none of its own."""
    known = get_code(code)
    return str((known and known.user_message) or UNAVAILABLE)


def is_user_fault(code: str) -> bool:
    """Return whether the user can correct what the provider rejected, by its error code."""
    return code in _INPUT
