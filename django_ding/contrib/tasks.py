"""Upkeep and feedback as tasks of Django's (``django.tasks``, Django 6.0 or later).

Arguments and results are JSON. They hold no phone number, since a queue keeps both. Enqueue them after the commit:

>>> transaction.on_commit(partial(feedback.enqueue, str(authentication.public_id), "onboarded"))
"""

from typing import Any

try:
    from django.tasks import task
except ImportError as error:
    raise ImportError(
        "django_ding.contrib.tasks needs Django 6.0 or later. On Django 5.2, use django_ding.contrib.celery, or run "
        "the management commands."
    ) from error

from django_ding.contrib import _jobs


@task
def purge(older_than: float | None = None) -> dict[str, Any]:
    """Delete rows older than ``DING["RETENTION_DAYS"]``. Return how many of each kind.

    :param older_than: seconds, instead of the setting.
    """
    return _jobs.purge(older_than=older_than)


@task
def reconcile(limit: int | None = None) -> dict[str, Any]:
    """Record what crashes left open, and close expired verifications. Return how many.

    :param limit: rows at most.
    """
    return _jobs.reconcile(limit=limit)


@task
def roll_up(since: str | None = None) -> dict[str, Any]:
    """Bring the daily statistics up to date. Return how many days.

    :param since: count this UTC day and all after it, in ISO 8601.
    """
    return _jobs.roll_up(since=since)


@task
def watch() -> dict[str, Any]:
    """Compare the last hour with the week before. Return the codes, and what is lower than usual, as ``drops``."""
    return _jobs.watch()


@task
def report_onboarded(since: float = 2 * 86_400, limit: int | None = None) -> dict[str, Any]:
    """Report recently verified numbers of active users to the provider. Return how many.

    :param since: how many seconds back. Default: two days.
    :param limit: numbers at most.
    """
    return _jobs.report_onboarded(since=since, limit=limit)


@task
def feedback(authentication_id: str, status: str) -> dict[str, Any]:
    """Report to the provider whether a user completed sign-up. Return ``sent``, and the provider's ``code`` if not.

    The task fails in an outage, with ``BackendUnavailable``.

    :param authentication_id: the ``public_id`` of the authentication, as text.
    :param status: ``onboarded`` or ``not_onboarded``.
    """
    return _jobs.feedback(authentication_id, status)
