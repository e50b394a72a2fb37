"""Lists and pages stay quick, however many rows there are."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.admin.large_tables import BoundedChangeList, BoundedPaginator, distinct_values
from django_ding.models import Authentication, PhoneNumber
from tests.admin.helpers import LIST, NUMBERS

#: What SQLite says of statements that read a whole table, or sort.
SCANS = re.compile(r"SCAN django_ding_\w+$|TEMP B-TREE", re.MULTILINE)

REASONS = 'SELECT "django_ding_authentication"."error_code" AS'


@pytest.fixture
def many(make, user):
    """Make as many authentications, each a second older and of another user, who has a number."""

    def many(count, **fields):
        row = make()
        model = get_user_model()
        users = model.objects.bulk_create(model(username=f"u{row.pk}-{n}") for n in range(count))
        common = {"phone_number": "+447400123456", "country": "GB", "expires_at": row.expires_at} | fields
        Authentication.objects.bulk_create(
            Authentication(**common, user=owner, created_at=row.created_at - timedelta(seconds=n))
            for n, owner in enumerate(users, start=1)
        )
        PhoneNumber.objects.bulk_create(PhoneNumber(user=owner, phone_number=f"+44740{owner.pk:07}") for owner in users)

    return many


def statements(desk, url):
    with CaptureQueriesContext(connection) as captured:
        answer = desk.get(url)
    assert answer.status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("url", [LIST, f"{LIST}?purpose=link&country=GB", NUMBERS])
def test_list_makes_as_many_queries_with_5_and_500_rows(desk, many, url):
    many(5)
    statements(desk, url)
    before = len(statements(desk, url))
    many(495)
    assert len(statements(desk, url)) == before <= 12


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?created_at__gte=2026-01-01&created_at__lt=2027-01-01",
        "?created_at__gte=2026-06-01&created_at__lt=2026-06-02",
        "?status=failed",
        "?country=GB",
        "?country=GB&created_at__gte=2026-05-01&created_at__lt=2026-06-01",
    ],
)
def test_list_is_found_by_an_index(desk, many, query):
    if connection.vendor != "sqlite":
        pytest.skip("the words of SQLite's query plans")
    many(20)
    asked = [sql for sql in statements(desk, f"{LIST}{query}") if 'FROM "django_ding_authentication"' in sql]
    assert len(asked) >= 3
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
        assert not SCANS.search(plan), sql


@pytest.mark.parametrize("query", ["user={user}&status=failed", "country=GB&status=failed"])
def test_second_filter_uses_no_index(desk, many, user, query):
    if connection.vendor != "sqlite":
        pytest.skip("the words of SQLite's query plans")
    many(20, status="failed")
    url = f"{LIST}?{query.format(user=user.pk)}"
    # Not the reasons that the filter offers.
    asked = [sql for sql in statements(desk, url) if "'failed'" in sql and not sql.startswith(REASONS)]
    assert len(asked) == 2
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
        assert "django_ding_auth_status" not in plan


def test_nothing_counts_or_sorts_a_whole_table(desk, many):
    many(20)
    for sql in statements(desk, LIST) + statements(desk, f"{LIST}?channel=sms"):
        assert "DISTINCT" not in sql
        assert "COUNT(*)" not in sql or "LIMIT" in sql


@pytest.fixture
def small(monkeypatch):
    """Bounds that a few rows reach."""
    monkeypatch.setattr(BoundedPaginator, "max_rows", 10)
    monkeypatch.setattr(BoundedChangeList, "max_scanned", 6)
    monkeypatch.setattr(BoundedChangeList, "max_scanned_filtered", 4)


def test_pages_end_somewhere(small, desk, many, monkeypatch):
    monkeypatch.setattr("django_ding.admin.authentications.AuthenticationAdmin.list_per_page", 4)
    many(30)
    page = desk.get(LIST)
    assert page.context["cl"].paginator.num_pages == 3
    if connection.vendor == "sqlite":
        assert "more than 10 verifications" in page.text
    assert desk.get(f"{LIST}?p=3").status_code == 200
    assert desk.get(f"{LIST}?p=4").url == f"{LIST}?e=1"
    assert "more than 10 verifications" in desk.get(f"{LIST}?country=GB").text


def test_few_are_counted(desk, many):
    many(3)
    assert "4 verifications" in desk.get(LIST).text


def test_what_no_index_finds_is_looked_for_among_the_newest(small, desk, many):
    many(20, channel="sms")
    page = desk.get(f"{LIST}?channel=sms")
    assert page.context["cl"].result_count == 6
    assert "back to June 1, 2026, 11:58 a.m." in page.text
    assert desk.get(f"{LIST}?channel=sms&country=GB").context["cl"].result_count == 5
    assert desk.get(f"{LIST}?country=GB").context["cl"].result_count == 10
    assert "Showing results back to" not in desk.get(f"{LIST}?country=GB").text


def test_a_date_reaches_what_is_older(small, desk, many, make):
    many(20)
    old = make(channel="viber", created_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert desk.get(f"{LIST}?channel=viber").context["cl"].result_count == 0
    [found] = (
        desk.get(f"{LIST}?channel=viber&created_at__gte=2026-05-01&created_at__lt=2026-05-02").context["cl"].result_list
    )
    assert found == old


@pytest.mark.django_db(transaction=True)  # MariaDB commits before it analyzes.
def test_whole_table_is_estimated(small, transactional_db, many):
    many(30)
    rows = Authentication.objects.order_by("pk")
    table = Authentication._meta.db_table
    if connection.vendor == "sqlite":
        assert BoundedPaginator(rows, 5).estimated_table_size is None
        return
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}" if connection.vendor == "postgresql" else f"ANALYZE TABLE {table}")
    assert 25 <= BoundedPaginator(rows, 5).estimated_table_size <= 40
    assert BoundedPaginator(rows, 5).total.startswith("about ")
    assert BoundedPaginator(rows.filter(country="GB"), 5).total == "more than 10"


@pytest.mark.parametrize(
    ("count", "total"), [(10_004_321, "about 10,000,000"), (123_456, "about 123,000"), (12, "about 12")]
)
def test_estimate_is_rounded(small, monkeypatch, many, count, total):
    many(30)
    monkeypatch.setattr(BoundedPaginator, "estimated_table_size", count)
    assert BoundedPaginator(Authentication.objects.order_by("pk"), 5).total == total


def test_distinct_values(make):
    assert distinct_values(Authentication, "country") == []
    for country in ("US", "FR", "GB", "FR", ""):
        make(country=country)
    assert distinct_values(Authentication, "country") == ["", "FR", "GB", "US"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "mysql", reason="others would read the whole index")
def test_distinct_values_take_no_recursion_on_mariadb():
    with CaptureQueriesContext(connection) as captured:
        distinct_values(Authentication, "country")
    assert [query["sql"].partition(" `")[0] for query in captured] == ["SELECT DISTINCT"]
