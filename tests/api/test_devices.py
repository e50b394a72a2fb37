import pytest

from django_ding.models import RememberedDevice
from django_ding.services import remember_device

pytestmark = pytest.mark.django_db

URL = "/api/phone/devices/"


def test_list_shows_ones_own(clock, member, user, other_user):
    remember_device(user, name="Firefox")
    remember_device(other_user)
    public_id = RememberedDevice.objects.get(user=user).public_id
    assert member.get(URL).json() == [
        {
            "id": str(public_id),
            "name": "Firefox",
            "created_at": "2026-06-01T12:00:00Z",
            "expires_at": "2026-07-01T12:00:00Z",
        }
    ]


def test_delete_forgets_the_device(member, user):
    remember_device(user)
    url = f"{URL}{RememberedDevice.objects.get().public_id}/"
    assert [member.delete(url).status_code for _ in range(2)] == [204, 404]
    assert member.get(URL).json() == []


def test_others_get_404(stranger, user):
    remember_device(user)
    for name in (RememberedDevice.objects.get().public_id, "x"):
        assert stranger.delete(f"{URL}{name}/").status_code == 404
    assert RememberedDevice.objects.exists()


def test_anonymous_callers_log_in_first(client):
    assert client.get(URL).status_code in (401, 403)
    assert client.delete(f"{URL}x/").status_code in (401, 403)
