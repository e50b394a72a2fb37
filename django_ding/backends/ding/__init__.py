"""Ding's OTP API, version 1."""

from django_ding.backends.ding.backend import BaseDingBackend, DingBackend

__all__ = ["BaseDingBackend", "DingBackend"]
