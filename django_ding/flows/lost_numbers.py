"""Users who lost their last number: whether their password alone is enough, and when the last one must stay."""

from typing import Any

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.models import LostPhoneNumber
from django_ding.models.base import user_pk


def has_lost_number(user: Any) -> bool:
    """Return whether a user had a number, which was removed or taken over, and has none now.

    The password alone must not log such a user in, because the number may have been removed by a thief of the password.
    """
    return LostPhoneNumber.write_db.active().filter(user_id=user_pk(user)).exists()


def lift_lost_number(user: Any) -> bool:
    """Treat a user who lost their number as one who never had any. Return whether there was something to lift.

    Verify first that the person who asks for it is the account's owner.

    :param user: a user, or its primary key.
    """
    deleted, _ = LostPhoneNumber.write_db.filter(user_id=user_pk(user)).delete()
    return bool(deleted)


def must_keep_number(user: Any) -> bool:
    """Return whether ``DING["LAST_NUMBER"]`` keeps a user from removing their last number: one without a password."""
    return ding_settings.LAST_NUMBER == "keep" and not user.has_usable_password()


def record_lost_number(user_id: Any, *, reason: str) -> None:
    """Record that a user's last number is gone, inside a transaction of the caller's."""
    LostPhoneNumber.write_db.update_or_create(user_id=user_id, defaults={"reason": reason, "lost_at": clock.now()})
