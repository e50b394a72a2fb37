"""The columns of blocked requests, blocks, lockouts, numbers and devices."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ding import clock, humanize
from django_ding.admin.display import flagged, format_age, tone_label
from django_ding.countries import localized_name
from django_ding.models import Block, Lockout, PhoneNumber, Refusal, RememberedDevice


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
        return flagged(row.subject, localized_name(row.subject))
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
        return tone_label("quiet", pgettext("block", "lifted"))
    return tone_label("bad", pgettext("block", "active"))


@admin.display(description=_("state"))
def state(row: Block) -> str:
    """Whether codes are blocked now."""
    if row.lifted_at:
        return tone_label("quiet", pgettext("block", "lifted"))
    if row.expires_at <= clock.now():
        return tone_label("quiet", pgettext("block", "expired"))
    return tone_label("bad", pgettext("block", "active"))


@admin.display(description=_("last seen"))
def last_seen(row: Refusal) -> str:
    """How long ago a request was blocked for the last time within the hour."""
    return format_age(row.last_at)
