"""What ``sandbox()`` replaces a project's backends by."""

import pytest
from django.test import override_settings

from django_ding.backends import get_backend
from django_ding.exceptions import Blocked
from django_ding.services import check, retry, send
from django_ding.testing import sandbox, script

pytestmark = pytest.mark.django_db

PRELUDE = {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": {"api_key": "key"}}
DING = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": {"api_key": "key", "customer_uuid": ""}}


@pytest.fixture
def project():
    with override_settings(
        DING={
            "BACKENDS": {"default": DING, "prelude": PRELUDE},
            "DEFAULT_BACKEND": "prelude",
            "CHANNELS": ["sms", "whatsapp", "voice"],
            "RETRY_COOLDOWN": 0,
        }
    ):
        yield


def test_each_backend_has_its_stand_in(project):
    with sandbox():
        assert type(get_backend("default")).__name__ == "SandboxBackend"
        assert type(get_backend("prelude")).__name__ == "PreludeSandboxBackend"


def test_a_project_on_prelude_tests_its_channels(project, phone):
    with sandbox() as outbox:
        row = send(phone, channel="whatsapp").authentication
        assert (row.channel, outbox[-1].channel) == ("whatsapp", "whatsapp")
        retry(row, channel="voice")
        assert (row.channel, outbox[-1].channel) == ("voice", "voice")
        assert check(row, outbox[-1].code).status == "valid"


@pytest.mark.parametrize("outcome", ["spam_detected", "blocked/suspicious"])
def test_outcomes_of_either_version(project, phone, outcome):
    with sandbox():
        script("send", outcome)
        with pytest.raises(Blocked) as raised:
            send(phone)
        assert raised.value.code == "spam_detected"
