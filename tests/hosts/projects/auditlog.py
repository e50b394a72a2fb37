"""django-auditlog logs changes of phone numbers."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["auditlog"]
snippets.use("django-auditlog", globals())
