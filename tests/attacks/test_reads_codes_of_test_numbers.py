"""A stranger who can read an error report wants the codes of ``TEST_NUMBERS``, which log them in, and the keys."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.views.debug import ExceptionReporter

from django_ding.backends import get_backend
from django_ding.conf import ding_settings

SECRETS = ("246813", "distinctive-7f3a91", "confidential-4c2")
DING = {
    "TEST_NUMBERS": {"+12025550100": SECRETS[0]},
    "BACKENDS": {
        "default": {
            "BACKEND": "django_ding.backends.sms.SMSBackend",
            "OPTIONS": {
                "gateway": "django_ding.backends.sms.HTTPGateway",
                "gateway_options": {"url": "https://sms.example/", "form": {"login": SECRETS[2], "to": "{digits}"}},
            },
        },
        "other": {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": SECRETS[1]}},
    },
}


def leaked(report):
    return [secret for secret in SECRETS if secret in report]


def in_frames(report):
    """Return what a report says of the error, and of the frames below the test's own."""
    return f"{report.exc_value} {report.get_traceback_frames()[1:]}"


@pytest.mark.parametrize("debug", [True, False])
def test_settings_of_a_report(debug, rf):
    with override_settings(DING=DING, DEBUG=debug):
        report = ExceptionReporter(rf.get("/"), ValueError, ValueError("wrong"), None).get_traceback_html()
    assert "TEST_NUMBERS" in report
    assert leaked(report) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"MAX_CHECKS": "5"},
        {"MAX_CHEKS": 5},
        {"RATE_LIMITS": ["1/h/phone"]},
        {"TEST_NUMBERS": {"+12025550100": int(SECRETS[0])}},
        {"TEST_NUMBERS": [SECRETS[0]]},
        {"TEST_NUMBERS": {"+1202": SECRETS[0]}},
        {"BACKENDS": [SECRETS[1]]},
        {"BACKENDS": {"default": {"BACKEND": "a.B", "OPTION": {"api_key": SECRETS[1]}}}},
        {"BACKENDS": {"default": {"api_key": SECRETS[1]}}},
        {"SANDBOX": [SECRETS[1]]},
        str(DING),
    ],
    ids=range(11),
)
def test_report_of_a_wrong_setting(wrong):
    with override_settings(DING=wrong if isinstance(wrong, str) else DING | wrong):
        reports = []
        for name in ("MAX_CHECKS", "RATE_LIMITS", "TEST_NUMBERS", "BACKENDS", "SANDBOX", "RETENTION_DAYS"):
            try:
                getattr(ding_settings, name)
            except ImproperlyConfigured:
                reports.append(in_frames(ExceptionReporter(None, *sys.exc_info())))
    assert reports
    assert leaked(" ".join(reports)) == []


@pytest.mark.parametrize("alias", ["default", "other"])
def test_report_of_a_wrong_option(alias):
    options = DING["BACKENDS"][alias]["OPTIONS"] | {"secret": SECRETS[0]}
    backend = {**DING["BACKENDS"][alias], "OPTIONS": options}
    with override_settings(DING={"BACKENDS": {alias: backend}}):
        try:
            get_backend(alias)
        except ImproperlyConfigured:
            report = ExceptionReporter(None, *sys.exc_info())
    assert leaked(in_frames(report)) == []
