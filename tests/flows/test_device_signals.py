"""The signals of the user's own HTTP request, for the backends that use them."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.request import Request

from django_ding.models import Authentication
from django_ding.services import DeviceSignals, erase_data, export_data, get_device_signals, retry, send
from tests.stubs import Multichannel, Newfangled, using

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
JA4 = "t13d1516h2_8daaf6152771_b186095e22b6"


def with_ja4(request):
    """A project's function."""
    return {**get_device_signals(request), "ja4_fingerprint": request.headers.get("X-JA4")}


def mistaken(request):
    return {"ja4": JA4}


def broken(request):
    raise ZeroDivisionError


def unusable(request):
    return {"user_agent": 7, "ja4_fingerprint": "\x00\n", "os_version": " 1\x000 ", "device_model": "m" * 600}


def endless(request):
    return {"user_agent": "u" * 600, "ja4_fingerprint": "j" * 600}


@pytest.fixture
def request_(rf):
    return rf.get("/", headers={"User-Agent": BROWSER, "X-JA4": JA4})


@pytest.fixture
def sent():
    with using(Multichannel):
        yield Multichannel.requests


def using_function(function):
    return using(Multichannel, DEVICE_SIGNALS=f"{__name__}.{function.__name__}")


@pytest.mark.parametrize("wrap", [lambda request: request, Request], ids=["Django's", "REST framework's"])
def test_user_agent_is_sent_and_stored(sent, phone, request_, wrap, clock):
    authentication = send(phone, request=wrap(request_)).authentication
    clock.shift(30)
    retry(Authentication.objects.get())
    assert [request.device_signals for request in sent] == [DeviceSignals(user_agent=BROWSER)] * 2
    assert authentication.device_signals == {"user_agent": BROWSER}


def test_signals_of_a_request_have_bounded_lengths(phone, request_):
    with using_function(endless):
        signals = send(phone, request=request_).authentication.device_signals
    assert {name: len(text) for name, text in signals.items()} == {"user_agent": 512, "ja4_fingerprint": 128}


def test_project_adds_a_signal(phone, request_):
    with using_function(with_ja4):
        send(phone, request=request_)
        assert Multichannel.requests[0].device_signals == DeviceSignals(user_agent=BROWSER, ja4_fingerprint=JA4)


def test_callers_own_signals_win(phone, request_):
    with using_function(with_ja4):
        send(phone, request=request_, device_signals=DeviceSignals(user_agent="App/4.2", device_type="IOS"))
        [request] = Multichannel.requests
    assert request.device_signals == DeviceSignals(user_agent="App/4.2", device_type="IOS", ja4_fingerprint=JA4)


def test_unusable_signals_are_dropped(phone, request_):
    with using_function(unusable):
        send(phone, request=request_)
        assert Multichannel.requests[0].device_signals == DeviceSignals(os_version="10", device_model="m" * 512)


@pytest.mark.parametrize("header", [None, "", "\x01\x02"])
def test_request_without_a_user_agent(sent, phone, rf, header):
    send(phone, request=rf.get("/", headers={} if header is None else {"User-Agent": header}))
    assert sent[0].device_signals == DeviceSignals()


def test_other_backends_get_the_callers_signals_alone(phone, request_):
    with using(Newfangled, DEVICE_SIGNALS=f"{__name__}.broken"):
        assert send(phone, request=request_).authentication.device_signals == {}


def test_nothing_is_read_without_a_request(phone):
    with using_function(broken):
        assert send(phone, ip="192.0.2.7").authentication.device_signals == {}


@pytest.mark.parametrize(("function", "error"), [(broken, ZeroDivisionError), (mistaken, ImproperlyConfigured)])
def test_mistake_in_the_function_shows_before_anything_is_sent(phone, request_, function, error):
    with using_function(function), pytest.raises(error):
        send(phone, request=request_)
    assert not Multichannel.requests
    assert not Authentication.objects.exists()


def test_signals_stay_out_of_reprs():
    assert "signal" not in repr(DeviceSignals(user_agent="signal", ja4_fingerprint="signal"))


def test_signals_are_exported_and_erased(phone, request_, clock):
    with using(Multichannel, MIN_CONVERSION="20%/20/d/prefix"):
        send(phone, request=request_)
        assert export_data(phone_number=phone)["authentications"][0]["device_signals"] == {"user_agent": BROWSER}
        clock.shift(601)
        assert erase_data(phone_number=phone).anonymized == 1
    assert Authentication.objects.get().device_signals == {}
