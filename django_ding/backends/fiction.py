"""Numbers that are reserved for films and books: where nothing is sent, they get codes like others.

With a real provider they aren't valid, even with ``DEBUG``: each request would cost money and reach no one.
"""

from django_ding import phone
from django_ding.backends import get_backend
from django_ding.conf import ding_settings
from django_ding.fictional_numbers import find_range, read_fictional


def parse_number(typed: phone.AnyNumber, region: str | None = None) -> str:
    """Return the E.164 form of a number as a person typed it, a fictional one where it gets codes.

    :param region: ISO 3166-1 alpha-2 code of the country that national numbers belong to.
    :raises NotAPhoneNumber: as :func:`django_ding.phone.parse` does.
    """
    typed = phone.as_text(typed)
    if ding_settings.TEST_NUMBERS or _is_sandboxed():  # Elsewhere, no number is read twice.
        reserved = read_fictional(typed, region)
        if reserved and _gets_codes(reserved):
            return reserved
    return phone.parse(typed, region)


def is_out_of_place(phone_number: str) -> bool:
    """Return whether a number gets no codes here because no plan but fiction has it, such as +44 7700 900123."""
    return find_range(phone_number) is not None and not _gets_codes(phone_number) and not _is_planned(phone_number)


def _gets_codes(phone_number: str) -> bool:
    return phone_number in ding_settings.TEST_NUMBERS or _is_sandboxed()


def _is_sandboxed() -> bool:
    return all(get_backend(alias).is_sandbox for alias in ding_settings.BACKENDS)


def _is_planned(phone_number: str) -> bool:
    try:
        return phone.parse(phone_number) == phone_number
    except phone.NotAPhoneNumber:
        return False
