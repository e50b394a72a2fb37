"""Phone numbers as people type them, in E.164, with their destination and line type.

Pure functions over text. This is the only module that imports ``phonenumbers``.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from itertools import count
from pathlib import Path
from typing import cast
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from django_ding.line_types import LineType

#: E.164 (ITU-T E.164, 6.2): a plus sign and at most fifteen digits, the first of which is not zero.
E164 = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)

#: Calling codes of satellite networks and global services, which belong to no country (ITU-T E.164, 6.2.2 and 6.2.3).
NON_GEOGRAPHIC_CODES = tuple(f"+{code}" for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))

_MAX_TYPED_LENGTH = 64
_VARYING_DIGITS = 4
_RECENT = 128  # Several rooms ask the same of a number while a request is answered.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")  # noqa: RUF001
_TYPED = re.compile(r"\+?[ (\[]*[0-9][0-9 ()\[\].\-/]*", re.ASCII)
_EXTENSION = re.compile(r"(;ext=|ext(ension|\.)?|x|#|,|;)\s*\.?:?\s*[0-9]+#?$", re.ASCII | re.IGNORECASE)


class Reason(StrEnum):
    """Why a text is not a phone number that can be verified."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NEEDS_COUNTRY = "needs_country"
    UNKNOWN_COUNTRY = "unknown_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNASSIGNED = "unassigned"
    EXTENSION = "extension"


class NotAPhoneNumber(ValueError):
    """Raised by :func:`parse`; ``reason`` says why. The text itself is never part of the message."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberingPlan:
    """How the numbers of a country are written, by the example of its mobile numbers.

    In both patterns a ``#`` stands for a digit and other characters for themselves: ``0# ## ## ## ##`` and
    ``+33 # ## ## ## ##``. Countries that share a calling code share a plan: of those one is the ``main`` one.
    """

    calling_code: str
    national: str
    international: str
    main: bool


def parse(typed: str, region: str | None = None) -> str:
    """Return the E.164 form of a number as a person typed it.

    Spaces, dashes, dots, brackets, a ``00`` prefix, a ``tel:`` link, and full-width, Arabic-Indic or any other
    Unicode decimal digits are understood. Letters are not: ``1-800-FLOWERS`` is refused rather than guessed.

    :param typed: what was typed, at most 64 characters.
    :param region: ISO 3166-1 alpha-2 code of the country that national numbers belong to, such as ``"FR"``.
    :raises NotAPhoneNumber: with the :class:`Reason`.
    """
    digits = _clean(typed)
    try:
        return _parse_valid(digits, region)
    except NotAPhoneNumber:
        if not digits.startswith("00"):
            raise
        return _parse_valid("+" + digits[2:].lstrip(), region)


def simplify(text: str) -> str:
    """Return ``text`` with every decimal digit and dash in ASCII, without invisible marks, otherwise as NFKC has it."""
    visible = (char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return "".join(str(unicodedata.decimal(char, char)) for char in visible).translate(_DASHES)


def is_e164(text: str) -> bool:
    """Return whether ``text`` is written in E.164. Whether such a number exists, :func:`parse` checks."""
    return E164.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Return whether ``text`` is the ISO 3166-1 alpha-2 code of a country with a numbering plan."""
    return text in phonenumbers.SUPPORTED_REGIONS


def is_destination(text: str) -> bool:
    """Return whether valid numbers have this :func:`destination`."""
    return is_region(text) or text in NON_GEOGRAPHIC_CODES


def regions() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 codes of all countries with a numbering plan."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


@cache
def numbering_plan(region: str) -> NumberingPlan:
    """Return how numbers of one of the :func:`regions` are written."""
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


def country_name(region: str, language: str) -> str:
    """Return the name of a country in a language (ISO 639-1, such as ``"fr"``), ``""`` where the data has none."""
    names = _country_names().get(region, {})
    name = names.get(language, "")
    return names[name[1:]] if name.startswith("*") else name


def country(phone_number: str) -> str:
    """Return the ISO 3166-1 alpha-2 country of an E.164 number, ``""`` when it belongs to none (satellite, +800)."""
    found = destination(phone_number)
    return "" if found.startswith("+") else found


