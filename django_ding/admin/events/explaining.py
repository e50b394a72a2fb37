"""Why no code came, or why one was refused: the reason in words, and what to tell the user."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ding.models import Refusal

_Text = str | Promise


@dataclass(frozen=True)
class Explanation:
    """A reason in words, and what support can tell the user or do."""

    reason: _Text
    advice: _Text


_WAIT = _("Tell the user to try again in a while.")
_WAIT_LONGER = _("Tell the user to wait an hour before asking for another code.")
_OTHER_NUMBER = _("Ask for another number, one of a mobile phone.")
_MAINTAINERS = _("The user can do nothing. Tell those who maintain the site, with the code of this error.")
_ACCOUNT = _("The user can do nothing. Tell those who look after the account at the provider: no code is sent at all.")
_APP = _("The user can do nothing. Tell those who make the app that sends this field.")
_NEW_CODE = _("Tell the user to ask for a new code and enter it soon.")
_NEWEST_CODE = _("Tell the user to enter the code of the newest message, digit by digit.")
_CHECK_FIRST = _("A code may have come all the same. Ask the user to look for it, or to try again in a while.")
_MANY = _(
    "Many codes were asked for, perhaps by fraud. Tell the user to try again in an hour. Tell those who maintain the "
    "site if it goes on."
)
_NONE = _("There is nothing to do.")

_NUMBER = {
    "invalid_phone_number": Explanation(
        _("the provider says that no such number exists"), _("Check the number with the user, digit by digit.")
    ),
    "invalid_line": Explanation(_("this kind of line can't receive a code"), _OTHER_NUMBER),
    "unsupported_region": Explanation(_("codes can't be sent to this country"), _OTHER_NUMBER),
    "blocked_number": Explanation(
        _("the number is on the block list of the account at the provider"),
        _("If the user is genuine, have the number taken off the list in the provider's dashboard."),
    ),
    "no_test_number": Explanation(
        _("it was a test number, and is not one any more"), _("Ask for a new code: it will be a real one.")
    ),
}
_SIGNALS = {
    "invalid_app_realm": Explanation(_("the app's hash for reading codes is malformed"), _APP),
    "app_realm_require_device_type": Explanation(_("the app's hash was sent without the kind of device"), _APP),
    "unsupported_app_realm_device_type": Explanation(_("the app's hash is for Android devices only"), _APP),
    "invalid_app_version": Explanation(_("the provider can't use the version of the app"), _APP),
    "invalid_os_version": Explanation(_("the provider can't use the version of the operating system"), _APP),
    "invalid_device_model": Explanation(_("the provider can't use the model of the device"), _APP),
    "invalid_device_id": Explanation(_("the provider can't use the id of the device"), _APP),
}
_ACCOUNTS = {
    "unauthorized": Explanation(_("the provider does not accept the API key"), _ACCOUNT),
    "account_invalid": Explanation(_("the provider does not know the customer UUID"), _ACCOUNT),
    "account_error": Explanation(_("the provider refused the site's account"), _ACCOUNT),
    "negative_balance": Explanation(_("the account at the provider is out of money"), _ACCOUNT),
    "suspended_account": Explanation(_("the account at the provider is suspended"), _ACCOUNT),
    "spending_limit_exceeded": Explanation(_("the account's spending limit is reached"), _ACCOUNT),
    "bad_request": Explanation(_("the provider could not read the request"), _MAINTAINERS),
    "invalid_auth_uuid": Explanation(_("the provider does not know this authentication"), _NEW_CODE),
    "invalid_template_id": Explanation(_("the account has no such message template"), _MAINTAINERS),
    "invalid_sender_id": Explanation(_("the Sender ID is malformed"), _MAINTAINERS),
    "unauthorized_sender_id": Explanation(_("the account may not use this Sender ID"), _MAINTAINERS),
    "unsupported_operation": Explanation(_("the provider offers no such thing"), _NONE),
}
_Reason = Refusal.Reason
_GUARD: dict[str, Explanation] = {
    _Reason.PHONE: Explanation(
        _Reason.PHONE.label,
        _("Look at what became of the earlier codes. Tell the user to wait an hour before asking for another one."),
    ),
    _Reason.USER: Explanation(
        _Reason.USER.label,
        _("Look at what became of the user's earlier codes. Tell the user to try again tomorrow."),
    ),
    _Reason.IP: Explanation(
        _Reason.IP.label,
        _(
            "Others may share the address, as in an office. Tell the user to try again in an hour, or by another "
            "network."
        ),
    ),
    _Reason.PREFIX: Explanation(_Reason.PREFIX.label, _MANY),
    _Reason.COUNTRY: Explanation(_Reason.COUNTRY.label, _MANY),
    _Reason.ALL: Explanation(_Reason.ALL.label, _MANY),
    _Reason.CONVERSION: Explanation(
        _("codes there are blocked, since too few were entered"),
        _("If the user is genuine, have the block lifted by somebody who may, and tell the user to ask once more."),
    ),
}
_FEEDBACK = {
    "no_associated_auth_found": Explanation(_("the provider knows of no code to this number"), _NONE),
    "duplicated_feedback_status": Explanation(_("the provider was told so before"), _NONE),
    "invalid_feedback_status": Explanation(_("the provider does not accept this feedback"), _MAINTAINERS),
}
_OUTAGES = {
    "internal_server_error": Explanation(_("the provider had a fault of its own"), _CHECK_FIRST),
    "unavailable": Explanation(_("the provider could not be reached"), _WAIT),
    "connection_failed": Explanation(_("no connection to the provider came about"), _WAIT),
    "tls_error": Explanation(_("no secure connection to the provider came about"), _MAINTAINERS),
    "connection_lost": Explanation(_("the connection to the provider broke off"), _CHECK_FIRST),
    "timeout": Explanation(_("the provider took too long to answer"), _CHECK_FIRST),
    "answer_lost": Explanation(_("the site stopped before the provider's answer was there"), _CHECK_FIRST),
    "answer_too_long": Explanation(_("the provider's answer was too long to be one"), _CHECK_FIRST),
    "not_json": Explanation(_("the provider's answer could not be read"), _CHECK_FIRST),
    "incomplete_answer": Explanation(_("the provider's answer lacked its id"), _CHECK_FIRST),
    "redirected": Explanation(_("the provider's address leads elsewhere"), _MAINTAINERS),
    "too_many_requests": Explanation(_("the provider was asked too often by the whole site"), _WAIT),
    "too_busy": Explanation(_("too many asked for a code to this number at once"), _WAIT),
    "counters_unavailable": Explanation(_("the site could not count, so it sent nothing"), _MAINTAINERS),
    "unexpected_error": Explanation(_("something went wrong inside the site"), _MAINTAINERS),
    "http": Explanation(_("the provider answered with an error"), _CHECK_FIRST),
}
_STATUSES = {
    "rate_limited": Explanation(_("too many codes were asked for or entered"), _WAIT_LONGER),
    "spam_detected": Explanation(
        _("the provider's antifraud took the request for spam"),
        _(
            "If the user is genuine, open another authentication of theirs and press “Tell the provider: a genuine "
            "user”."
        ),
    ),
    "denied": Explanation(_("the provider did not want to send once more"), _WAIT_LONGER),
    "no_attempt": Explanation(_("no message had been sent that could be repeated"), _NEW_CODE),
    "expired_auth": Explanation(_("the time to enter the code was over"), _NEW_CODE),
    "already_validated": Explanation(_("the code had been used already"), _NONE),
    "without_attempt": Explanation(_("no code had been sent"), _NEW_CODE),
    "invalid": Explanation(_("it was not the code"), _NEWEST_CODE),
    "impossible_code": Explanation(_("no code looks like that"), _NEWEST_CODE),
    "undeliverable": Explanation(
        _("the carrier could not deliver the message"),
        _("Check the number with the user, and whether the phone is on and has reception. Then ask for another code."),
    ),
    "failed": Explanation(_("the message could not be sent"), _NEW_CODE),
    "expired": Explanation(_("the time to enter the code was over"), _NEW_CODE),
}

#: Every code that this app knows, the provider's and its own.
EXPLANATIONS: Mapping[str, Explanation] = MappingProxyType(
    _NUMBER | _SIGNALS | _ACCOUNTS | _GUARD | _FEEDBACK | _OUTAGES | _STATUSES
)

_UNKNOWN = Explanation(_("the reason has no words yet"), _MAINTAINERS)
_HTTP = re.compile(r"http_[0-9]{3}", re.ASCII)

#: Where a message may have gone out, though nobody told.
MAY_HAVE_SENT = frozenset(code for code, explanation in _OUTAGES.items() if explanation.advice is _CHECK_FIRST)


def explained(code: str) -> Explanation | None:
    """Return the words for a status or an error code, ``None`` where there are none."""
    return EXPLANATIONS.get("http" if _HTTP.fullmatch(code) else code)


def explain(code: str) -> Explanation:
    """Return the words for a status or an error code. One that is not known is for the site's maintainers."""
    return explained(code) or _UNKNOWN


def may_have_sent(code: str) -> bool:
    """Tell whether a message may have gone out in spite of this error."""
    return code in MAY_HAVE_SENT or _HTTP.fullmatch(code) is not None or code == "unexpected_error"
