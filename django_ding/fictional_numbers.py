"""Mobile numbers that regulators reserve for films, books and documentation, and assign to no subscriber.

Numbering plans leave most of them out, so that libphonenumber calls them invalid. Where nothing is sent they are what
people try first. Pure functions over text.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django_ding.typed import NotAPhoneNumber, read_number

_RECENT = 128
_AUSTRALIAN = (
    "570006 570110 570156 570157 570158 570159 570313 570737 571266 571491 571804 572549 572665 572983 573087 573770 "
    "574118 574632 575254 575789 576398 576801 577426 577644 578148 578888 578957 579212 579455 579760"
)


@dataclass(frozen=True, kw_only=True)
class FictionalRange:
    """A range of a country.

    :ivar digits: a pattern of the digits after the calling code.
    :ivar example: how people there write one of them.
    :ivar source: who reserves it, and where that is published.
    """

    country: str
    calling_code: str
    digits: str
    example: str
    source: str

    @cached_property
    def e164(self) -> re.Pattern[str]:
        """The pattern of its numbers in E.164."""
        return re.compile(rf"\+{self.calling_code}(?:{self.digits})")

    @cached_property
    def abroad(self) -> re.Pattern[str]:
        """The pattern of the digits that are typed with a calling code. A trunk prefix may follow it: +44 (0)7700."""
        return re.compile(rf"(?:00)?{self.calling_code}0?({self.digits})")

    @cached_property
    def national(self) -> re.Pattern[str]:
        """The pattern of the digits that are typed in its country."""
        return re.compile(rf"0?({self.digits})")


#: By country. Everything else of a country is up to its numbering plan. The documentation shows this table.
FICTIONAL_RANGES = (
    FictionalRange(
        country="AU",
        calling_code="61",
        digits=f"491(?:{_AUSTRALIAN.replace(' ', '|')})",
        example="0491 570 156",
        source="ACMA, Phone numbers for use in TV shows, films and creative works",
    ),
    FictionalRange(
        country="DE",
        calling_code="49",
        digits="17139200[0-9]{2}|176040690[0-9]{2}",
        example="0171 39200 12",
        source="Bundesnetzagentur, Mitteilung 148/2021, Rufnummern für Medienproduktionen",
    ),
    FictionalRange(
        country="FR",
        calling_code="33",
        digits="63998[0-9]{4}",
        example="06 39 98 12 34",
        source="Arcep, plan national de numérotation, décision 2018-0881",
    ),
    FictionalRange(
        country="GB",
        calling_code="44",
        digits="7700900[0-9]{3}",
        example="07700 900123",
        source="Ofcom, Telephone numbers for use in TV and radio drama programmes",
    ),
    FictionalRange(
        country="IE",
        calling_code="353",
        digits="2091[0-9]{5}",
        example="020 91 01234",
        source="ComReg, National Numbering Scheme, numbers for use in dramas",
    ),
    FictionalRange(
        country="SE",
        calling_code="46",
        digits="7017406(?:0[5-9]|[1-9][0-9])",
        example="070-174 06 12",
        source="PTS, telefonnummer för användning i böcker och filmer",
    ),
    FictionalRange(
        country="US",
        calling_code="1",
        digits="[2-9][0-9]{2}55501[0-9]{2}",
        example="(202) 555-0123",
        source="NANPA, 555 line number reservations: 0100 to 0199 of each area code",
    ),
)


@lru_cache(_RECENT)
def find_range(phone_number: str) -> FictionalRange | None:
    """Return the range that an E.164 number is in, ``None`` for a number that may be assigned."""
    for found in FICTIONAL_RANGES:
        if found.e164.fullmatch(phone_number):
            return found
    return None


def read_fictional(typed: str, region: str | None = None) -> str | None:
    """Return the E.164 form of a fictional number as a person typed it, ``None`` for any other text.

    :param region: ISO 3166-1 alpha-2 code of the country that national numbers belong to.
    """
    try:
        number = read_number(typed)
    except NotAPhoneNumber:
        return None
    digits = "" if number.has_extension else re.sub("[^0-9]", "", number.text)
    is_abroad = number.text.startswith(("+", "00")) or number.may_lack_plus
    for found in FICTIONAL_RANGES:
        pattern = found.abroad if is_abroad else found.national
        if (is_abroad or found.country == region) and (match := pattern.fullmatch(digits)):
            return f"+{found.calling_code}{match[1]}"
    return None
