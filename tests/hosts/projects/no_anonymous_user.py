"""REST framework without ``django.contrib.auth``'s ``AnonymousUser``: a guest's ``request.user`` is ``None``."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_METADATA_CLASS": None,
}
