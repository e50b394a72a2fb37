"""What the pages of blocks, lockouts, numbers and devices say first: a sentence, and what support can do."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_ding import clock
from django_ding.admin.timeline import EventText
from django_ding.codes import describe_code
from django_ding.humanize import exact_time
from django_ding.models import Block, Lockout, LostPhoneNumber, PhoneNumber, RememberedDevice


def block_text(block: Block) -> EventText:
    """Return until when a block lasts and why it was made, or how it ended."""
    if block.lifted_at:
        return EventText(sentence=_("This block was lifted. Codes can be sent there again."))
    if block.expires_at <= clock.now():
        return EventText(sentence=_("This block has expired. Codes can be sent there again."))
    pattern = ngettext(
        "No codes are sent there until %(moment)s: %(validated)d of %(sends)d requester entered theirs.",
        "No codes are sent there until %(moment)s: %(validated)d of %(sends)d requesters entered theirs.",
        block.sends,
    )
    values = {"moment": exact_time(block.expires_at), "validated": block.validated, "sends": block.sends}
    advice = _("If you know that the users are genuine, lift the block. Otherwise wait until it expires.")
    return EventText(sentence=pattern % values, tone="bad", advice=advice)


def lockout_text(lockout: Lockout, *, may_lift: bool) -> EventText:
    """Return that codes aren't accepted, and why, or that they are again.

    :param may_lift: whether the agent may lift it.
    """
    if lockout.active_key is None:
        return EventText(sentence=_("This lockout was lifted. Codes are accepted again."))
    if lockout.scope == Lockout.Scope.USER:
        pattern = ngettext(
            "No codes are accepted for this user: %(count)d incorrect code was entered.",
            "No codes are accepted for this user: %(count)d incorrect codes were entered in a row.",
            lockout.wrong_codes,
        )
    else:
        pattern = ngettext(
            "No codes are accepted for this number: %(count)d incorrect code was entered.",
            "No codes are accepted for this number: %(count)d incorrect codes were entered in a row.",
            lockout.wrong_codes,
        )
    lift = _("Verify the user's identity, then lift the lockout.")
    advice = lift if may_lift else describe_code("locked_out").advice
    return EventText(sentence=pattern % {"count": lockout.wrong_codes}, tone="bad", advice=advice)


def number_text(number: PhoneNumber, *, user: str) -> EventText:
    """Return whose number it is, and since when."""
    pattern = _("This number belongs to %(user)s, who verified it on %(moment)s.")
    return EventText(sentence=pattern % {"user": user, "moment": exact_time(number.verified_at)}, tone="good")


def lost_number_text(lost: LostPhoneNumber, *, user: str) -> EventText:
    """Return that a user has no number any more, and what that means for their login."""
    patterns = {
        LostPhoneNumber.Reason.TAKEN_OVER: _("The last number of %(user)s was taken over by another user."),
        LostPhoneNumber.Reason.ERASED: _("The last number of %(user)s was erased."),
    }
    sentence = patterns.get(LostPhoneNumber.Reason(lost.reason), _("The last number of %(user)s was removed."))
    advice = _("Their password alone doesn't log them in where a code is required. Verify their identity first.")
    return EventText(sentence=sentence % {"user": user}, tone="waiting", advice=advice)


def device_text(device: RememberedDevice, *, user: str) -> EventText:
    """Return until when a user needs no code on a device."""
    values = {"user": user, "moment": exact_time(device.expires_at)}
    if device.expires_at <= clock.now():
        return EventText(sentence=_("%(user)s needs a code on this device again since %(moment)s.") % values)
    return EventText(sentence=_("%(user)s needs no code on this device until %(moment)s.") % values, tone="good")
