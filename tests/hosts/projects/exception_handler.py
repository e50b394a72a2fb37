"""The project's own exception handler, which these endpoints don't ask, and throttles, which they do."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "tests.hosts.projects._exception_handler.handle",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "100/min"},
}
