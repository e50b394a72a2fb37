"""The columns of the lists."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ding import clock, humanize, phone
from django_ding.admin import display
from django_ding.codes import describe_code
from django_ding.countries import localized_name
from django_ding.models import Authentication, Block, Lockout, PhoneNumber, Refusal, RememberedDevice
from django_ding.models.base import PhoneNumberModel

_Column = Callable[[Any], Any]

# Of verifications, or of several lists


def number_column(*, full: bool) -> _Column:
    """Return the column of the number with its flag."""

    @admin.display(description=_("phone number"))
    def number(row: PhoneNumberModel) -> str:
        region = row.country if isinstance(row, Authentication | Refusal) else phone.destination(row.phone_number)
        return display.flagged(region, display.format_number(row.phone_number, full=full))

    return number


def user_column(*, full: bool) -> _Column:
    """Return the column of the user."""

    @admin.display(description=_("user"))
    def user(row: Any) -> str:
        # Not by empty_value, which the page of a row ignores.
        return display.format_user(row.user, full=full) if row.user_id is not None else display.dash()

    return user


def time_column(model: type[Model], name: str) -> _Column:
    """Return the column of a time in the current time zone. Django shows moments as they are without ``USE_TZ``."""

    @admin.display(description=getattr(model, name).field.verbose_name)
    def time(row: Any) -> str:
        moment = getattr(row, name)
        if not moment:
            return display.dash()
        return format_html('<time class="ding-clock">{}</time>', display.day_and_time(moment))

    time.__name__ = name  # The CSS class of a cell ends with it.
    return time


@admin.display(description=_("purpose"))
def purpose(row: Authentication) -> Any:
    """What the number is verified for."""
    return display.purpose_name(row.purpose)


@admin.display(description=_("status"))
def status(row: Authentication) -> str:
    """The status as a coloured label."""
    return display.status_label(row)


@admin.display(description=_("messages"), empty_value=humanize.DASH)
def attempts(row: Authentication) -> int | None:
    """How many messages are known to have been sent."""
    return row.retry_count + 1 if row.status in Authentication.SENT_STATUSES else None


@admin.display(description=_("attempts"))
def checks(row: Authentication) -> int:
    """How many codes were entered."""
    return row.check_count


@admin.display(description=_("channel"), empty_value=humanize.DASH)
def channel(row: Authentication) -> str:
    """The channel of the latest message."""
    return str(row.get_channel_display())


@admin.display(description=_("delivery"))
def delivery(row: Authentication) -> str:
    """The delivery status of the latest message and its channel, and how many messages were sent before."""
    if not row.delivery_status and not row.channel:
        return display.dash()
    label, sent = display.delivery_label(row), row.get_channel_display()
    if row.retry_count:
        messages = ngettext("%(count)d message", "%(count)d messages", row.retry_count + 1)
        sent = humanize.listed([sent, messages % {"count": row.retry_count + 1}])
    return format_html('{} <span class="ding-clock">{}</span>', label, sent)


@admin.display(description=_("country"), empty_value=humanize.DASH)
def country(row: Authentication | Refusal) -> str:
    """The number's country."""
    return localized_name(row.country) if row.country else ""


@admin.display(description=_("price"), empty_value=humanize.DASH)
def price(row: Authentication) -> str:
    """The price of all messages."""
    return humanize.price(row.price_amount, row.price_currency)


@admin.display(description=_("requested"))
def requested(row: Authentication) -> str:
    """How long ago the code was requested."""
    return display.format_age(row.created_at)


@admin.display(description=_("reason"))
def reason(row: Authentication | Refusal) -> str:
    """Why a verification failed, or why requests were blocked."""
    code = row.reason if isinstance(row, Refusal) else display.failure_code(row)
    return capfirst(str(describe_code(code).explanation)) if code else display.dash()


# Of one list each


@admin.display(description=_("incorrect codes"))
def wrong_codes(row: Lockout) -> str:
    """How many incorrect codes were entered."""
    return ngettext("%(count)d incorrect code", "%(count)d incorrect codes", row.wrong_codes) % {
        "count": row.wrong_codes
    }


@admin.display(description=_("count"))
def refusal_count(row: Refusal) -> str:
    """How many requests were blocked."""
    return ngettext("%(count)d request", "%(count)d requests", row.count) % {"count": row.count}


@admin.display(description=_("rank"))
def rank(row: PhoneNumber) -> str:
    """Whether codes of a login go to the number."""
    return pgettext("phone number", "primary") if row.is_primary else pgettext("phone number", "additional")


@admin.display(description=_("device"))
def device(row: RememberedDevice) -> str:
    """The browser, as it names itself."""
    return row.name or gettext("Unnamed device")


@admin.display(description=pgettext_lazy("prefix or country", "blocked"))
def subject(row: Block) -> str:
    """What is blocked: a country by its name, a prefix as it is."""
    if row.scope == Block.Scope.COUNTRY:
        return display.flagged(row.subject, localized_name(row.subject))
    return format_html('{} <bdi class="ding-number" dir="ltr">{}</bdi>', row.get_scope_display(), row.subject)


@admin.display(description=_("conversion"))
def conversion(row: Block) -> str:
    """How many of the requesters had entered a code when the block was made."""
    pattern = ngettext("%(validated)d of %(sends)d requester", "%(validated)d of %(sends)d requesters", row.sends)
    return pattern % {"validated": row.validated, "sends": row.sends}


@admin.display(description=pgettext_lazy("number or user", "locked out"))
def locked_out(row: Lockout) -> str:
    """What is locked out; a number for one type of requester only."""
    if row.scope == Lockout.Scope.USER:
        return row.get_scope_display()
    return humanize.label_value(row.get_scope_display(), row.get_requester_type_display())


@admin.display(description=_("state"))
def lockout_state(row: Lockout) -> str:
    """Whether codes are refused now."""
    if row.active_key is None:
        return display.tone_label("quiet", pgettext("block", "lifted"))
    return display.tone_label("bad", pgettext("block", "active"))


@admin.display(description=_("state"))
def state(row: Block) -> str:
    """Whether codes are blocked now."""
    if row.lifted_at:
        return display.tone_label("quiet", pgettext("block", "lifted"))
    if row.expires_at <= clock.now():
        return display.tone_label("quiet", pgettext("block", "expired"))
    return display.tone_label("bad", pgettext("block", "active"))


@admin.display(description=_("last seen"))
def last_seen(row: Refusal) -> str:
    """How long ago a request was blocked for the last time within the hour."""
    return display.format_age(row.last_at)