@lru_cache(_RECENT)
def destination(phone_number: str) -> str:
    """Return where a message to an E.164 number goes: its country or, where it has none, its calling code, ``+870``."""
    number = _parsed(phone_number)
    region = phonenumbers.region_code_for_number(number)
    return region if region and region.isalpha() else f"+{number.country_code}"


def prefix(phone_number: str) -> str:
    """Return an E.164 number without its last four digits, ``+3361234``: who rotates numbers stays within one."""
    return phone_number[:-_VARYING_DIGITS]


@lru_cache(_RECENT)
def line_type(phone_number: str) -> LineType:
    """Return the kind of line of an E.164 number, as far as its digits show it."""
    return _LINE_TYPES.get(phonenumbers.number_type(_parsed(phone_number)), LineType.UNKNOWN)


def mask(phone_number: str) -> str:
    """Return an E.164 number fit for logs and reprs: the calling code and the last two digits, ``+33*******78``."""
    try:
        prefix = f"+{phonenumbers.parse(phone_number).country_code}"
    except NumberParseException:
        prefix = ""
    return prefix + "*" * max(len(phone_number) - len(prefix) - 2, 0) + phone_number[-2:]


def spaced(phone_number: str) -> str:
    """Return an E.164 number as people write it abroad: ``+33 6 12 34 56 78``. What is too short for one stays."""
    try:
        number = phonenumbers.parse(phone_number)
    except NumberParseException:
        return phone_number
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@lru_cache(_RECENT)
def _parsed(phone_number: str, region: str | None = None) -> PhoneNumber:
    return phonenumbers.parse(phone_number, region)


def _clean(typed: str) -> str:
    if len(typed) > _MAX_TYPED_LENGTH:
        raise NotAPhoneNumber(Reason.TOO_LONG)
    text = " ".join(simplify(typed).split())
    if text[:4].lower() == "tel:":
        text = _from_tel_uri(text[4:].lstrip(" /"))
    if not text:
        raise NotAPhoneNumber(Reason.EMPTY)
    if _EXTENSION.search(text):
        raise NotAPhoneNumber(Reason.EXTENSION)
    text = text.lstrip("([ ")
    if not _TYPED.fullmatch(text):
        raise NotAPhoneNumber(Reason.NOT_A_NUMBER)
    return text


def _pattern(example: str, significant: str) -> str:
    """Return an example with ``#`` for its significant digits: those of a calling code or trunk prefix stay."""
    spare = sum(char.isdigit() for char in example) - len(significant)
    digits = count()
    return "".join("#" if char.isdigit() and next(digits) >= spare else char for char in example)


@cache
def _country_names() -> Mapping[str, Mapping[str, str]]:
    """Return country → language → name, or ``*`` and the language that it is written as in.

    The file is run by itself: importing it by its name would load the geocoding of the whole world, too, which takes
    100 MB and half a second.
    """
    name = "phonenumbers.geodata.locale"
    loader = SourceFileLoader(name, str(Path(phonenumbers.__file__).with_name("geodata") / "locale.py"))
    module = module_from_spec(ModuleSpec(name, loader, origin=loader.path))
    loader.exec_module(module)
    names: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return names


def _from_tel_uri(text: str) -> str:
    """Resolve the parameters of a ``tel:`` link (RFC 3966): a numeric phone-context is the number's prefix."""
    number, *parameters = unquote(text).split(";")
    named = dict(parameter.lower().partition("=")[::2] for parameter in parameters)
    if "ext" in named:
        raise NotAPhoneNumber(Reason.EXTENSION)
    context = named.get("phone-context", "")
    return context + number if context.startswith("+") and not number.startswith("+") else number


def _parse_valid(digits: str, region: str | None) -> str:
    try:
        # Without a region as the others ask, so that E.164, which most apps send, is parsed once.
        number = _parsed(digits, region) if region else _parsed(digits)
    except NumberParseException as error:
        raise NotAPhoneNumber(_parse_reason(error, digits, region)) from None
    if not phonenumbers.is_valid_number(number):
        raise NotAPhoneNumber(_POSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), Reason.UNASSIGNED))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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
