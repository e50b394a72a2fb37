"""Prices, durations, ages and channels in words and signs."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import get_language_bidi, pgettext
from django.utils.translation import gettext as _

from django_ding.backends.base import Channel

_LEFT_TO_RIGHT = "\u200e"
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def price(amount: Decimal | None, currency: str) -> str:
    """Return a price as it is written in the active language, ``€0.03``; empty where there is none.

    :param currency: ISO 4217, such as ``"EUR"``; empty where nobody told.
    """
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    number = formats.number_format(amount, decimal_pos=places, force_grouping=True)
    if currency in _SIGNS:
        return pgettext("price", "%(sign)s%(number)s") % {"sign": _SIGNS[currency], "number": number}
    return f"{number} {currency}".rstrip()


def duration(length: timedelta) -> str:
    """Return a duration in its two largest units: ``12 s``, ``2 min 5 s``, ``3 h``, ``4 d 1 h``."""
    seconds = round(abs(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes == 0:
        return _("%(seconds)d s") % {"seconds": seconds}
    if hours == 0:
        return _two(_("%(minutes)d min") % {"minutes": minutes}, _("%(seconds)d s"), {"seconds": seconds % 60})
    if days == 0:
        return _two(_("%(hours)d h") % {"hours": hours}, _("%(minutes)d min"), {"minutes": minutes % 60})
    return _two(_("%(days)d d") % {"days": days}, _("%(hours)d h"), {"hours": hours % 24})


def since_start(length: timedelta) -> str:
    """Return how long after the beginning something happened, ``+12 s``; with a minus before it, when clocks differ."""
    return signed("−" if length <= timedelta(seconds=-1) else "+", duration(length))  # noqa: RUF001


def signed(sign: str, text: str) -> str:
    """Put a sign before a text, where a mark keeps it in a right-to-left language. An isolate would turn the text."""
    return f"{_LEFT_TO_RIGHT if get_language_bidi() else ''}{sign}{text}"


def age(moment: datetime) -> str:
    """Return how long ago something was, ``3 minutes ago``, which tells the exact time on demand."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        formats.date_format(local, "DATETIME_FORMAT"),
        _("%(time)s ago") % {"time": timesince(moment, depth=1)},
    )


def channel_name(channel: str) -> str:
    """Return the name of the way of a message, ``SMS``; empty where nobody told."""
    return str(Channel(channel).label) if channel in Channel and channel != Channel.UNKNOWN else ""


def told(name: object, value: object) -> str:
    """Return ``June 1, 2026: 12``."""
    return _("%(name)s: %(value)s") % {"name": name, "value": value}


def _two(larger: str, pattern: str, smaller: dict[str, int]) -> str:
    return f"{larger} {pattern % smaller}" if any(smaller.values()) else larger
