"""Prelude Verify, version 2 of the API: what Ding's accounts became."""

from django_ding.backends.prelude.backend import PreludeBackend
from django_ding.backends.prelude.base import BasePreludeBackend

__all__ = ["BasePreludeBackend", "PreludeBackend"]
