"""Numbers and names as the page shows them, in the active language."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext, npgettext

from django_ding.admin import wording
from django_ding.admin.events.explaining import explained
from django_ding.admin.statistics.reading import Codes
from django_ding.backends.base import Channel
from django_ding.countries import name_of
from django_ding.models import Refusal

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
NOTHING = "\u2013"  # a dash


def number(value: float | Decimal, *, decimals: int = 0) -> str:
    """Return ``12,345`` or ``12 345``."""
    rounded = round(Decimal(value), decimals)  # Django would cut off what is too much.
    return formats.number_format(rounded, decimal_pos=decimals, force_grouping=True)


def level(value: float) -> str:
    """Return a value of a scale, with decimals where it is no whole number."""
    return number(value, decimals=0 if value == int(value) else 2)


def share(value: float | None, *, decimals: int = 1) -> str:
    """Return a share of one in percent, ``82.4 %``; a dash where there is none."""
    return NOTHING if value is None else f"{number(value * 100, decimals=decimals)}{NARROW_SPACE}%"


def money(amount: float | Decimal, currency: str) -> str:
    """Return ``€12.30``."""
    return left_to_right(wording.price(round(Decimal(amount), 2), currency))


def duration(seconds: int | None) -> str:
    """Return ``12 s``, ``1 min 5 s`` or ``2 h 5 min``; a dash where there is none."""
    return NOTHING if seconds is None else wording.duration(timedelta(seconds=seconds))


def signed(value: float, text: str) -> str:
    """Put the sign of a change before the text of its size. It stays there in a right-to-left language."""
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    return wording.signed(sign, text)


def left_to_right(text: str) -> str:
    """Keep a prefix or a sum in its order in a right-to-left language."""
    return f"\u2066{text}\u2069"


def cost_in(currency: str) -> str:
    """Return ``Cost (EUR)``."""
    return gettext("Cost (%(currency)s)") % {"currency": currency} if currency else gettext("Cost")


def sent(count: int) -> str:
    """Return ``1,800 sent``."""
    return npgettext("codes", "%(number)s sent", "%(number)s sent", count) % {"number": number(count)}


def delivered(count: int) -> str:
    """Return ``1,800 delivered``."""
    return npgettext("codes", "%(number)s delivered", "%(number)s delivered", count) % {"number": number(count)}


def entered(count: int) -> str:
    """Return ``1,800 entered``."""
    return npgettext("codes", "%(number)s entered", "%(number)s entered", count) % {"number": number(count)}


def became_of(name: str, codes: Codes) -> str:
    """Tell in one line how many codes were sent, and what became of them."""
    return gettext("%(name)s: %(sent)s, %(delivered)s, %(entered)s") % {
        "name": name,
        "sent": sent(codes.sends),
        "delivered": delivered(codes.delivered),
        "entered": entered(codes.validated),
    }


def day(value: date) -> str:
    """Return ``June 1, 2026``."""
    return formats.date_format(value, "DATE_FORMAT")


def short_day(value: date) -> str:
    """Return ``June 1``."""
    return formats.date_format(value, "MONTH_DAY_FORMAT")


def country(code: str) -> str:
    """Return the name of a country."""
    return name_of(code) if code else gettext("No country")


def channel(name: str) -> str:
    """Return the name of a way for messages."""
    return str(dict(Channel.choices).get(name, name)) or gettext("Not reported")


def reason(code: str) -> str:
    """Return what an error code or a status says; one that nobody knows as it is."""
    explanation = explained(code)
    return capfirst(str(explanation.reason)) if explanation else code


def guard_reason(code: str) -> str:
    """Return why the guard refused. A lookup before a send brings the provider's words."""
    label = dict(Refusal.Reason.choices).get(code)
    return str(capfirst(label)) if label else reason(code)


def currency(code: str) -> str:
    """Return a currency."""
    return code or gettext("No currency")
