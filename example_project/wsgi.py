"""The example for WSGI servers: ``DEBUG=1 gunicorn --chdir example_project wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application
from example.sandbox import in_one_process, serve_own_sandbox

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")
has_own_sandbox = serve_own_sandbox()
application = get_wsgi_application()
if has_own_sandbox:
    application = in_one_process(application)
