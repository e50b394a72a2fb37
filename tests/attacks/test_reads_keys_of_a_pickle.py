"""A stranger who can read a queue, a cache or a file wants the keys of a backend that was put there."""

import copy
import pickle
from pprint import pformat

import pytest
from django.test import override_settings

from django_ding.backends import get_backend

KEY = "distinctive-7f3a91"
BACKENDS = {
    "prelude": {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": KEY}},
    "ding": {
        "BACKEND": "django_ding.backends.ding.DingBackend",
        "OPTIONS": {"api_key": KEY, "customer_uuid": "00000000-0000-4000-8000-000000000000"},
    },
    **{
        f"sms {name}": {
            "BACKEND": "django_ding.backends.sms.SMSBackend",
            "OPTIONS": {
                "gateway": "django_ding.backends.sms.HTTPGateway",
                "gateway_options": {"url": "https://sms.example/", "form": {"to": "{digits}"}, **options},
            },
        }
        for name, options in {
            "form": {"form": {"login": KEY}},
            "json": {"form": None, "json": {"account": [{"login": KEY}]}},
            "auth": {"auth": ("me", KEY)},
            "headers": {"headers": {"Authorization": KEY}},
        }.items()
    },
}


@pytest.fixture(params=BACKENDS)
def backend(request):
    with override_settings(DING={"BACKENDS": BACKENDS}):
        yield get_backend(request.param)


def holders(backend):
    """Return the backend and what it is made of."""
    gateway = getattr(getattr(backend, "_deliver", None), "__self__", None)
    client = (gateway or backend)._client
    return [holder for holder in (backend, gateway, client, client._headers) if holder is not None]


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_backend_stays_in_its_process(backend, duplicate):
    for holder in holders(backend):
        with pytest.raises(TypeError, match="can't be pickled or copied"):
            duplicate(holder)


def test_nothing_that_is_printed_shows_a_key(backend):
    for holder in holders(backend):
        assert KEY not in f"{holder} {holder!r} {pformat(getattr(holder, '__dict__', {}))}"
