"""The admin and a view require a device of django-otp's, which is the user's phone. Requests run in transactions."""

from tests.hosts import snippets
from tests.hosts.base import *  # noqa: F403

REQUIRES = ["django_otp"]
ON_SERVERS = True
snippets.use("django-otp", globals())
ROOT_URLCONF = "tests.hosts.projects.otp_urls"
DATABASES["default"]["ATOMIC_REQUESTS"] = True  # noqa: F405
WITHOUT = {"admin": "it requires a device, as own/otp.py shows"}
# A login page of the project's own.
_LOGIN = ("django.template.loaders.locmem.Loader", {"registration/login.html": "{{ form.as_p }}"})
TEMPLATES[0] |= {  # noqa: F405
    "APP_DIRS": False,
    "OPTIONS": TEMPLATES[0]["OPTIONS"]  # noqa: F405
    | {"loaders": [_LOGIN, "django.template.loaders.app_directories.Loader"]},
}
