"""Settings of the REST API with a provider over HTTP, served by gunicorn or by uvicorn."""

import json
import os

from benchmarks.rest_site.settings import *  # noqa: F403
from benchmarks.rest_site.settings import DATABASES, DING

ROOT_URLCONF = "benchmarks.crowd_site.urls"
DATABASES["default"]["CONN_MAX_AGE"] = json.loads(os.environ["CONN_MAX_AGE"])
if pool_size := int(os.environ["POOL_SIZE"]):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": pool_size, "max_size": pool_size}
DING |= {
    "BACKENDS": {
        "default": {
            "BACKEND": "django_ding.backends.prelude.PreludeBackend",
            "OPTIONS": {"api_key": "key-of-a-benchmark", "base_url": os.environ["PROVIDER_URL"]},
        }
    },
    "MIN_CONVERSION": "",  # No code is entered, which would look like SMS pumping.
    "RELEASE_CONNECTIONS": os.environ["RELEASE_CONNECTIONS"] == "True",
}
