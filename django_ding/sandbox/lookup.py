"""What lookup says of a number: country and kind from its digits, the rest made up but always the same."""

import zlib
from dataclasses import dataclass

from django_ding import phone
from django_ding.phone import LineType

from .numbers import special
from .outcomes import LINE_TYPES

#: Mobile country codes of some countries (ITU-T E.212). 001 is E.212's test network.
_MCC = {
    "AU": "505",
    "BE": "206",
    "BR": "724",
    "CA": "302",
    "CH": "228",
    "DE": "262",
    "ES": "214",
    "FR": "208",
    "GB": "234",
    "IN": "404",
    "IT": "222",
    "MX": "334",
    "NL": "204",
    "PT": "268",
    "US": "310",
}

#: Kinds that only libphonenumber tells apart, in the provider's words.
_SAID_AS = {LineType.FIXED_LINE_OR_MOBILE: LineType.MOBILE, LineType.PERSONAL_NUMBER: LineType.OTHER}


@dataclass(frozen=True, kw_only=True)
class Line:
    """The answer to a lookup."""

    country_code: str
    mcc: str
    mnc: str
    number_ported: bool
    temporary_phone_number: bool
    line_type: str
    caller_name: str


def network(phone_number: str) -> dict[str, str]:
    """Return the made-up ``mcc`` and ``mnc`` of a number."""
    digest = zlib.crc32(phone_number.encode())
    return {"mcc": _MCC.get(phone.country(phone_number), "001"), "mnc": f"{digest % 90 + 10}"}


def look_up(phone_number: str, outcome: str) -> Line:
    """Return what is known of a number. An outcome that is a kind of line replaces the true one."""
    known = phone.line_type(phone_number)
    return Line(
        country_code=phone.country(phone_number),
        **network(phone_number),
        number_ported=special(phone_number).ported,
        temporary_phone_number=special(phone_number).temporary,
        line_type=outcome if outcome in LINE_TYPES else _SAID_AS.get(known, known).value,
        caller_name=f"Caller {phone_number[-4:]}",
    )
