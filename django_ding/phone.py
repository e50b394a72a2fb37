"""Phone numbers as people type them, in E.164, with their destination and line type.

Pure functions over text. But for ``numbering_plans``, this is the only module that imports ``phonenumbers``.
"""

import re
from functools import lru_cache
from typing import TypeAlias

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from django_ding.fictional_numbers import find_range
from django_ding.line_types import LineType
from django_ding.typed import NotAPhoneNumber as NotAPhoneNumber
from django_ding.typed import Reason as Reason
from django_ding.typed import read_number

#: E.164 (ITU-T E.164, 6.2): a plus sign and at most fifteen digits, the first of which is not zero.
E164 = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)

_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}", re.ASCII)

#: A number as people type it, or an object of ``phonenumbers``, such as the value of django-phonenumber-field's fields.
AnyNumber: TypeAlias = str | PhoneNumber

#: Calling codes of satellite networks and global services, which belong to no country (ITU-T E.164, 6.2.2 and 6.2.3).
NON_GEOGRAPHIC_CODES = tuple(f"+{code}" for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))

_VARYING_DIGITS = 4
_RECENT = 128  # Several rooms ask the same of a number while a request is answered.
_SEPARATORS = re.compile(r"[^0-9+]", re.ASCII)
#: Calling code → what mobile numbers there once began with, before the number of today. Address books still have it.
#: Mexico: +52 1 55 1234 5678 from abroad, 044 or 045 and 01 or 02 at home, until 2019 (Instituto Federal de
#: Telecomunicaciones, Plan Técnico Fundamental de Numeración).
_RETIRED_PREFIXES = {52: re.compile(r"(?:0(?:[12]|4[45])|1)([0-9]{10})", re.ASCII)}


def as_text(number: AnyNumber) -> str:
    """Return an object of ``phonenumbers`` in E.164, with its extension, and a text as it is.

    An object that is no number is what was entered. ``str()`` of one may be in the national format.
    """
    if not isinstance(number, PhoneNumber):
        return number
    if not number.country_code or number.national_number is None:
        return str(number.raw_input or "")
    extension = f";ext={number.extension}" if number.extension else ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) + extension


def parse(typed: AnyNumber, region: str | None = None) -> str:
    """Return the E.164 form of a number as a person typed it.

    Spaces, dashes, dots, brackets, a ``00`` prefix, a ``tel:`` link, and full-width, Arabic-Indic or any other
    Unicode decimal digits are understood. Letters are not: ``1-800-FLOWERS`` is refused rather than guessed. A blank
    before the first digit may have been a plus sign, so a number that is valid with and without one is refused.

    :param typed: what was typed, at most 64 characters, or an object of ``phonenumbers``.
    :param region: ISO 3166-1 alpha-2 code of the country that national numbers belong to, such as ``"FR"``.
    :raises NotAPhoneNumber: with the :class:`Reason`.
    """
    number = read_number(as_text(typed))
    found = _attempt(number.text, region)
    if number.has_extension:  # That of masked digits is none: +33 6 12 34 5X 78.
        raise NotAPhoneNumber(Reason.EXTENSION if found else Reason.NOT_A_NUMBER)
    abroad = _attempt(f"+{number.text}") if number.may_lack_plus else None
    if found and abroad and found != abroad:
        raise NotAPhoneNumber(Reason.NEEDS_COUNTRY)
    return found or abroad or _find(number.text, region)  # The last one raises why there is neither.


def parse_stored(typed: AnyNumber, region: str | None = None) -> str:
    """Return what :func:`parse` does, for a search of rows: they may have numbers that plans no longer have.

    :raises NotAPhoneNumber: for a number that :func:`parse` refuses, unless it is a whole one with ``+`` or ``00``.
    """
    try:
        return parse(typed, region)
    except NotAPhoneNumber:
        found = read_number(as_text(typed))
        number = re.sub("^00", "+", _SEPARATORS.sub("", found.text))
        if found.has_extension or not is_e164(number):
            raise
        return number


def is_e164(text: str) -> bool:
    """Return whether ``text`` is written in E.164. Whether such a number exists, :func:`parse` checks."""
    return E164.fullmatch(text) is not None


