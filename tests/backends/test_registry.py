import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from django_ding.backends import get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.ding import DingBackend
from django_ding.backends.types import FeedbackStatus, SendRequest, WebhookRequest
from django_ding.exceptions import UnsupportedOperation
from tests.backends.helpers import API_KEY, CUSTOMER_UUID, make_sent

OPTIONS = {"api_key": API_KEY, "customer_uuid": CUSTOMER_UUID}
DING = "django_ding.backends.ding.DingBackend"


class Bare(BaseBackend):
    """What a backend is that implements nothing."""


class Special(DingBackend):
    """A project's own backend that passes its options on."""

    def __init__(self, alias, *, tenant, **options):
        super().__init__(alias, **options)
        self.tenant = tenant


def configured(**backends):
    return override_settings(DING={"BACKENDS": backends})


def refusal(alias="default", **backends):
    with configured(**backends), pytest.raises(ImproperlyConfigured) as raised:
        get_backend(alias)
    return str(raised.value)


def test_backend_of_the_settings_is_made():
    with configured(default={"BACKEND": DING, "OPTIONS": OPTIONS}):
        backend = get_backend()
    assert isinstance(backend, DingBackend)
    assert backend.alias == "default"


def test_backend_is_made_once_per_alias():
    with configured(one={"BACKEND": DING, "OPTIONS": OPTIONS}, two={"BACKEND": DING, "OPTIONS": OPTIONS}):
        assert get_backend("one") is get_backend("one")
        assert get_backend("one") is not get_backend("two")


def test_backend_is_one_for_all_threads():
    together = threading.Barrier(32)

    def work(_):
        together.wait()
        return get_backend()

    with configured(default={"BACKEND": DING, "OPTIONS": OPTIONS}), ThreadPoolExecutor(32) as pool:
        assert len(set(pool.map(work, range(32)))) == 1


def test_backend_is_forgotten_when_settings_change():
    first = get_backend()
    with configured(default={"BACKEND": DING, "OPTIONS": OPTIONS}):
        assert get_backend() is not first


def test_backend_is_kept_when_another_setting_changes():
    first = get_backend()
    with override_settings(DEBUG=True):
        assert get_backend() is first


def test_own_class_may_pass_options_on():
    own = {"BACKEND": "tests.backends.test_registry.Special", "OPTIONS": {**OPTIONS, "tenant": "a"}}
    with configured(default=own):
        assert get_backend().tenant == "a"


def test_alias_unknown_names_the_nearest():
    message = refusal("defalut", default={"BACKEND": DING, "OPTIONS": OPTIONS})
    assert message == "DING[\"BACKENDS\"] has no key 'defalut'. Did you mean 'default'?"


def test_alias_unknown_lists_those_known():
    message = refusal("x", default={"BACKEND": DING}, other={"BACKEND": DING})
    assert message == "DING[\"BACKENDS\"] has no key 'x'. Known keys: default, other."


def test_no_backend_at_all():
    assert refusal() == "DING[\"BACKENDS\"] has no key 'default'. Known keys: none."


def test_class_that_does_not_exist():
    message = refusal(default={"BACKEND": "django_ding.backends.ding.Dong"})
    assert message.startswith(
        "DING[\"BACKENDS\"]['default'][\"BACKEND\"]: 'django_ding.backends.ding.Dong' can't be imported: "
    )


def test_class_that_is_no_backend():
    message = refusal(default={"BACKEND": "django_ding.phone.parse"})
    assert message.endswith("'django_ding.phone.parse' is not a subclass of BaseBackend.")


def test_option_unknown_names_the_nearest():
    message = refusal(default={"BACKEND": DING, "OPTIONS": {**OPTIONS, "read_timout": 1}})
    assert message == (
        "DING[\"BACKENDS\"]['default'][\"OPTIONS\"] has no key 'read_timout'. Did you mean 'read_timeout'?"
    )


@pytest.mark.parametrize("options", [{}, {"api_key": None}, {"api_key": "", "customer_uuid": ""}])
def test_options_missing(options):
    message = refusal(default={"BACKEND": DING, "OPTIONS": options})
    assert message == (
        "DING[\"BACKENDS\"]['default'][\"OPTIONS\"] needs 'api_key' and 'customer_uuid': missing or empty."
    )


def test_option_missing():
    message = refusal(default={"BACKEND": DING, "OPTIONS": {"api_key": API_KEY}})
    assert message == "DING[\"BACKENDS\"]['default'][\"OPTIONS\"] needs 'customer_uuid': missing or empty."


def test_option_of_no_use_says_where():
    message = refusal(default={"BACKEND": DING, "OPTIONS": {**OPTIONS, "customer_uuid": "me"}})
    assert message.startswith("DING[\"BACKENDS\"]['default']: customer_uuid must be a UUID")


def test_options_that_are_no_dict():
    message = refusal(default={"BACKEND": DING, "OPTIONS": ["api_key"]})
    assert message == 'DING["BACKENDS"][\'default\']["OPTIONS"] must be a dict, not list.'


@pytest.mark.parametrize(
    "call",
    [
        lambda backend: backend.send(SendRequest(phone_number="+33612345678")),
        lambda backend: backend.check(make_sent(), "123456"),
        lambda backend: backend.retry(make_sent()),
    ],
    ids=["send", "check", "retry"],
)
def test_bare_backend_must_implement(call):
    with pytest.raises(NotImplementedError, match=r"Bare must implement (send|check|retry)\(\)\."):
        call(Bare("default"))


@pytest.mark.parametrize(
    "call",
    [
        lambda backend: backend.status(make_sent()),
        lambda backend: backend.cancel(make_sent()),
        lambda backend: backend.parse_webhook(WebhookRequest(url="", headers={}, body=b"")),
        lambda backend: backend.feedback("+33612345678", FeedbackStatus.ONBOARDED),
        lambda backend: backend.lookup("+33612345678"),
    ],
    ids=["status", "cancel", "webhook", "feedback", "lookup"],
)
def test_bare_backend_may_lack(call):
    with pytest.raises(UnsupportedOperation, match="The backend 'default' "):
        call(Bare("default"))


def test_bare_backend_flags():
    assert not any([Bare.supports_status, Bare.supports_feedback, Bare.supports_lookup, Bare.supports_cancel])
    assert Bare.webhooks is None
    assert Bare.channels == frozenset()
