"""REST framework's ``AcceptHeaderVersioning``, where each client has to name a version."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": ["1.0", "2.0"],
}
