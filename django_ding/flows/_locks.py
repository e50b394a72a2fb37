"""The lock under which a user's numbers and remembered devices change."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections

from django_ding.models.base import write_alias


def lock_user(user_id: Any) -> None:
    """Let all other changes of the user's numbers and devices wait for the open transaction.

    Read the rows after it. A statement that had to wait for a lock on the rows themselves would return those that were
    there before the wait, without what the other transaction added.

    SQLite, which has no such lock, lets one transaction write at a time and refuses a write after an outdated read.
    """
    alias = write_alias()
    users = get_user_model()._base_manager.using(alias).filter(pk=user_id).values_list("pk")
    # In PostgreSQL a weaker lock, which others may still refer to the user under.
    is_weak = connections[alias].features.has_select_for_no_key_update
    list(users.select_for_update(no_key=is_weak))
