"""Durations and phone numbers as the pages show them."""

from datetime import datetime

from django import template

from django_ding import humanize, phone

register = template.Library()


@register.filter
def duration(value: float | datetime) -> str:
    """Return seconds, or the time until a moment, in words: ``"25 seconds"``, ``"10 minutes"``."""
    return humanize.duration(humanize.seconds_until(value) if isinstance(value, datetime) else value)


@register.filter
def spaced(phone_number: str) -> str:
    """Return an E.164 number with spaces for reading: ``+33 6 12 34 56 78``. Any other text is returned unchanged."""
    return phone.spaced(phone_number) if phone.is_e164(phone_number) else phone_number
