"""Counts survive where every request runs in a transaction."""

import pytest
from django.db import connection

from django_ding.models import Authentication
from django_ding.testing import script

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/phone/authentications/"


@pytest.fixture(autouse=True)
def atomic_requests(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


def test_wrong_codes_stay_counted(member, phone, simulator):
    url = f"{URL}{member.post(URL, {'phone_number': phone}, format='json').json()['id']}/check/"
    statuses = [member.post(url, {"code": "000000"}, format="json").status_code for _ in range(8)]
    assert statuses == [400] * 5 + [429] * 3
    assert simulator.calls["check"] == 5
    assert Authentication.objects.get().check_count == 5


def test_failed_send_stays_recorded(member, phone):
    script("send", "server_error")
    assert member.post(URL, {"phone_number": phone}, format="json").status_code == 503
    row = Authentication.objects.get()
    assert (row.status, row.error_code) == ("failed", "http_500")
