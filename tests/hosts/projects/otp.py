"""The admin and a view require a device of django-otp's, which is the user's phone. Requests run in transactions."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["django_otp"]
ON_SERVERS = True
snippets.use("django-otp", globals())
ROOT_URLCONF = "tests.hosts.projects.otp_urls"
DATABASES["default"]["ATOMIC_REQUESTS"] = True  # noqa: F405
WITHOUT = {"admin": "it requires a device, as own/otp.py shows"}
TEMPLATES[0]["DIRS"] = [snippets.TEMPLATES]  # noqa: F405
