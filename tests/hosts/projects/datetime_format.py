"""Times as seconds since 1970, and formats of the project's own in every other place."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {"DATETIME_FORMAT": "%s", "DATE_FORMAT": "%d.%m.%Y", "TIME_FORMAT": "%I:%M %p"}
TIME_ZONE = "Asia/Kolkata"
