"""For a project's own views that are functions."""

from django_ding.login.gates import phone_verified_required

__all__ = ["phone_verified_required"]
