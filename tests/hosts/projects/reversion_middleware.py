"""django-reversion, with the middleware of docs/databases.md."""

from tests.hosts.base import *  # noqa: F403

REQUIRES = ["reversion"]
INSTALLED_APPS += ["reversion"]  # noqa: F405
MIDDLEWARE += ["tests.hosts.middleware.NonAtomicRevisionMiddleware"]  # noqa: F405
