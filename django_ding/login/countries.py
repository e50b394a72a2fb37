"""The countries a visitor can choose from, and which one is likely theirs."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from django_ding import phone
from django_ding.conf import ding_settings
from django_ding.countries import name_of
from django_ding.phone import NumberingPlan


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """A country as it is offered: ``str()`` is its name and calling code, ``France (+33)``."""

    region: str
    name: str
    plan: NumberingPlan

    def __str__(self) -> str:
        # Isolated, so that the plus sign stays before its digits in a right-to-left name.
        return f"{self.name} (\u2066+{self.plan.calling_code}\u2069)"


def countries() -> tuple[Country, ...]:
    """Return the countries that codes may go to, sorted by their names in the active language."""
    served = _served()
    return tuple(country for country in _all_countries(get_language() or "en") if country.region in served)


def language_region(request: HttpRequest) -> str | None:
    """Guess a visitor's country by the language they like best: ``fr-CA`` is ``"CA"``.

    A language that names no country that is served, such as ``fr``, leaves ``DING["DEFAULT_REGION"]``.
    """
    accepted = [tag.split("-") for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    liked_best = [subtags for subtags in accepted if subtags[0] == accepted[0][0]]
    named = (subtag.upper() for subtags in liked_best for subtag in subtags[1:])
    served = _served()
    return next((region for region in named if region in served), ding_settings.DEFAULT_REGION)


@lru_cache(maxsize=64)  # The active language is one of LANGUAGES.
def _all_countries(language: str) -> tuple[Country, ...]:
    offered = (
        Country(region=region, name=name_of(region), plan=phone.numbering_plan(region)) for region in phone.regions()
    )
    return tuple(sorted(offered, key=_sorting))


def _sorting(country: Country) -> str:
    """Sort ``Österreich`` at O, as most people look for it."""
    letters = unicodedata.normalize("NFKD", country.name)
    return "".join(char for char in letters if not unicodedata.combining(char)).casefold()


def _served() -> frozenset[str]:
    allowed = ding_settings.ALLOWED_COUNTRIES
    return (phone.regions() if allowed is None else frozenset(allowed)).difference(ding_settings.BLOCKED_COUNTRIES)
