"""What the settings of all host projects begin with: those of ``startproject``, and this app with its sandbox.

A project in ``projects/`` imports everything from here and changes what is unusual about it. Its names in capital
letters that Django doesn't know are for ``walk.py`` and ``test_projects.py``.
"""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.hosts.project_urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_ding",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
REST_FRAMEWORK = {}
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
SILENCED_SYSTEM_CHECKS = []
# Not Redis, whose databases belong to the workers of the run that starts this process: each clears its own at any time.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

#: Packages that the project needs, by the modules to import. It is skipped where one is missing.
REQUIRES = []
#: The ids of all messages of this app's system checks.
EXPECTED_CHECKS = []
#: Why steps of the walk have no meaning for the project, by their names: ``{"admin": "it has no admin"}``.
WITHOUT = {}
#: Where the walk finds what, and how it makes a user.
WALK = {
    "api": "/api/phone/",
    "pages": "/phone/",
    "login": "/accounts/login/",
    "gate": "/members/",
    "admin": "/admin/",
    "create_user": "tests.hosts.people.create_user",
}
#: The function that makes a token of a user, where the REST API takes no session.
MAKE_TOKEN = None
#: Whether LOGIN_CREATES_USER can create one user after another.
CREATES_USERS = True
