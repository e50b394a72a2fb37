"""Projects without Django's admin never load this room."""

import subprocess
import sys

PROJECT = """
import sys
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "django_ding"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DEBUG=True,
    DING={"BACKENDS": {"default": {"BACKEND": "django_ding.backends.sandbox.SandboxBackend"}}},
)
django.setup()
from django.core.management import call_command

call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
assert not [name for name in sys.modules if name.startswith(("django_ding.admin", "django.contrib.admin"))]
"""


def test_project_without_the_admin():
    done = subprocess.run([sys.executable, "-c", PROJECT], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
