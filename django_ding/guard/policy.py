"""Where codes may go at all, told from the number alone: free of charge."""

from django_ding.conf import ding_settings
from django_ding.exceptions import InputError
from django_ding.phone import country, line_type


def refuse_forbidden(phone_number: str) -> None:
    """Refuse an E.164 number of a country or kind of line that the settings rule out.

    :raises InputError: ``unsupported_region`` or ``invalid_line``, as the provider would.
    """
    where = country(phone_number)
    allowed = ding_settings.ALLOWED_COUNTRIES
    if where in ding_settings.BLOCKED_COUNTRIES or (allowed is not None and where not in allowed):
        raise InputError.from_code("unsupported_region")
    if line_type(phone_number) in ding_settings.BLOCKED_LINE_TYPES:
        raise InputError.from_code("invalid_line")
