"""Error reports, such as the ones sent to ``ADMINS``, contain no code and no full number."""

import sys

import pytest
from django.core.signals import got_request_exception
from django.db import DataError, connection
from django.views.debug import ExceptionReporter

from tests.api.helpers import URL

CODE = "135790"


@pytest.fixture
def report(member):
    """Return the report of a post during which the database refuses a value."""
    reports = []

    def fail(*args):
        raise DataError("value out of range")

    def note(request, **kwargs):
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    def report(path, posted):
        got_request_exception.connect(note)
        try:
            with connection.execute_wrapper(fail):
                assert member.post(path, posted, format="multipart").status_code == 500
        finally:
            got_request_exception.disconnect(note)
        assert "value out of range" in reports[0]
        return reports[0]

    member.raise_request_exception = False
    return report


def test_send(report, phone):
    assert phone not in report(URL, {"phone_number": phone})


def test_check(start, report):
    assert CODE not in report(f"{URL}{start()['id']}/check/", {"code": CODE})
