import pytest

from django_ding.models import RememberedDevice
from django_ding.services import remember_device
from tests.login.helpers import ALICE, NUMBERS, PASSWORD, SECOND_FACTOR, followed

pytestmark = pytest.mark.django_db

DEVICES = "/phone/devices/"
MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.fixture
def member(client, account, outbox):
    """Alice, signed in on a device that is remembered, and with another one at home."""
    client.post(PASSWORD, ALICE)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"}, headers={"User-Agent": "Firefox"})
    remember_device(account, name="Safari")
    return client


def test_list_marks_this_device(member):
    shown = member.get(DEVICES)
    assert [device.name for device in shown.context["devices"]] == ["Safari", "Firefox"]
    assert shown.context["current_device"].name == "Firefox"
    assert shown.text.count("This device") == 1
    assert "Remembered devices" in member.get(NUMBERS).text


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Safari/604.1", "Safari, iPhone"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} CriOS/130.0 Safari/604.1", "Chrome, iPhone"),
        (f"{MOZILLA} (Linux; Android 15; Pixel 8) {WEBKIT} Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"{MOZILLA} (Windows NT 10.0; Win64) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, Mac"),
        ("Acme/2.1 (Linux)", "Acme/2.1 (Linux)"),
        ("", "Unnamed device"),
    ],
)
def test_device_has_a_name_that_people_know(client, account, outbox, user_agent, name):
    client.post(PASSWORD, ALICE)
    client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"}, headers={"User-Agent": user_agent})
    assert f">{name}</bdi>" in client.get(DEVICES).text


def test_list_of_none(client, account):
    client.force_login(account)
    assert "No device is remembered." in client.get(DEVICES).text


def test_forget_one(member):
    url = f"{DEVICES}{RememberedDevice.objects.get(name='Safari').public_id}/forget/"
    assert member.get(url).url == DEVICES
    assert RememberedDevice.objects.count() == 2
    assert "Device forgotten." in followed(member, member.post(url))
    assert RememberedDevice.objects.get().name == "Firefox"
    assert member.post(url).status_code == 404


def test_forget_all(member, bob):
    remember_device(bob)
    url = f"{DEVICES}forget/"
    assert member.get(url).url == DEVICES
    assert "All devices forgotten." in followed(member, member.post(url))
    assert RememberedDevice.objects.get().user == bob


def test_device_of_another_user(member, bob):
    remember_device(bob, name="theirs")
    theirs = RememberedDevice.objects.get(user=bob)
    assert member.post(f"{DEVICES}{theirs.public_id}/forget/").status_code == 404
    assert RememberedDevice.objects.filter(user=bob).exists()


def test_device_whose_number_was_removed_at_this_moment(client, account, outbox, monkeypatch):
    """It isn't remembered."""
    client.post(PASSWORD, ALICE)
    monkeypatch.setattr(
        "django_ding.login.views.second_factor.login", lambda *args, **kwargs: account.ding_phone_numbers.all().delete()
    )
    answer = client.post(SECOND_FACTOR, {"code": outbox[-1].code, "remember": "on"})
    assert (answer.status_code, "django_ding_auth_device" in answer.cookies) == (302, False)


@pytest.mark.parametrize("url", [DEVICES, f"{DEVICES}forget/"])
def test_visitors_log_in_first(client, url):
    assert client.get(url).url == f"{PASSWORD}?next={url}"
