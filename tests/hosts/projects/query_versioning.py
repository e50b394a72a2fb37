"""REST framework's ``QueryParameterVersioning`` with a default version that is none of those allowed."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.QueryParameterVersioning",
    "DEFAULT_VERSION": None,
    "ALLOWED_VERSIONS": ["1"],
}
