"""REST framework's ``NamespaceVersioning``, with versions that this app's namespace is none of."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
    "DEFAULT_VERSION": "v1",
    "ALLOWED_VERSIONS": ["v1", "v2"],
}
