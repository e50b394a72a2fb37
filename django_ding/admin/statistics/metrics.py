"""The key figures, and how they have changed since the period before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from django_ding.admin.statistics import words
from django_ding.admin.statistics.reading import Codes, Figures


@dataclass(frozen=True, kw_only=True)
class Change:
    """How much more or less it is: ``direction`` is ``up``, ``down`` or ``same``."""

    text: str
    direction: str


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure under its name. ``change`` is missing where there is nothing to compare it with."""

    label: str
    value: str
    change: Change | None = None
    note: str = ""


def tiles(now: Figures, before: Figures | None) -> list[Tile]:
    """Return the key figures of a period.

    :param before: the figures of the period before, if it was rolled up as a whole.
    """
    total, former = now.total, before.total if before else Codes()
    delivery, conversion = total.delivery, total.conversion
    median, former_median = now.wait(0.5), before.wait(0.5) if before else None
    return [
        Tile(
            label=_("Codes sent"),
            value=words.number(total.sends),
            change=_growth(total.sends, former.sends),
        ),
        Tile(
            label=_("Reported as delivered"),
            value=words.share(delivery),
            change=_points(delivery, former.delivery),
            note="" if delivery is not None or not total.sends else _("No delivery was reported."),
        ),
        Tile(label=_("Entered"), value=words.share(conversion), change=_points(conversion, former.conversion)),
        *_costs(now, before),
        Tile(
            label=_("Median time to enter"),
            value=words.duration(median),
            change=_seconds(median, former_median),
        ),
    ]


def _costs(now: Figures, before: Figures | None) -> Iterator[Tile]:
    for name, amounts in now.costs.items():
        amount = sum(amounts.values())
        former = sum(before.costs.get(name, {}).values()) if before else None
        yield Tile(label=words.cost_in(name), value=words.number(amount, decimals=2), change=_growth(amount, former))
    if not now.costs:
        yield Tile(label=words.cost_in(""), value=words.NOTHING)


def _growth(now: Any, before: Any) -> Change | None:
    if not before:
        return None
    growth = float(now) / float(before) - 1
    return _change(growth, words.share(abs(growth)))


def _points(now: float | None, before: float | None) -> Change | None:
    if now is None or before is None:
        return None
    points = words.number(abs(now - before) * 100, decimals=1)
    return _change(now - before, _("%(number)s points") % {"number": points})


def _seconds(now: int | None, before: int | None) -> Change | None:
    if now is None or before is None:
        return None
    return _change(now - before, words.duration(abs(now - before)))


def _change(difference: float, text: str) -> Change:
    direction = "up" if difference > 0 else "down" if difference < 0 else "same"
    return Change(text=words.signed(difference, text), direction=direction)
