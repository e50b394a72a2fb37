"""How numbers are written in each country, for the forms in which people type them."""

from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import cast

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberingPlan:
    """How the numbers of a country are written, by the example of its mobile numbers.

    In both patterns a ``#`` is a digit, and other characters are literal: ``0# ## ## ## ##`` and
    ``+33 # ## ## ## ##``. Countries that share a calling code share a plan: of those one is the ``main`` one.
    """

    calling_code: str
    national: str
    international: str
    main: bool


@cache
def numbering_plan(region: str) -> NumberingPlan:
    """Return how numbers of one of :func:`phone.regions` are written."""
    code = phonenumbers.country_code_for_region(region)
    mobile = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    example = mobile or cast("PhoneNumber", phonenumbers.example_number(region))  # Every region has one of some type.
    significant = phonenumbers.national_significant_number(example)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return NumberingPlan(
        calling_code=str(code),
        national=_pattern(national, significant),
        international=_pattern(international, significant),
        main=phonenumbers.region_code_for_country_code(code) == region,
    )


def _pattern(example: str, significant: str) -> str:
    """Return an example with ``#`` for its significant digits: those of a calling code or trunk prefix stay."""
    spare = sum(char.isdigit() for char in example) - len(significant)
    digits = count()
    return "".join("#" if char.isdigit() and next(digits) >= spare else char for char in example)
