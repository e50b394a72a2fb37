"""The codes, in one table for each kind of fault."""

from django.utils.translation import gettext_lazy as _

from django_ding.codes.base import (
    APP,
    APP_SDK,
    DEVELOPERS,
    MANY_REQUESTS,
    NEW_CODE,
    NEWEST_CODE,
    NOTHING,
    OTHER_COUNTRY,
    OTHER_NUMBER,
    WAIT,
    WAIT_LONGER,
    Code,
    Fault,
    account,
    limit,
    outage,
    state,
    user,
)

UNAVAILABLE = _("Verification is temporarily unavailable. Try again in a few minutes.")
BLOCKED = _("We can't send codes to this number.")
LOCKED_OUT = _("Too many incorrect codes. Log in another way, or contact support.")
_EXPIRED = _("This code has expired. Request a new one.")
_USED = _("This code has already been used.")

INPUT = {
    "invalid_phone_number": user(
        _("This isn't a valid phone number. Check it and try again."),
        _("the provider says that this number doesn't exist"),
        _("Check the number with the user, digit by digit."),
    ),
    "outdated_phone_number": user(
        _("This phone number is no longer valid. Use another number, or contact support."),
        _("numbers in this country have changed, and this one is no longer valid"),
        _("Ask your developers to run ding_renumber, or the user to verify their new number."),
    ),
    "invalid_line": user(
        _("We can't send codes to this type of number. Use a mobile number."),
        _("this type of number can't receive a code"),
        OTHER_NUMBER,
    ),
    "unsupported_region": user(
        _("We can't send codes to this country."), _("codes aren't sent to this country"), OTHER_COUNTRY
    ),
    "untrusted_number": user(
        BLOCKED,
        _("this site's lookup policy rejected the number"),
        _(
            "The number may have moved to another network or SIM recently. Verify the user's identity in another way "
            "before you help them."
        ),
    ),
    "unsupported_channel": user(
        _("Codes can't be sent this way. Choose another one."),
        _("the requested channel isn't available"),
        _("Ask the user to choose another channel."),
    ),
    "blocked_number": user(
        BLOCKED,
        _("the number is on the provider account's block list"),
        _("If the user is genuine, remove the number from the block list in the provider's dashboard."),
    ),
    **dict.fromkeys(
        ("impossible_code", "invalid_code"),
        user(_("This can't be a code. Enter the code that you received."), _("no code has this format"), NEWEST_CODE),
    ),
    "invalid_app_realm": user(
        _("app_realm must be an SMS Retriever hash of eleven characters."), _("the app hash is malformed"), APP
    ),
    "app_realm_require_device_type": user(
        _("app_realm needs device_type."), _("the app hash was sent without a device type"), APP
    ),
    "unsupported_app_realm_device_type": user(
        _("app_realm isn't supported for this device_type."), _("the app hash is for Android devices only"), APP
    ),
    "invalid_app_version": user(_("app_version isn't valid."), _("the provider rejected the app version"), APP),
    "invalid_os_version": user(_("os_version isn't valid."), _("the provider rejected the OS version"), APP),
    "invalid_device_model": user(_("device_model isn't valid."), _("the provider rejected the device model"), APP),
    "invalid_device_id": user(_("device_id isn't valid."), _("the provider rejected the device ID"), APP),
    "no_associated_auth_found": user(
        _("No code was sent to this number, so there is no feedback to give."),
        _("the provider has no verification of this number"),
        NOTHING,
    ),
    "duplicated_feedback_status": user(
        _("This feedback was already given for this number."), _("the provider already has this feedback"), NOTHING
    ),
    "invalid_feedback_status": user(
        _("The feedback must be onboarded or not_onboarded."), _("the provider rejected this feedback"), DEVELOPERS
    ),
}
LIMITS = {
    "phone": limit(
        _("rate limit: per number"),
        _("Check what happened to the earlier codes. Ask the user to wait an hour before requesting another one."),
    ),
    "user": limit(
        _("rate limit: per user"),
        _("Check what happened to the user's earlier codes. Ask the user to try again tomorrow."),
    ),
    "ip": limit(
        _("rate limit: per IP address"),
        _(
            "Others may share the address, for example in an office. Ask the user to try again in an hour, or from "
            "another network."
        ),
    ),
    "prefix": limit(_("rate limit: per prefix"), MANY_REQUESTS),
    "country": limit(_("rate limit: per country"), MANY_REQUESTS),
    "all": limit(_("rate limit: global"), MANY_REQUESTS),
    "conversion": limit(
        _("blocked: low conversion (possible SMS pumping)"),
        _("If the user is genuine, have the block lifted, then have the user try again."),
    ),
    "locked_out": limit(
        _("locked out: too many incorrect codes in a row"),
        _("Verify the user's identity, then have the lockout lifted."),
        LOCKED_OUT,
    ),
    "rate_limited": limit(
        _("too many codes were requested or entered"), WAIT_LONGER, _("Too many requests. Try again later.")
    ),
    "too_many_requests": Code(
        fault=Fault.OUTAGE, explanation=_("the provider received too many requests from this site"), advice=WAIT
    ),
    "denied": limit(
        _("the provider declined to resend"),
        WAIT_LONGER,
        _("No more codes can be sent right now. Enter the one you have, or try again later."),
    ),
}
STATES = {
    "spam_detected": state(
        BLOCKED,
        _("flagged as fraud by the provider"),
        _("If the user is genuine, open one of their successful verifications and choose “Report as genuine”."),
    ),
    "expired_signature": state(
        BLOCKED, _("the signals of the app's SDK were more than an hour old"), _("Ask the user to restart the app.")
    ),
    "invalid_signature": state(BLOCKED, _("the signals of the app's SDK couldn't be verified"), APP_SDK),
    "expired_auth": state(_EXPIRED, _("the code had expired"), NEW_CODE),
    "expired": state(_EXPIRED, _("the code expired"), NEW_CODE),
    "already_validated": state(_USED, _("the code had already been used"), NOTHING),
    "without_attempt": state(_("No code was sent, so there is none to enter."), _("no code had been sent"), NEW_CODE),
    "no_attempt": state(_("No code was sent, so it can't be resent."), _("no message had been sent"), NEW_CODE),
    "invalid": state(_("Incorrect code. Check the message and try again."), _("incorrect code"), NEWEST_CODE),
    "number_taken": state(
        _("This number is already linked to another account."),
        _("the number belongs to another account"),
        _("Ask the user to log in to the other account, or to use another number."),
    ),
    "no_test_number": state("", _("it was a test number and no longer is"), _("Ask the user to request a new code.")),
    "transaction_missing": state(
        "", _("the payment that the code confirms was not given"), _("Ask the user to start the payment again.")
    ),
    "transaction_mismatch": state(
        "", _("the code confirms another payment and is no longer valid"), _("Ask the user to start the payment again.")
    ),
    "undeliverable": state(
        "",
        _("the carrier couldn't deliver the message"),
        _("Check the number with the user, and that the phone is on and has reception. Then request another code."),
    ),
    "failed": state("", _("the message couldn't be sent"), NEW_CODE),
}
ACCOUNTS = {
    "unauthorized": account(_("the provider rejected the API key")),
    "account_invalid": account(_("the provider doesn't know the customer UUID")),
    "account_error": account(_("the provider rejected this site's account")),
    "negative_balance": account(_("the provider account had insufficient balance")),
    "suspended_account": account(_("the provider account was suspended")),
    "spending_limit_exceeded": account(_("the provider account's spending limit was reached")),
    "bad_request": account(_("the provider couldn't read the request"), DEVELOPERS),
    "invalid_auth_uuid": account(_("the provider doesn't know this verification"), NEW_CODE),
    "invalid_template_id": account(_("the provider account has no such message template"), DEVELOPERS),
    "invalid_sender_id": account(_("the Sender ID is malformed"), DEVELOPERS),
    "unauthorized_sender_id": account(_("the provider account may not use this Sender ID"), DEVELOPERS),
    "custom_code_not_allowed": account(_("the provider account may not choose codes itself"), DEVELOPERS),
    "custom_size_conflict": account(_("both a code and the size of a code were requested"), DEVELOPERS),
    "invalid_code_size": account(_("the requested size of a code isn't allowed"), DEVELOPERS),
    "invalid_options": account(_("the request has options that the backend can't use"), DEVELOPERS),
    "invalid_locale": account(_("the provider rejected the language of the message"), DEVELOPERS),
    "invalid_callback_url": account(_("the provider rejected this site's URL for webhooks"), DEVELOPERS),
    "invalid_correlation_id": account(_("the provider rejected the verification's ID"), DEVELOPERS),
    "email_verification_not_allowed": account(_("the provider account may not verify email addresses"), DEVELOPERS),
    "gateway_rejected": account(_("the SMS gateway rejected the message"), DEVELOPERS),
    "unsupported_operation": account(_("the provider doesn't support this operation"), NOTHING),
}
OUTAGES = {
    "internal_server_error": outage(_("provider internal error")),
    "unavailable": outage(_("the provider was unavailable"), WAIT),
    "connection_failed": outage(_("could not connect to the provider"), WAIT),
    "tls_error": outage(_("no secure connection to the provider"), DEVELOPERS),
    "connection_lost": outage(_("connection to the provider lost")),
    "timeout": outage(_("the provider took too long to respond")),
    "answer_lost": outage(_("this site stopped before the provider responded")),
    "answer_too_long": outage(_("the provider's response was too long")),
    "not_json": outage(_("the provider's response was unreadable")),
    "incomplete_answer": outage(_("the provider's response had no ID")),
    "redirected": outage(_("the provider's address redirects elsewhere"), DEVELOPERS),
    "gateway_error": outage(_("the SMS gateway failed")),
    "gateway_unavailable": outage(_("the SMS gateway was unavailable"), WAIT),
    "unexpected_answer": outage(_("the provider's response was incomplete")),
    "too_busy": outage(_("too many simultaneous requests for this number"), WAIT),
    "unknown_user": outage(_("the database of the verifications has no such user"), DEVELOPERS),
    "counters_unavailable": outage(_("requests couldn't be counted, so nothing was sent"), DEVELOPERS),
    "unexpected_error": Code(
        fault=Fault.OUTAGE, explanation=_("internal error of this site"), advice=DEVELOPERS, may_have_sent=True
    ),
    "http": outage(_("the provider responded with an error")),
}
