"""The charts of bars below one another: where codes are entered, where they are not, and why some were never sent."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from django_ding.admin import wording
from django_ding.admin.statistics import charts, tables, words
from django_ding.admin.statistics.parts import Part
from django_ding.admin.statistics.reading import LEAST_SENDS, Codes, Figures, summed
from django_ding.admin.statistics.tables import Table

_MOST_ROWS = 10


def parts(figures: Figures, worst_prefixes: Sequence[Codes]) -> list[Part]:
    """Return the parts of the page with these charts."""
    return [
        _conversion(
            "countries", _("Share entered, by country"), figures.countries, words.country, tables.countries(figures)
        ),
        _conversion(
            "channels", _("Share entered, by channel"), figures.channels, words.channel, tables.channels(figures)
        ),
        _conversion(
            "prefixes",
            _("Prefixes with the smallest share entered"),
            worst_prefixes,
            words.left_to_right,
            tables.prefixes(worst_prefixes),
            note=_("Of the prefixes with at least %(number)s codes sent.") % {"number": words.number(LEAST_SENDS)},
        ),
        _reasons("guard", _("Refused by the guard"), figures.guard, words.guard_reason),
        _reasons("provider", _("Refused or failed at the provider"), figures.provider, words.reason),
    ]


def _conversion(
    name: str, heading: str, found: Sequence[Codes], word: Callable[[str], str], table: Table, *, note: str = ""
) -> Part:
    rows = [(_label(one, word), words.share(one.conversion), one.conversion or 0) for one in found[:_MOST_ROWS]]
    if len(found) > _MOST_ROWS:
        rest = summed(found[_MOST_ROWS - 1 :])
        rows[-1] = (_label(rest, lambda _name: _("Others")), words.share(rest.conversion), rest.conversion or 0)
    chart = charts.ranking(rows, name=name, title=heading, description=_described(rows), most=1)
    return Part(name=name, heading=heading, table=table, chart=chart if rows else None, note=note)


def _label(codes: Codes, word: Callable[[str], str]) -> str:
    return _("%(name)s · %(sent)s") % {"name": word(codes.name), "sent": words.sent(codes.sends)}


def _reasons(name: str, heading: str, found: Mapping[str, int], word: Callable[[str], str]) -> Part:
    rows = [(word(code), words.number(count), count) for code, count in list(found.items())[:_MOST_ROWS]]
    chart = charts.ranking(rows, name=name, title=heading, description=_described(rows))
    return Part(name=name, heading=heading, table=tables.reasons(found, word), chart=chart if rows else None)


def _described(rows: Sequence[tuple[str, str, float]]) -> str:
    return ", ".join(wording.told(label, value) for label, value, _size in rows)
