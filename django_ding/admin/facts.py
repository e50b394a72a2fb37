"""The facts of an authentication that are no story: ids, times and what is known of the device."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from django_ding.admin import columns, wording
from django_ding.models import Authentication


def facts(authentication: Authentication) -> list[tuple[str, Any]]:
    """Return what each fact is called, and the fact, those that nobody knows left out."""
    return known(_all(authentication))


def known(told: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Leave out what nobody knows."""
    return [(name, value) for name, value in told if value not in (None, "")]


def _all(authentication: Authentication) -> Iterator[tuple[str, Any]]:
    yield _("Purpose"), columns.purpose(authentication)
    yield _("Country"), columns.country(authentication)
    yield _("Channel"), columns.channel(authentication)
    yield _("Price"), wording.price(authentication.price_amount, authentication.price_currency)
    yield _("Asked for at"), authentication.created_at
    yield _("Can be entered until"), authentication.expires_at
    yield _("Entered at"), authentication.validated_at
    yield _("Messages sent"), columns.attempts(authentication)
    yield _("Codes entered"), authentication.check_count
    if authentication.is_live(timezone.now()):
        yield _("Messages left"), authentication.remaining_retry
        yield _("Codes left to try"), authentication.remaining_checks
    yield _("Public id"), authentication.public_id
    yield _("Provider's id"), authentication.authentication_uuid
    yield _("Backend"), authentication.backend
    yield _("Error code"), authentication.error_code
    yield _("IP address"), authentication.ip
    yield from _device(authentication.signals)


def _device(signals: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    names = {
        "device_type": _("Kind of device"),
        "device_model": _("Model of the device"),
        "device_id": _("Id of the device"),
        "os_version": _("Operating system"),
        "app_version": _("Version of the app"),
        "app_realm": _("Hash of the app"),
        "is_returning_user": _("Known to be genuine"),
    }
    for signal, name in names.items():
        value = signals.get(signal)
        yield name, {True: _("yes"), False: _("no")}[value] if isinstance(value, bool) else value
