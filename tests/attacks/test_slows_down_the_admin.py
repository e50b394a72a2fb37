"""A stranger has support search for a text, or follow a link, that keeps the database busy."""

from time import process_time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ding.admin.search import MAX_QUERY_LENGTH
from django_ding.models import Authentication, PhoneNumber, Refusal
from tests.admin.helpers import DEVICES, LIST, LOOKING, NUMBERS, REFUSALS, finds_nothing, permit

TABLES = [model._meta.db_table for model in (Authentication, PhoneNumber, Refusal)]
EVERY_LIST = pytest.mark.parametrize("url", [LIST, NUMBERS, REFUSALS, DEVICES])


@pytest.fixture
def desk(user):
    user.is_staff = True
    user.save()
    permit(user, *LOOKING)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def lookups(call):
    """Return the statements of a call that look for something in this app's tables or among the users."""
    with CaptureQueriesContext(connection) as captured:
        call()
    tables = (*TABLES, "auth_user")
    return [query["sql"] for query in captured if "WHERE" in query["sql"] and any(t in query["sql"] for t in tables)]


@EVERY_LIST
@pytest.mark.parametrize("typed", ["\ufdfa" * 300_000, "1 " * 500_000, "a@b " * 250_000, "1" * (MAX_QUERY_LENGTH + 1)])
def test_long_text_is_not_looked_at(desk, url, typed):
    start = process_time()
    finds_nothing(desk, typed, url)
    assert process_time() - start < 1


@EVERY_LIST
@pytest.mark.parametrize("typed", ["x@" + "y" * (MAX_QUERY_LENGTH - 2), "0" * MAX_QUERY_LENGTH, "%", "a" * 64])
def test_text_takes_few_lookups_of_whole_values(desk, url, typed):
    found = lookups(lambda: finds_nothing(desk, typed, url))
    assert len(found) <= 8  # The agent and their permissions among them.
    assert not [sql for sql in found if "LIKE" in sql.upper()]


def test_link_with_many_keys_takes_few(desk):
    keys = ",".join(map(str, range(1000)))
    found = lookups(lambda: desk.get(f"{LIST}?user={keys}"))
    assert max(sql.count(" OR ") for sql in found) < 10
