"""The columns of the lists. Those that show numbers are made for a request, since not everybody sees them whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from django_ding import phone
from django_ding.admin import wording
from django_ding.admin.events.explaining import explain
from django_ding.admin.masking import isolated, shown_number, shown_user
from django_ding.backends.base import DeliveryStatus
from django_ding.countries import flag, name_of
from django_ding.models import Authentication, Block, MaskedNumberModel, Refusal

_Column = Callable[[Any], Any]

_Status = Authentication.Status
#: The colour of each status, which only repeats what the word says.
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


def flagged(region: str, text: str) -> str:
    """Return a text after the flag of a country, which is read out as the country's name."""
    sign = format_html('<span class="ding-flag" role="img" aria-label="{0}" title="{0}">{1}</span> ', *_named(region))
    return format_html('<span class="ding-number">{}<bdi dir="ltr">{}</bdi></span>', sign if region else "", text)


def badge(tone: str, word: object) -> str:
    """Return a coloured word."""
    return format_html('<span class="ding-badge ding-{}">{}</span>', tone, word)


def status_badge(authentication: Authentication) -> str:
    """Return an authentication's status as a coloured word."""
    return badge(_TONES.get(authentication.status, "quiet"), authentication.get_status_display())


def number(*, whole: bool) -> _Column:
    """Return the column of an authentication's, or a user's, number with its flag."""

    @admin.display(description=_("phone number"))
    def number(row: MaskedNumberModel) -> str:
        region = row.country if isinstance(row, Authentication | Refusal) else phone.country(row.phone_number)
        return flagged(region, shown_number(row.phone_number, whole=whole))

    return number


def isolated_number(row: MaskedNumberModel) -> str:
    """Return a row's number for a title, masked for everybody: titles stay in the history of browsers."""
    return isolated(row.masked_number)


def user(*, whole: bool) -> _Column:
    """Return the column of the user."""

    @admin.display(description=_("user"), empty_value="–")  # noqa: RUF001
    def user(row: Any) -> str | None:
        return shown_user(row.user, whole=whole) if row.user_id is not None else None

    return user


def person(user: Any, *, whole: bool, url: str = "") -> str:
    """Return a user for a sentence, with a link where there is an address."""
    name = format_html("<bdi>{}</bdi>", shown_user(user, whole=whole))
    return format_html('<a href="{}">{}</a>', url, name) if url else name


def purpose_label(purpose: str) -> Any:
    """Return a purpose in few words; one of the project's own as it is."""
    known = {
        Authentication.Purpose.LINK: pgettext_lazy("purpose", "link"),
        Authentication.Purpose.LOGIN: _("log in"),
        Authentication.Purpose.SIGNUP: _("sign up"),
        Authentication.Purpose.SECOND_FACTOR: _("second factor"),
    }
    return {str(name): label for name, label in known.items()}.get(purpose, purpose)


@admin.display(description=_("purpose"))
def purpose(row: Authentication) -> Any:
    """What the number is verified for."""
    return purpose_label(row.purpose)


@admin.display(description=_("status"))
def status(row: Authentication) -> str:
    """Where it stands."""
    return status_badge(row)


@admin.display(description=_("attempts"), empty_value="–")  # noqa: RUF001
def attempts(row: Authentication) -> int | None:
    """How many messages are known to have gone out."""
    return row.retry_count + 1 if row.status in Authentication.SENT_STATUSES else None


@admin.display(description=_("checks"))
def checks(row: Authentication) -> int:
    """How many codes were entered."""
    return row.check_count


@admin.display(description=_("channel"), empty_value="–")  # noqa: RUF001
def channel(row: Authentication) -> str:
    """How the newest message travels."""
    return str(row.get_channel_display())


@admin.display(description=_("delivery"), empty_value="–")  # noqa: RUF001
def delivery(row: Authentication) -> str:
    """How far the newest message came."""
    if not row.delivery_status:
        return ""
    return badge(_TONES.get(row.delivery_status, "quiet"), row.get_delivery_status_display())


@admin.display(description=_("country"), empty_value="–")  # noqa: RUF001
def country(row: Authentication | Refusal) -> str:
    """The number's country."""
    return name_of(row.country) if row.country else ""


@admin.display(description=_("price"), empty_value="–")  # noqa: RUF001
def price(row: Authentication) -> str:
    """What it cost."""
    return wording.price(row.price_amount, row.price_currency)


@admin.display(description=_("age"))
def age(row: Any) -> str:
    """How long ago it was made."""
    return wording.age(row.created_at)


@admin.display(description=_("last refused"))
def refused_at(row: Refusal) -> str:
    """How long ago it was refused for the last time in its hour."""
    return wording.age(row.last_at)


@admin.display(description=_("reason"))
def reason(row: Refusal) -> str:
    """Why it was refused, in words."""
    return str(explain(row.reason).reason)


@admin.display(description=pgettext_lazy("prefix or country", "blocked"))
def subject(row: Block) -> str:
    """What is blocked: a country by its name, a prefix as it is."""
    if row.scope == Block.Scope.COUNTRY:
        return flagged(row.subject, name_of(row.subject))
    return format_html('{} <bdi class="ding-number" dir="ltr">{}</bdi>', row.get_scope_display(), row.subject)


@admin.display(description=pgettext_lazy("codes", "entered"))
def entered(row: Block) -> str:
    """What it was judged by."""
    pattern = ngettext("%(validated)d of %(sends)d code", "%(validated)d of %(sends)d codes", row.sends)
    return pattern % {"validated": row.validated, "sends": row.sends}


@admin.display(description=_("state"))
def state(row: Block) -> str:
    """Whether it still refuses codes."""
    if row.lifted_at:
        return badge("quiet", pgettext("block", "lifted"))
    if row.expires_at <= timezone.now():
        return badge("quiet", pgettext("block", "over"))
    return badge("bad", pgettext("block", "in force"))


def _named(region: str) -> tuple[str, str]:
    return name_of(region), flag(region)
