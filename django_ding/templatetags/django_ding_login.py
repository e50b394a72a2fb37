"""Durations, phone numbers and URLs as the pages show them."""

from datetime import datetime
from typing import Any

from django import template

from django_ding import humanize, phone
from django_ding.reverse import reverse

register = template.Library()


@register.filter
def duration(value: float | datetime) -> str:
    """Return seconds, or the time until a moment, in words: ``"25 seconds"``, ``"10 minutes"``."""
    return humanize.duration(humanize.seconds_until(value) if isinstance(value, datetime) else value)


@register.filter
def spaced(phone_number: str) -> str:
    """Return an E.164 number with spaces for reading: ``+33 6 12 34 56 78``. Any other text is returned unchanged."""
    return phone.spaced(phone_number) if phone.is_e164(phone_number) else phone_number


@register.simple_tag(takes_context=True)
def page_url(context: template.RequestContext, name: str, **kwargs: Any) -> str:
    """Return the URL of a page, as ``url`` does, in the same part of the site: see :mod:`django_ding.reverse`."""
    return reverse(context.request, name, **kwargs)
