"""Numbers, prices, durations and ages in words and signs of the active language."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import get_language_bidi, ngettext, pgettext
from django.utils.translation import gettext as _

from django_ding import clock

#: The placeholder for a missing value.
DASH = "\u2013"
MINUS = "\u2212"

_NO_BREAK_SPACE = "\u00a0"
_NARROW_SPACE = "\u202f"
_LEFT_TO_RIGHT_MARK = "\u200e"
_DAY = 86_400
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def number(value: float | Decimal, *, decimals: int = 0) -> str:
    """Return ``12,345`` or ``12 345``."""
    rounded = round(Decimal(value), decimals)  # number_format() truncates.
    return formats.number_format(rounded, decimal_pos=decimals, force_grouping=True)


def percentage(ratio: float | None, *, decimals: int = 1) -> str:
    """Return a ratio in percent, ``82.4 %``; a dash for ``None``."""
    return DASH if ratio is None else f"{number(ratio * 100, decimals=decimals)}{_NARROW_SPACE}%"


def price(amount: Decimal | None, currency: str, *, least_decimals: int = 2) -> str:
    """Return a price as the active language writes it, ``€0.03``; empty for ``None``.

    :param currency: ISO 4217, such as ``"EUR"``; empty if unknown.
    :param least_decimals: decimals of a round amount. No other is dropped.
    """
    if amount is None:
        return ""
    # A message may cost less than a cent, so no decimal is dropped.
    places = max(least_decimals, -int(amount.normalize().as_tuple().exponent))
    text = formats.number_format(amount, decimal_pos=places, force_grouping=True)
    if currency in _SIGNS:
        return pgettext("price", "%(sign)s%(number)s") % {"sign": _SIGNS[currency], "number": text}
    return f"{text} {currency}".rstrip()


def seconds_until(moment: datetime | None) -> float:
    """Return the seconds from now to ``moment``; zero when it has passed, or there is none."""
    return max((moment - clock.now()).total_seconds(), 0.0) if moment else 0.0


def duration(seconds: float) -> str:
    """Return a wait in words, rounded up: ``"25 seconds"``, ``"10 minutes"``, ``"24 hours"``."""
    unit = _unit(seconds)[0]
    return _units(max(math.ceil(seconds / unit), 1), unit)


def countdown(seconds: float) -> list[tuple[int, int, str]]:
    """Return the words of :func:`duration` for a wait that gets shorter, so that a script can say it in any language.

    Each item holds from its seconds down to those of the next one: ``(90, 1, "{count} seconds")``. The second is the
    length of the unit; ``{count}`` is missing where the language has no digits, such as in an Arabic dual. A wait of
    more than a day has none, because no page stays open that long.
    """
    steps: list[tuple[int, int, str]] = []
    left = math.ceil(seconds) if seconds <= _DAY else 0
    while left:
        unit, over = _unit(left)
        count = math.ceil(left / unit)
        text = _units(count, unit).replace(str(count), "{count}")
        if not steps or steps[-1][1:] != (unit, text):
            steps.append((left, unit, text))
        left = max((count - 1) * unit, over)
    return steps


def _unit(seconds: float) -> tuple[int, int]:
    """Return the seconds of the unit that a wait is said in, and the longest wait that is said in a smaller one."""
    if seconds <= 90:
        return 1, 0
    return (60, 90) if seconds <= 5400 else (3600, 5400)


def _units(count: int, unit: int) -> str:
    match unit:
        case 1:
            text = ngettext("%(count)d second", "%(count)d seconds", count)
        case 60:
            text = ngettext("%(count)d minute", "%(count)d minutes", count)
        case _:
            text = ngettext("%(count)d hour", "%(count)d hours", count)
    return text % {"count": count}


def short_duration(length: timedelta) -> str:
    """Return a duration in its two largest units: ``12 s``, ``2 min 5 s``, ``3 h``, ``4 d 1 h``."""
    seconds = round(abs(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if not minutes:
        return _("%(seconds)d s") % {"seconds": seconds}
    if not hours:
        larger, smaller, rest = _("%(minutes)d min") % {"minutes": minutes}, _("%(seconds)d s"), seconds % 60
    elif not days:
        larger, smaller, rest = _("%(hours)d h") % {"hours": hours}, _("%(minutes)d min"), minutes % 60
    else:
        larger, smaller, rest = _("%(days)d d") % {"days": days}, _("%(hours)d h"), hours % 24
    return f"{larger} {smaller % {'seconds': rest, 'minutes': rest, 'hours': rest}}" if rest else larger


def elapsed(start: datetime, end: datetime) -> timedelta:
    """Return the time between two moments, as it is between those that :func:`clock_time` shows."""
    return end.replace(microsecond=0) - start.replace(microsecond=0)


def offset(start: datetime, moment: datetime) -> str:
    """Return how long after a start something happened, ``+12 s``; negative where clocks differ."""
    length = elapsed(start, moment)
    return signed(MINUS if length < timedelta() else "+", short_duration(length))


def signed(sign: str, text: str) -> str:
    """Put a sign before a text."""
    # A mark keeps the sign in front in a right-to-left language; an isolate would reverse the text.
    return f"{_LEFT_TO_RIGHT_MARK if get_language_bidi() else ''}{sign}{text}"


def isolated(text: str) -> str:
    """Return a number, a prefix or a price that keeps its order in a right-to-left sentence."""
    return f"\u2066{text}\u2069"


def exact_time(moment: datetime) -> str:
    """Return a moment to the second, with the time zone: ``Nov. 30, 2026, 14:32:05 UTC``."""
    day = formats.date_format(timezone.localtime(moment), "DATE_FORMAT")
    return _("%(date)s, %(time)s") % {"date": day, "time": clock_time(moment)}


def clock_time(moment: datetime) -> str:
    """Return the time of a day to the second, with the time zone: ``14:32:05 UTC``, as logs have it."""
    local = timezone.localtime(moment)
    text = f"{local:%H:%M:%S}{_NO_BREAK_SPACE}{local.tzname()}"
    return isolated(text) if get_language_bidi() else text


def age(moment: datetime) -> str:
    """Return how long ago something was: ``just now``, ``3 minutes ago``."""
    minutes = int((clock.now() - moment).total_seconds() // 60)
    # Whole phrases and no "%s ago": German inflects the unit ("vor 6 Tagen", but "6 Tage").
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    if (hours := minutes // 60) < 24:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}
    if (days := hours // 24) < 365:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return ngettext("%(count)d year ago", "%(count)d years ago", days // 365) % {"count": days // 365}


def listed(texts: Iterable[str]) -> str:
    """Return texts one after the other, ``SMS, 2 messages``."""
    return pgettext("between items of a list", ", ").join(texts)


def label_value(label: object, value: object) -> str:
    """Return ``June 1, 2026: 12``."""
    return _("%(name)s: %(value)s") % {"name": label, "value": value}
