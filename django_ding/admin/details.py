"""The details on a row's page: labels and values."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from django_ding import clock, humanize
from django_ding.admin import columns
from django_ding.carriers import display_name
from django_ding.guard.client_ip import UNKNOWN_IP
from django_ding.models import Authentication, Event, Refusal


def authentication_details(row: Authentication, events: Sequence[Event]) -> list[tuple[str, Any]]:
    """Return the labels and values of a verification that are not in its timeline.

    What follows from the settings, since the provider didn't say it, is marked as long as the code can be entered.
    """
    from_provider = _stated(events)
    is_live = row.is_live(clock.now())
    is_local = {name: is_live and name not in from_provider for name in ("expires_at", "remaining_retry")}
    expires = _("Expires (set by this site)") if is_local["expires_at"] else _("Expires")
    left = _("Messages left (set by this site)") if is_local["remaining_retry"] else _("Messages left")
    return without_empty(
        [
            (_("Purpose"), columns.purpose(row)),
            (_("Country"), columns.country(row)),
            (_("Channel"), columns.channel(row)),
            *_message_details(row, events),
            (_("Price"), columns.price(row)),
            (_("Requested at"), humanize.exact_time(row.created_at)),
            (expires, humanize.exact_time(row.expires_at)),
            (_("Verified"), row.validated_at and humanize.exact_time(row.validated_at)),
            (_("Messages"), columns.attempts(row)),
            (_("Attempts"), columns.checks(row)),
            (left, row.remaining_retry if is_live else None),
            (_("Attempts left"), row.remaining_checks if is_live else None),
            (_("Public ID"), copyable(_("Public ID"), str(row.public_id))),
            (_("Provider ID"), copyable(_("Provider ID"), row.authentication_uuid)),
            (_("Backend"), row.backend),
            (_("Error code"), copyable(_("Error code"), row.error_code)),
            (_("IP address"), client_ip(row)),
            *_device_details(row.device_signals),
        ]
    )


def copyable(label: str, identifier: str) -> str:
    """Return an identifier in a fixed-width font, with a button that copies it, which works by script alone."""
    if not identifier:
        return ""
    return format_html(
        '<code class="ding-id">{identifier}</code> '
        '<button type="button" class="ding-copy" hidden data-copy="{identifier}" data-done="{done}">{text}'
        '<span class="ding-hidden"> {label}</span></button>',
        identifier=identifier,
        label=label,
        text=_("Copy"),
        done=_("Copied"),
    )


def client_ip(row: Authentication | Refusal) -> str | None:
    """Return the client's IP address, or that it couldn't be read."""
    return _("unknown") if row.ip == UNKNOWN_IP else row.ip


def without_empty(details: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the details that have a value."""
    return [(label, value) for label, value in details if value not in (None, "")]


def _stated(events: Sequence[Event]) -> set[str]:
    """Return the columns that the provider has stated since it last opened the verification."""
    openings = [index for index, event in enumerate(events) if event.type == Event.Type.AUTHENTICATION]
    since_opening = events[openings[-1] :] if openings else events
    return {name for event in since_opening for name in event.data.get("from_provider", [])}


def _message_details(row: Authentication, events: Sequence[Event]) -> list[tuple[str, str]]:
    """Return what the site chose for the message, and who sent and carried it, where that is known."""
    request = row.backend_state.get("request", {})
    return [
        (_("Language"), language_name(str(request.get("locale", "")))),
        (_("Template"), str(request.get("template_id", ""))),
        (_("Sender"), str(_latest(events, "sender_id") or request.get("sender_id", ""))),
        (_("Carrier"), carrier_name(_latest(events, "carrier"), row.carrier)),
    ]


def _latest(events: Sequence[Event], name: str) -> Any:
    return next((event.data[name] for event in reversed(events) if event.data.get(name)), None)


def language_name(locale: str) -> str:
    """Return a BCP 47 tag with the name of its language, ``French (fr)``; one that Django doesn't know as it is."""
    try:
        name = get_language_info(locale.lower())["name_translated"]
    except KeyError:
        return locale
    return f"{name} ({locale})"


def carrier_name(carrier: Any, network: str = "") -> str:
    """Return a carrier as an event names it, with its network and country: ``Orange 208-01 (France)``.

    :param network: MCC and MNC, where the event is not at hand.
    """
    known = carrier if isinstance(carrier, dict) else {}
    name, network = str(known.get("name") or ""), str(known.get("network") or network)
    displayed = display_name(network) if network else ""
    return name if displayed in ("", name) else f"{name} {displayed}".strip()


def _device_details(signals: dict[str, Any]) -> list[tuple[str, Any]]:
    labels = {
        "device_type": _("Device type"),
        "device_model": _("Device model"),
        "device_id": _("Device ID"),
        "os_version": _("System version"),
        "app_version": _("App version"),
        "app_realm": _("App hash"),
        "is_returning_user": _("Returning user"),
        "user_agent": _("User agent"),
        "ja4_fingerprint": _("JA4 fingerprint"),
    }
    identifiers = (_("Device ID"), _("App hash"), _("JA4 fingerprint"))
    words: dict[Any, str] = {True: _("yes"), False: _("no")}
    values = ((label, signals.get(name)) for name, label in labels.items())
    details = [(label, words[value] if isinstance(value, bool) else value) for label, value in values]
    return [
        (label, copyable(label, str(value)) if value and label in identifiers else value) for label, value in details
    ]
