"""The types of line that a number may have."""

from enum import StrEnum


class LineType(StrEnum):
    """The type of line behind a number, as a provider's lookup or the number itself says.

    ``FIXED_LINE_OR_MOBILE`` and ``PERSONAL_NUMBER`` come from libphonenumber only: no lookup answers with them.
    """

    FIXED_LINE = "fixed_line"
    MOBILE = "mobile"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL_NUMBER = "personal_number"
    PAGER = "pager"
    VOICE_MAIL = "voice_mail"
    UNIVERSAL_ACCESS = "universal_access"
    SERVICE = "service"
    CALLING_CARDS = "calling_cards"
    ISP = "isp"
    LOCAL_RATE = "local_rate"
    PAYPHONE = "payphone"
    SATELLITE = "satellite"
    SHORT_CODES_COMMERCIAL = "short_codes_commercial"
    VPN = "vpn"
    OTHER = "other"
    UNKNOWN = "unknown"
