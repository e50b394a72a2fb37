"""The channels that a message may take to a phone, and what is reported about it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """How a message is delivered. ``UNKNOWN`` is a channel that this app doesn't know."""

    SMS = "sms", "SMS"
    RCS = "rcs", "RCS"
    WHATSAPP = "whatsapp", "WhatsApp"
    VIBER = "viber", "Viber"
    ZALO = "zalo", "Zalo"
    TELEGRAM = "telegram", "Telegram"
    VOICE = "voice", _("phone call")
    EMAIL = "email", _("email")
    SILENT = "silent", _("silent verification")
    UNKNOWN = "unknown", _("unknown")


#: Those that can be requested.
SELECTABLE_CHANNELS = frozenset(Channel) - {Channel.UNKNOWN}


class DeliveryStatus(TextChoices):
    """What the carrier reports about a message, in the order in which it happens."""

    UNKNOWN = "unknown", _("unknown")
    SUBMITTED = "submitted", _("submitted")
    IN_TRANSIT = "in_transit", _("in transit")
    DELIVERED = "delivered", _("delivered")
    UNDELIVERABLE = "undeliverable", _("undeliverable")
