"""Validators of numbers and countries.

They import the numbering plans when a value is validated. The settings themselves are loaded when Django starts, in
processes that see no number, too.
"""

from functools import lru_cache


def is_region(value: str) -> bool:
    """Return whether this is the ISO 3166-1 alpha-2 code of a country with a numbering plan."""
    from django_ding import phone

    return phone.is_region(value)


def is_destination(value: str) -> bool:
    """Return whether this is the code of such a country, or the calling code of a network without a country."""
    from django_ding import phone

    return phone.is_destination(value)


@lru_cache(maxsize=64)
def is_e164(number: object) -> bool:
    """Return whether this is a valid number, written in E.164. Test numbers may be fictional: no message goes there."""
    from django_ding import phone
    from django_ding.fictional_numbers import find_range

    try:
        return isinstance(number, str) and (find_range(number) is not None or phone.parse(number) == number)
    except phone.NotAPhoneNumber:
        return False
