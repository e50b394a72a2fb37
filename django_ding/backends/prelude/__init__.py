"""Prelude Verify, version 2 of the API: what Ding's accounts became."""

from django_ding.backends.prelude.backend import BasePreludeBackend, PreludeBackend

__all__ = ["BasePreludeBackend", "PreludeBackend"]
