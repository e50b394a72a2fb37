"""How rows are displayed: the parts of cells, and who sees full phone numbers."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import get_language_bidi, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ding import carriers, clock, humanize, phone
from django_ding.backends.types import Channel, DeliveryStatus
from django_ding.countries import flag, localized_name
from django_ding.models import Authentication
from django_ding.models.base import PhoneNumberModel
from django_ding.typed import simplify

_Status = Authentication.Status
#: The colour of each status, which repeats what the label says.
_TONES: dict[str, str] = {
    _Status.VALIDATED: "good",
    _Status.CREATED: "waiting",
    _Status.PENDING: "waiting",
    _Status.RATE_LIMITED: "bad",
    _Status.SPAM_DETECTED: "bad",
    _Status.FAILED: "bad",
    DeliveryStatus.DELIVERED: "good",
    DeliveryStatus.SUBMITTED: "waiting",
    DeliveryStatus.IN_TRANSIT: "waiting",
    DeliveryStatus.UNDELIVERABLE: "bad",
}
#: Seven digits or more, with anything but letters between them; but no user name that :func:`make_up_name` made.
_LIKE_A_NUMBER = re.compile(r"(?P<random>\buser-[0-9a-f]{16}\b)|\+?[0-9](?:[\W_]{0,3}[0-9]){6,}", re.ASCII)

# Phone numbers and users, masked unless the request has the permission


def can_view_full_numbers(request: HttpRequest) -> bool:
    """Return whether the user of a request may view full phone numbers."""
    return request.user.has_perm("django_ding.view_full_phone")


def format_number(phone_number: str, *, full: bool) -> str:
    """Return an E.164 number as people read it: ``+33 6 12 34 56 78``, or masked ``+33*******78``."""
    if not phone_number:  # Of blocked requests to several numbers.
        return gettext("various numbers")
    return phone.spaced(phone_number) if full else phone.mask(phone_number)


def format_user(user: Any, *, full: bool) -> str:
    """Return the name of a user, with anything like a phone number masked: projects use numbers as usernames."""
    try:
        name = str(user)
    except TypeError:  # Django's own __str__ returns the user name as it is, such as a PhoneNumber object.
        name = str(user.get_username())
    return name if full else mask_numbers(name)


def mask_numbers(text: str) -> str:
    """Return a text with anything like a phone number masked."""
    masked, count = _LIKE_A_NUMBER.subn(_mask_match, simplify(text))
    return masked if count else text


def _mask_match(match: re.Match[str]) -> str:
    return match[0] if match["random"] else phone.mask(re.sub(r"[^0-9+]", "", match[0]))


def user_link(user: Any, *, full: bool, url: str = "") -> str:
    """Return a user for a sentence, linked if there is a URL."""
    name = format_html("<bdi>{}</bdi>", format_user(user, full=full))
    return format_html('<a href="{}">{}</a>', url, name) if url else name


def title_number(row: PhoneNumberModel) -> str:
    """Return a row's number for a title: always masked, since titles stay in the history of browsers."""
    return humanize.isolated(format_number(row.phone_number, full=False))


def page_number(request: HttpRequest, row: PhoneNumberModel) -> str:
    """Return a row's number for the content of a page: in full if the user of the request may view that."""
    return humanize.isolated(format_number(row.phone_number, full=can_view_full_numbers(request)))


# Parts of a cell


def format_age(moment: datetime) -> str:
    """Return how long ago something was, and below it the day, unless it is today, and the time with its zone."""
    element = '<time datetime="{}">{} <span class="ding-clock">{}</span></time>'
    return format_html(element, moment.isoformat(timespec="seconds"), humanize.age(moment), day_and_time(moment))


def day_and_time(moment: datetime) -> str:
    """Return the day, unless it is today, and the time with its zone."""
    local, today = timezone.localtime(moment), timezone.localtime(clock.now())
    time = humanize.isolated(f"{local:%H:%M} {local.tzname()}")
    if local.date() == today.date():
        return format_html("<span>{}</span>", time)
    day = formats.date_format(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")
    pattern = gettext("%(date)s, %(time)s") % {"date": "<span>{}</span>", "time": "<span>{}</span>"}
    return format_html(pattern, day, time)


def dash() -> str:
    """Return a dash for a cell without a value, which small screens leave out."""
    return format_html('<span class="ding-none">{}</span>', humanize.DASH)


def status_label(authentication: Authentication) -> str:
    """Return the status of a verification as a coloured label. Past its time, a pending one is as good as expired."""
    status = _Status(authentication.status)
    if status == _Status.PENDING and authentication.expires_at <= clock.now():
        status = _Status.EXPIRED
    return tone_label(_TONES.get(status, "quiet"), str(status.label))


def delivery_label(authentication: Authentication) -> str:
    """Return the delivery status of the latest message as a coloured label; empty if unknown."""
    status = authentication.delivery_status
    return tone_label(_TONES.get(status, "quiet"), authentication.get_delivery_status_display()) if status else ""


def carrier_name(network: str) -> str:
    """Return the name of a carrier, ``208-01 (France)`` for one without."""
    return carriers.display_name(network) if network else gettext("Not reported")


def channel_name(channel: str) -> str:
    """Return the name of a channel, ``SMS``; empty if unknown."""
    return str(Channel(channel).label) if channel in Channel and channel != Channel.UNKNOWN else ""


def purpose_name(purpose: str) -> Any:
    """Return a purpose in a word or two; one of the project's own as it is."""
    # The labels of the model are phrases for forms, too long for a column.
    names = {
        Authentication.Purpose.LINK: pgettext_lazy("purpose", "link"),
        Authentication.Purpose.LOGIN: _("log in"),
        Authentication.Purpose.SIGNUP: _("sign up"),
        Authentication.Purpose.SECOND_FACTOR: _("second factor"),
        Authentication.Purpose.STEP_UP: _("confirmation"),
    }
    return {str(name): label for name, label in names.items()}.get(purpose, purpose)


def tone_label(tone: str, text: object) -> str:
    """Return a text as a label: ``good``, ``bad``, ``waiting`` or ``quiet``."""
    return format_html('<span class="ding-label ding-{}">{}</span>', tone, text)


def flagged(region: str, text: str) -> str:
    """Return a text after a country's flag, which screen readers read as the country's name."""
    image = '<span class="ding-flag" role="img" aria-label="{0}" title="{0}">{1}</span> '
    icon = format_html(image, localized_name(region), flag(region)) if region else ""
    # The flag comes first in the language of the page, whatever the direction of what is around it.
    direction = "rtl" if get_language_bidi() else "ltr"
    return format_html('<span class="ding-number" dir="{}">{}<bdi dir="ltr">{}</bdi></span>', direction, icon, text)


def failure_code(row: Authentication) -> str:
    """Return the code of why a verification failed; empty if it didn't, or has no reason but that time passed."""
    is_undelivered = row.delivery_status == DeliveryStatus.UNDELIVERABLE and row.status != _Status.VALIDATED
    return row.error_code or (DeliveryStatus.UNDELIVERABLE.value if is_undelivered else "")
