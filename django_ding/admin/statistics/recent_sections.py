"""The sections of the statistics page about the last 48 hours: is it only this carrier, now?"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding import clock, humanize
from django_ding.admin.display import carrier_name
from django_ding.admin.statistics.charts import column_chart
from django_ding.admin.statistics.formats import (
    code_counts,
    format_country,
    format_hour,
    format_level,
)
from django_ding.admin.statistics.links import Links
from django_ding.admin.statistics.recent import HOURS, Comparison, Recent
from django_ding.admin.statistics.sections import BACKEND, CARRIER, DELIVERED, SENT, VERIFIED, tick_positions
from django_ding.admin.statistics.tables import Column, Section
from django_ding.services import Drop, WatchResult

_HOUR = Column(name="hour", heading=gettext_lazy("Hour"), format=format_hour, is_number=False)
_RATES = [
    Column(name=name, heading=heading, format=humanize.percentage)
    for name, heading in {
        "delivery_hour": gettext_lazy("Delivery, last hour"),
        "delivery_day": gettext_lazy("Delivery, 24 hours"),
        "delivery_usual": gettext_lazy("Delivery, usual"),
        "conversion_hour": gettext_lazy("Conversion, last hour"),
        "conversion_day": gettext_lazy("Conversion, 24 hours"),
        "conversion_usual": gettext_lazy("Conversion, usual"),
    }.items()
]
_COLUMNS = [
    Column(name="sent_hour", heading=gettext_lazy("Sent, last hour"), format=humanize.number),
    *_RATES,
    Column(name="sent_day", heading=gettext_lazy("Sent, 24 hours"), format=humanize.number),
]


def get_recent_sections(recent: Recent, links: Links) -> list[Section]:
    """Return the sections about the last 48 hours."""
    return [
        _hours_section(recent, links),
        _comparison_section("carriers_now", _("Carriers now"), CARRIER, recent.carriers, recent.drops, links),
        _comparison_section("backends_now", _("Backends now"), BACKEND, recent.backends, recent.drops, links),
    ]


def drop_sentences(drops: Sequence[Drop]) -> list[str]:
    """Return ``208-01 (France): delivery 12 % (usually 93 %), conversion …, of 240 codes in the last hour.`` each."""
    sentences = []
    for (_field, _value), group in groupby(sorted(drops, key=_by_subject), key=_by_subject):
        found = list(group)
        shares = _join([_share(drop) for drop in found])
        values = {"subject": _subject(found[0]), "shares": shares, "codes": humanize.number(found[0].codes)}
        sentences.append(_("%(subject)s: %(shares)s, of %(codes)s codes in the last hour.") % values)
    return sentences


def _by_subject(drop: Drop) -> tuple[str, str]:
    return drop.field, drop.value


def _join(shares: Sequence[str]) -> str:
    """Return the one or two shares that a subject has. A language may write "and" as a prefix of the next word."""
    if len(shares) == 1:
        return shares[0]
    first, second = shares
    return _("%(first)s and %(second)s") % {"first": first, "second": second}


def _share(drop: Drop) -> str:
    text = _("delivery %(share)s (usually %(usual)s)")
    if drop.measure == "conversion":
        text = _("conversion %(share)s (usually %(usual)s)")
    return text % {
        "share": humanize.percentage(drop.share, decimals=0),
        "usual": humanize.percentage(drop.usual, decimals=0),
    }


def _subject(drop: Drop) -> str:
    names = {"carrier": carrier_name, "country": format_country, "backend": humanize.isolated}
    return names[drop.field](drop.value) if drop.field else _("All codes")


def _hours_section(recent: Recent, links: Links) -> Section:
    heading, hours = _("The last 48 hours"), recent.hours
    urls = [links.verifications_between(hour, hour + timedelta(hours=1)) for hour in hours]
    starts = list(hours)
    chart = column_chart(
        [codes.sends for codes in hours.values()],
        [code_counts(format_hour(hour), codes) for hour, codes in hours.items()],
        name="hours",
        title=heading,
        description=code_counts(_("Total"), recent.total),
        ticks={n + 0.5: format_hour(starts[n]) for n in tick_positions(HOURS)},
        format_level=format_level,
        lines={
            "delivered": [codes.delivered for codes in hours.values()],
            "verified": [codes.validated for codes in hours.values()],
        },
        urls=urls,
        partial={HOURS - 1},
    )
    return Section(
        name="hours",
        heading=heading,
        columns=[_HOUR, SENT, DELIVERED, VERIFIED],
        rows=[(hour, codes.sends, codes.delivered, codes.validated) for hour, codes in hours.items()][::-1],
        urls=urls[::-1],
        has_chart=True,
        chart=chart if recent.total.sends else None,
        note=_("Times: %(zone)s.") % {"zone": timezone.get_current_timezone_name()},
    )


def _comparison_section(
    name: str, heading: str, column: Column, rows: Sequence[Comparison], drops: Sequence[Drop], links: Links
) -> Section:
    now = clock.now()
    since, until = now - timedelta(days=1), now - WatchResult.NEWEST
    dropped = {(drop.value, f"{drop.measure}_hour") for drop in drops if drop.field == column.name}
    return Section(
        name=name,
        heading=heading,
        columns=[column, *_COLUMNS],
        rows=[_row(row) for row in rows],
        urls=[links.verifications_between(since, until, **{column.name: row.name}) for row in rows],
        bad={(n, cell.name) for n, row in enumerate(rows) for cell in _RATES if (row.name, cell.name) in dropped},
        note=_("Codes requested in the last 15 minutes don't count yet. Usual is the last seven days."),
    )


def _row(row: Comparison) -> tuple[object, ...]:
    times = (row.hour, row.day, row.usual)
    return (
        row.name,
        row.hour.sends,
        *(codes.delivery_rate for codes in times),
        *(codes.conversion_rate for codes in times),
        row.day.sends,
    )
