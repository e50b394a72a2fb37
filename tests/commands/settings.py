"""Settings of the programs that the tests start: the code of a test number is the same in each."""

from tests.settings import *  # noqa: F403

DING = {
    "BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}},
    "DEFAULT_REGION": "FR",
    "TEST_NUMBERS": {"+12025550100": "424242"},
}
SILENCED_SYSTEM_CHECKS = ["django_ding.E002", "django_ding.W002", "django_ding.W003"]
