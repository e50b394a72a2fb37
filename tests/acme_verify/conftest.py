import pytest

from tests.acme_verify.provider import ACCOUNT, API_KEY, WEBHOOK_SECRET, AcmeProvider


@pytest.fixture
def acme():
    with AcmeProvider() as provider:
        yield provider


@pytest.fixture
def acme_project(acme, settings):
    """A project whose only provider is Acme."""
    options = {"account": ACCOUNT, "api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "base_url": acme.url}
    backend = {"BACKEND": "tests.acme_verify.backend.AcmeBackend", "OPTIONS": options}
    settings.DING = {
        "BACKENDS": {"default": backend},
        "CHANNELS": ["sms", "whatsapp", "voice"],
        "RATE_LIMITS": {},
        "MIN_CONVERSION": "",
        "RETRY_COOLDOWN": 0,
    }
    return acme
