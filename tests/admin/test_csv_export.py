"""The list as a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ding.admin.authentications import AuthenticationAdmin
from django_ding.models import Authentication
from tests.admin.helpers import LIST, permit


def read(answer):
    assert answer.streaming
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_file(desk, make, user):
    row = make(user=user, status="failed", error_code="timeout", price_amount="0.030000", price_currency="EUR")
    answer = desk.get(f"{LIST}export/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="authentications.csv"'
    assert read(answer) == [
        {
            "public_id": str(row.public_id),
            "authentication_uuid": "",
            "phone_number": "'+33*******78",
            "country": "FR",
            "user": "alice",
            "purpose": "link",
            "status": "failed",
            "error_code": "timeout",
            "retries": "0",
            "checks": "0",
            "channel": "",
            "delivery_status": "",
            "carrier": "",
            "price_amount": "0.03",
            "price_currency": "EUR",
            "backend": "default",
            "created_at": "2026-06-01T11:59:00Z",
            "expires_at": "2026-06-01T12:09:00Z",
            "validated_at": "",
        }
    ]


def test_full_numbers_with_the_permission(desk, agent, make):
    make()
    permit(agent, "view_full_phone")
    assert [row["phone_number"] for row in read(desk.get(f"{LIST}export/"))] == ["'+33612345678"]


def test_file_has_what_the_list_shows(desk, make):
    make()
    wanted = make(country="GB", status="failed")
    page = desk.get(f"{LIST}?country=GB&status=failed").text
    assert f'href="{LIST}export/?country=GB&amp;status=failed"' in page
    rows = read(desk.get(f"{LIST}export/?country=GB&status=failed"))
    assert [row["public_id"] for row in rows] == [str(wanted.public_id)]


def test_file_of_senseless_filters(desk, db):
    assert desk.get(f"{LIST}export/?created_at__gte=x").url == f"{LIST}?e=1"
    assert desk.get(f"{LIST}export/?phone_number__startswith=%2B33").status_code == 400


def test_formulas_are_text(desk, make):
    users = [get_user_model().objects.create_user(name) for name in ("=1+1", "@SUM(A1)", "-1", "+x", "\n=1")]
    for user in users:
        make(user=user)
    assert sorted(row["user"] for row in read(desk.get(f"{LIST}export/"))) == sorted(f"'{user}" for user in users)


def test_needs_the_view_permission(desk, agent, db):
    agent.user_permissions.clear()
    assert desk.get(f"{LIST}export/").status_code == 403


@pytest.mark.parametrize("count", [4, 5, 6, 11])
def test_batches_leave_nothing_out(monkeypatch, desk, make, count):
    monkeypatch.setattr(AuthenticationAdmin, "export_batch_size", 5)
    first = make()
    moments = [first.created_at - timedelta(seconds=n // 4) for n in range(count - 1)]  # Some at the same moment.
    Authentication.objects.bulk_create(
        Authentication(phone_number="+12", created_at=moment, expires_at=moment) for moment in moments
    )
    answer = desk.get(f"{LIST}export/")
    with CaptureQueriesContext(connection) as captured:
        rows = read(answer)
    expected = Authentication.objects.order_by("-created_at", "-pk").values_list("public_id", flat=True)
    assert [row["public_id"] for row in rows] == list(map(str, expected))
    assert len(captured) == count // 5 + 1
