"""Durations and numbers as the pages show them."""

from datetime import datetime

from django import template

from django_ding import phone
from django_ding.exceptions import wait_in_words
from django_ding.services.records import seconds_until

register = template.Library()


@register.filter
def in_words(wait: float | datetime) -> str:
    """Return how long it takes, from seconds or until a moment: ``"25 seconds"``, ``"10 minutes"``."""
    return wait_in_words(seconds_until(wait) if isinstance(wait, datetime) else wait)


@register.filter
def spaced(phone_number: str) -> str:
    """Return an E.164 number with spaces to read it by: ``+33 6 12 34 56 78``. Another text stays as it is."""
    return phone.spaced(phone_number) if phone.is_e164(phone_number) else phone_number
