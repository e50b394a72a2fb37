"""An error report of the admin, such as one sent to ``ADMINS``, holds no full phone number."""

import sys

import pytest
from django.core.signals import got_request_exception
from django.db import OperationalError, connection
from django.views.debug import ExceptionReporter

from django_ding.models import PhoneNumber
from tests.admin.helpers import LIST, NUMBERS, REFUSALS, permit


@pytest.fixture
def rows(make, refuse, user, phone):
    """A row of each kind with the number, by the address of its list."""
    return {
        LIST: make().pk,
        REFUSALS: refuse().pk,
        NUMBERS: PhoneNumber.objects.create(user=user, phone_number=phone).pk,
    }


@pytest.fixture
def report(desk, phone):
    """Return the report of a request during which each query about the number fails."""
    desk.raise_request_exception = False
    reports = []

    def fail(execute, sql, params, *rest):
        if phone in map(str, params or ()):
            raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, params, *rest)

    def note(request, **kwargs):
        reports.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    def report(ask):
        got_request_exception.connect(note)
        try:
            with connection.execute_wrapper(fail):
                assert ask().status_code == 500
        finally:
            got_request_exception.disconnect(note)
        assert "statement timeout" in reports[0]
        return reports[0]

    return report


@pytest.mark.parametrize("url", [LIST, REFUSALS, NUMBERS])
def test_search(desk, rows, report, phone, url):
    assert phone not in report(lambda: desk.post(f"{url}search/", {"q": phone}))


@pytest.mark.parametrize("url", [LIST, REFUSALS])
def test_list_of_a_number(desk, agent, rows, report, phone, url):
    permit(agent, "view_full_phone")
    assert phone not in report(lambda: desk.get(url, {"same_number_as": rows[url]}))


def test_refusals_of_a_list(desk, agent, rows, report, phone):
    assert phone not in report(lambda: desk.get(LIST, {"same_number_as_refusal": rows[REFUSALS]}))


def test_detail_page(desk, rows, report, phone):
    assert phone not in report(lambda: desk.get(f"{LIST}{rows[LIST]}/change/"))


def test_file(desk, rows, report, phone):
    assert phone not in report(lambda: desk.get(f"{LIST}export/", {"same_number_as": rows[LIST], "status": "pending"}))
