"""Which channels may be chosen: those that both the backend and ``DING["CHANNELS"]`` have."""

from django.core.exceptions import ImproperlyConfigured

from django_ding import phone
from django_ding.backends import allowed_channels, get_backend
from django_ding.backends.base import BaseBackend
from django_ding.backends.types import Channel
from django_ding.exceptions import InputError
from django_ding.line_types import LineType
from django_ding.models import Authentication


def check_channel(channel: Channel | str | None, provider: BaseBackend) -> Channel | None:
    """Return the channel that a caller chose.

    :raises InputError: ``unsupported_channel``, when the backend or ``DING["CHANNELS"]`` doesn't let callers choose it.
    """
    if channel is not None and channel not in allowed_channels(provider):
        raise InputError.from_code("unsupported_channel")
    return None if channel is None else Channel(channel)


def get_channels(authentication: Authentication) -> tuple[Channel, ...]:
    """Return the channels that may be chosen for a retry, in the order of ``DING["CHANNELS"]``.

    There are none where the provider decides. A landline has a phone call alone.
    """
    try:
        channels = allowed_channels(get_backend(authentication.backend))
    except ImproperlyConfigured:  # The backend was removed from the settings, so nothing can be sent.
        return ()
    is_landline = phone.line_type(authentication.phone_number) == LineType.FIXED_LINE
    return tuple(channel for channel in channels if channel == Channel.VOICE or not is_landline)
