"""What support may do to rows. Each does it by a service, and says what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_ding import services
from django_ding.backends.base import FeedbackStatus
from django_ding.models import Authentication, Block, PhoneNumber

_Text = str | Promise


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that may be done to a row.

    :ivar name: its place in addresses.
    :ivar permission: who may, such as ``"lift_block"``: the model's admin has a ``has_…_permission()`` for it.
    :ivar label: what its button says.
    :ivar consequence: what to know before it is done.
    :ivar perform: does it to a row and returns a sentence; raises what the service does.
    :ivar fits: tells whether it makes sense for a row.
    """

    name: str
    permission: str
    label: _Text
    consequence: _Text
    perform: Callable[[Any], str]
    fits: Callable[[Any], bool] = _always


def _sync(authentication: Authentication) -> str:
    services.sync(authentication)
    if not authentication.authentication_uuid:
        return _("The provider never gave it an id, so it could not be asked.")
    if authentication.delivery_status:
        delivery = authentication.get_delivery_status_display()
        return _("The provider was asked. The delivery of the newest message: %(delivery)s.") % {"delivery": delivery}
    return _("The provider was asked, and knows nothing of the delivery.")


def _feedback(status: FeedbackStatus, authentication: Authentication) -> str:
    services.feedback(authentication.phone_number, status, backend=authentication.backend)
    if status is FeedbackStatus.ONBOARDED:
        return _("The provider knows now that the user is genuine.")
    return _("The provider knows now that the user did not go through with it.")


def _revoke(number: PhoneNumber) -> str:
    services.remove(number)
    return _("The number is released. It belongs to nobody now.")


def _lift(block: Block) -> str:
    if services.lift(block):
        return _("The block is lifted. Codes go there again.")
    return _("The block was over already.")


def _is_in_force(block: Block) -> bool:
    return block.lifted_at is None


SYNC = Deed(
    name="sync",
    permission="sync_authentication",
    label=gettext_lazy("Ask the provider now"),
    consequence=gettext_lazy("The provider is asked what became of the messages. Nothing is sent."),
    perform=_sync,
)
ONBOARDED = Deed(
    name="onboarded",
    permission="send_feedback",
    label=gettext_lazy("Tell the provider: a genuine user"),
    consequence=gettext_lazy(
        "The provider's antifraud learns that the user of this number is genuine. It can't be taken back."
    ),
    perform=partial(_feedback, FeedbackStatus.ONBOARDED),
)
NOT_ONBOARDED = Deed(
    name="not-onboarded",
    permission="send_feedback",
    label=gettext_lazy("Tell the provider: not a user"),
    consequence=gettext_lazy(
        "The provider's antifraud learns that the user of this number did not go through with it. "
        "It can't be taken back."
    ),
    perform=partial(_feedback, FeedbackStatus.NOT_ONBOARDED),
)
REVOKE = Deed(
    name="revoke",
    permission="revoke_phonenumber",
    label=gettext_lazy("Revoke the number"),
    consequence=gettext_lazy(
        "The number is taken from its user, who can't log in with it any more, and whose remembered devices are "
        "forgotten. It can't be undone: the user would have to prove it again."
    ),
    perform=_revoke,
)
LIFT = Deed(
    name="lift",
    permission="lift_block",
    label=gettext_lazy("Lift the block"),
    consequence=gettext_lazy(
        "Codes go there again at once, each of which costs money. It can't be undone, but too few codes that are "
        "entered lead to a new block."
    ),
    perform=_lift,
    fits=_is_in_force,
)
