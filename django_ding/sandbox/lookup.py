"""The answer to a lookup: country and line type come from the digits, the rest is made up but always the same."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from django_ding import phone
from django_ding.line_types import LineType

#: Version 1's words for line types, each with version 2's.
V2_LINE_TYPES: Mapping[str, str] = {
    "CallingCards": "calling_cards",
    "FixedLine": "fixed_line",
    "InternetServiceProvider": "isp",
    "LocalRate": "local_rate",
    "Mobile": "mobile",
    "Other": "other",
    "Pager": "pager",
    "PayPhone": "payphone",
    "PremiumRate": "premium_rate",
    "Satellite": "satellite",
    "Service": "service",
    "SharedCost": "shared_cost",
    "ShortCodesCommercial": "short_codes_commercial",
    "TollFree": "toll_free",
    "UniversalAccess": "universal_access",
    "Unknown": "unknown",
    "VPN": "vpn",
    "VoiceMail": "voice_mail",
    "Voip": "voip",
}

#: The line types of version 1's lookup.
LINE_TYPES = tuple(V2_LINE_TYPES)

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

#: Mobile network codes (ITU-T E.212).
_MNC = ("01", "10", "20")

#: Version 1's words for the line types that libphonenumber can read from a number's digits. The provider has no word
#: for "fixed line or mobile" and for personal numbers.
_LINE_TYPES = {
    LineType.FIXED_LINE: "FixedLine",
    LineType.FIXED_LINE_OR_MOBILE: "Mobile",
    LineType.MOBILE: "Mobile",
    LineType.PAGER: "Pager",
    LineType.PERSONAL_NUMBER: "Other",
    LineType.PREMIUM_RATE: "PremiumRate",
    LineType.SHARED_COST: "SharedCost",
    LineType.TOLL_FREE: "TollFree",
    LineType.UNIVERSAL_ACCESS: "UniversalAccess",
    LineType.VOICE_MAIL: "VoiceMail",
    LineType.VOIP: "Voip",
}


@dataclass(frozen=True, kw_only=True)
class SimLookup:
    """The answer to a lookup."""

    country_code: str
    mcc: str
    mnc: str
    number_ported: bool
    temporary_phone_number: bool
    line_type: str
    caller_name: str


def network(phone_number: str) -> dict[str, str]:
    """Return ``mcc`` and ``mnc`` of a number: one of a few made-up networks, so that each has many numbers."""
    # A checksum, since hash() of a text differs from one process to the next.
    digest = zlib.crc32(phone_number.encode())
    return {"mcc": _MCC.get(phone.country(phone_number), "001"), "mnc": _MNC[digest % len(_MNC)]}


def describe_line(phone_number: str, *, line_type: str | None, ported: bool, temporary: bool) -> SimLookup:
    """Return what is known of a number.

    :param line_type: replaces the one that the digits show.
    """
    return SimLookup(
        country_code=phone.country(phone_number),
        **network(phone_number),
        number_ported=ported,
        temporary_phone_number=temporary,
        line_type=line_type or _LINE_TYPES.get(phone.line_type(phone_number), "Unknown"),
        caller_name=f"Caller {phone_number[-4:]}",
    )