def is_prefix(text: str) -> bool:
    """Return whether numbers in E.164 may begin with this text, such as ``+22997``."""
    return _PREFIX.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Return whether ``text`` is the ISO 3166-1 alpha-2 code of a country with a numbering plan."""
    return text in phonenumbers.SUPPORTED_REGIONS


def is_destination(text: str) -> bool:
    """Return whether valid numbers have this :func:`destination`."""
    return is_region(text) or text in NON_GEOGRAPHIC_CODES


def regions() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 codes of all countries with a numbering plan."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def country(phone_number: str) -> str:
    """Return the ISO 3166-1 alpha-2 country of an E.164 number, ``""`` when it belongs to none (satellite, +800)."""
    found = destination(phone_number)
    return "" if found.startswith("+") else found


@lru_cache(_RECENT)
def destination(phone_number: str) -> str:
    """Return where a message to an E.164 number goes: its country or, where it has none, its calling code, ``+870``."""
    try:
        number = _parsed(phone_number)
    except NumberParseException:  # No plan has its calling code.
        return ""
    region = phonenumbers.region_code_for_number(number)
    if region and region.isalpha():
        return region
    return reserved.country if (reserved := find_range(phone_number)) else f"+{number.country_code}"


def prefix(phone_number: str) -> str:
    """Return an E.164 number without its last four digits, ``+3361234``: who rotates numbers stays within one."""
    return phone_number[:-_VARYING_DIGITS]


def line_type(phone_number: str) -> LineType:
    """Return the kind of line of an E.164 number, as far as its digits show it: ``UNKNOWN`` if no plan has it."""
    planned = _planned_type(phone_number)
    if planned in _LINE_TYPES:
        return _LINE_TYPES[planned]
    return LineType.MOBILE if find_range(phone_number) else LineType.UNKNOWN


def is_valid(phone_number: str) -> bool:
    """Return whether plans have an E.164 number today, for fiction at least. One verified long ago may be outdated."""
    return line_type(phone_number) is not LineType.UNKNOWN


def mobile_digits(phone_number: str) -> tuple[str, str]:
    """Return the calling code of a landline and the digits that make a mobile number of it, ``("", "")`` elsewhere.

    In Argentina they are ``("+54", "9")``: +54 11 2345-6789 is the landline, +54 9 11 2345-6789 the mobile number.
    """
    country_code = _parsed(phone_number).country_code or 0
    code, digits = f"+{country_code}", phonenumbers.country_mobile_token(country_code)
    is_mobile = digits and line_type(code + digits + phone_number[len(code) :]) is LineType.MOBILE
    return (code, digits) if is_mobile else ("", "")


def mask(phone_number: str) -> str:
    """Return an E.164 number for logs, reprs and people who may not see it: ``+33*******78``.

    The calling code and the last two digits stay.
    """
    try:
        prefix = f"+{_parsed(phone_number).country_code}"
    except NumberParseException:
        prefix = ""
    return prefix + "*" * max(len(phone_number) - len(prefix) - 2, 0) + phone_number[-2:]


def spaced(phone_number: str) -> str:
    """Return an E.164 number as people write it abroad: ``+33 6 12 34 56 78``. What is too short for one stays.

    The spaces are no-break ones, so that a number stays on one line in sentences, too.
    """
    try:
        number = _parsed(phone_number)
    except NumberParseException:
        return phone_number
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return written.replace(" ", "\u00a0")


@lru_cache(_RECENT)
def _parsed(phone_number: str, region: str | None = None) -> PhoneNumber:
    return phonenumbers.parse(phone_number, region)


@lru_cache(_RECENT)
def _planned_type(phone_number: str) -> int:
    """Return what plans say of an E.164 number, as a ``PhoneNumberType``: ``UNKNOWN`` means that it is not valid."""
    try:
        return phonenumbers.number_type(_parsed(phone_number))
    except NumberParseException:
        return PhoneNumberType.UNKNOWN


def _attempt(text: str, region: str | None = None) -> str | None:
    try:
        return _find(text, region)
    except NotAPhoneNumber:
        return None


def _find(text: str, region: str | None = None) -> str:
    """Return the E.164 form of a number in ASCII."""
    try:
        return _find_valid(text, region)
    except NotAPhoneNumber:
        if not text.startswith("00"):
            raise
        # ITU-T's 00 is understood everywhere, also where it isn't how people dial abroad.
        return _find_valid(f"+{text[2:].lstrip()}")


def _find_valid(text: str, region: str | None = None) -> str:
    try:
        # Without a region as the others ask, so that E.164, which most apps send, is parsed once.
        number = _parsed(text, region) if region else _parsed(text)
    except NumberParseException as error:
        raise NotAPhoneNumber(_parse_reason(error, text, region)) from None
    number = _without_retired_prefix(number)
    if region:
        number = _with_lost_plus(number, text, region)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _planned_type(written) == PhoneNumberType.UNKNOWN:
        raise NotAPhoneNumber(_POSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), Reason.UNASSIGNED))
    return written


def _without_retired_prefix(number: PhoneNumber) -> PhoneNumber:
    prefix = _RETIRED_PREFIXES.get(number.country_code or 0)
    match = prefix and prefix.fullmatch(phonenumbers.national_significant_number(number))
    return _parsed(f"+{number.country_code}{match[1]}") if match else number


def _with_lost_plus(number: PhoneNumber, text: str, region: str) -> PhoneNumber:
    """Return what the text is with a plus sign, if that is valid and the number without one is no mobile's.

    In Germany, 49 151 12345678 is a mobile number whose owner left out the plus, and to the digits alone a landline in
    the town whose area code is 04915.
    """
    digits = _SEPARATORS.sub("", text)
    code = phonenumbers.country_code_for_region(region)
    if not code or not digits.startswith(str(code)) or phonenumbers.number_type(number) in _MOBILE_TYPES:
        return number
    try:
        with_plus = _parsed(f"+{digits}")
    except NumberParseException:
        return number
    return with_plus if phonenumbers.is_valid_number(with_plus) else number


def _parse_reason(error: NumberParseException, digits: str, region: str | None) -> Reason:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not digits.startswith("+") and not region:
        return Reason.NEEDS_COUNTRY
    return _PARSE_REASONS.get(error.error_type, Reason.NOT_A_NUMBER)


_PARSE_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
    NumberParseException.TOO_LONG: Reason.TOO_LONG,
}

_POSSIBLE = {
    ValidationResult.TOO_SHORT: Reason.TOO_SHORT,
    ValidationResult.TOO_LONG: Reason.TOO_LONG,
    ValidationResult.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Reason.TOO_SHORT,
}

_MOBILE_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)

_LINE_TYPES = {
    PhoneNumberType.FIXED_LINE: LineType.FIXED_LINE,
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: LineType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: LineType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: LineType.SHARED_COST,
    PhoneNumberType.VOIP: LineType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: LineType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER: LineType.PAGER,
    PhoneNumberType.UAN: LineType.UNIVERSAL_ACCESS,
    PhoneNumberType.VOICEMAIL: LineType.VOICE_MAIL,
}
