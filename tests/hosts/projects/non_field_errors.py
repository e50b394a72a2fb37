"""Errors that belong to no field are under ``code``, which is also a field of the check, and a key of every failure."""

from tests.hosts.base import *  # noqa: F403

REST_FRAMEWORK = {"NON_FIELD_ERRORS_KEY": "code"}
