"""The details on a row's page: labels and values."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from django_ding import clock
from django_ding.admin import display
from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.models import Authentication, Refusal


def authentication_details(row: Authentication, *, from_provider: Collection[str]) -> list[tuple[str, Any]]:
    """Return the labels and values of a verification that are not in its timeline.

    :param from_provider: what the provider said itself. The rest follows from the settings, and is marked as long as
        the code can be entered.
    """
    is_live = row.is_live(clock.now())
    is_local = {name: is_live and name not in from_provider for name in ("expires_at", "remaining_retry")}
    expires = _("Expires (set by this site)") if is_local["expires_at"] else _("Expires")
    left = _("Messages left (set by this site)") if is_local["remaining_retry"] else _("Messages left")
    return without_empty(
        [
            (_("Purpose"), display.purpose(row)),
            (_("Country"), display.country(row)),
            (_("Channel"), display.channel(row)),
            (_("Price"), display.price(row)),
            (_("Requested at"), row.created_at),
            (expires, row.expires_at),
            (_("Verified"), row.validated_at),
            (_("Messages"), display.attempts(row)),
            (_("Attempts"), display.checks(row)),
            (left, row.remaining_retry if is_live else None),
            (_("Attempts left"), row.remaining_checks if is_live else None),
            (_("Public ID"), row.public_id),
            (_("Provider ID"), row.authentication_uuid),
            (_("Backend"), row.backend),
            (_("Error code"), row.error_code),
            (_("IP address"), client_ip(row)),
            *_device_details(row.device_signals),
        ]
    )


def client_ip(row: Authentication | Refusal) -> str | None:
    """Return the client's IP address, or that it couldn't be read."""
    return _("unknown") if row.ip == UNKNOWN_IP else row.ip


def without_empty(details: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the details that have a value."""
    return [(label, value) for label, value in details if value not in (None, "")]


def _device_details(signals: dict[str, Any]) -> list[tuple[str, Any]]:
    labels = {
        "device_type": _("Device type"),
        "device_model": _("Device model"),
        "device_id": _("Device ID"),
        "os_version": _("Operating system"),
        "app_version": _("App version"),
        "app_realm": _("App hash"),
        "is_returning_user": _("Returning user"),
        "user_agent": _("User agent"),
        "ja4_fingerprint": _("JA4 fingerprint"),
    }
    words = {True: _("yes"), False: _("no")}
    values = ((label, signals.get(name)) for name, label in labels.items())
    return [(label, words[value] if isinstance(value, bool) else value) for label, value in values]
