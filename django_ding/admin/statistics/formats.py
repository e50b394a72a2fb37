"""How the statistics page writes values."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from django_ding import humanize
from django_ding.admin.statistics.periods import Period
from django_ding.admin.statistics.queries import CodeTotals
from django_ding.backends.types import Channel, Price
from django_ding.codes import describe_code, get_code
from django_ding.countries import localized_name


def format_seconds(seconds: int | None) -> str:
    """Return ``1 min 5 s``; a dash for ``None``."""
    return humanize.DASH if seconds is None else humanize.short_duration(timedelta(seconds=seconds))


def format_price(price: Price) -> str:
    """Return ``€12.30``."""
    return humanize.isolated(humanize.price(round(price.amount, 2), price.currency))


def format_country(code: str) -> str:
    """Return the name of a country."""
    return localized_name(code) if code else _("Unknown country")


def format_channel(name: str) -> str:
    """Return the name of a channel; of an unknown one what the provider calls it."""
    return capfirst(str(Channel(name).label)) if name in Channel else name or _("Not reported")


def format_reason(code: str) -> str:
    """Return the explanation of an error code or a status; a code without one as it is."""
    return capfirst(str(describe_code(code).explanation)) if get_code(code) else code


def format_span(span: Period) -> str:
    """Return the days of a span."""
    return span.label


def format_date(day: date) -> str:
    """Return ``November 30, 2026``."""
    return formats.date_format(day, "DATE_FORMAT")


def format_hour(moment: datetime) -> str:
    """Return ``Mon, 14:00``, in the project's time zone. In 48 hours no weekday comes back at the same hour."""
    local = timezone.localtime(moment)
    day, time = formats.date_format(local, "D"), formats.time_format(local, "H:i")
    return _("%(date)s, %(time)s") % {"date": day, "time": time}


def format_level(value: float) -> str:
    """Return a value of a chart's scale."""
    return humanize.number(value, decimals=0 if value == int(value) else 2)


def format_price_level(value: float, currency: str) -> str:
    """Return an amount of a chart's scale: ``€50`` or ``€0.25``."""
    amount = Decimal(str(value))
    return humanize.isolated(humanize.price(amount, currency, least_decimals=0))


def code_counts(label: str, codes: CodeTotals) -> str:
    """Return ``November 30, 2026: 12 sent, 11 delivered, 9 verified``."""
    return _("%(name)s: %(sent)s sent, %(delivered)s delivered, %(verified)s verified") % {
        "name": label,
        "sent": humanize.number(codes.sends),
        "delivered": humanize.number(codes.delivered),
        "verified": humanize.number(codes.validated),
    }
