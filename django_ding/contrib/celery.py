"""Upkeep and feedback as tasks of Celery.

Arguments and results are JSON. They hold no phone number, since brokers keep both.
"""

from datetime import timedelta
from typing import Any

from django_ding.contrib import _jobs
from django_ding.contrib._extras import require
from django_ding.exceptions import BackendUnavailable

require("celery", extra="celery")

from celery import shared_task  # noqa: E402 - the line before says how to install it.
from celery.schedules import crontab  # noqa: E402

#: For ``beat_schedule``. Times are in the time zone of the Celery app.
BEAT_SCHEDULE = {
    "django_ding.reconcile": {"task": "django_ding.reconcile", "schedule": timedelta(minutes=5)},
    "django_ding.watch": {"task": "django_ding.watch", "schedule": timedelta(minutes=15)},
    "django_ding.roll_up": {"task": "django_ding.roll_up", "schedule": crontab(minute=5)},
    "django_ding.report_onboarded": {"task": "django_ding.report_onboarded", "schedule": crontab(minute=30, hour=2)},
    "django_ding.purge": {"task": "django_ding.purge", "schedule": crontab(minute=30, hour=3)},
}


@shared_task(name="django_ding.purge")
def purge(older_than: float | None = None) -> dict[str, Any]:
    """Delete rows older than ``DING["RETENTION_DAYS"]``. Return how many of each kind.

    :param older_than: seconds, instead of the setting.
    """
    return _jobs.purge(older_than=older_than)


@shared_task(name="django_ding.reconcile")
def reconcile(limit: int | None = None) -> dict[str, Any]:
    """Record what crashes left open, and close expired verifications. Return how many.

    :param limit: rows at most.
    """
    return _jobs.reconcile(limit=limit)


@shared_task(name="django_ding.roll_up")
def roll_up(since: str | None = None) -> dict[str, Any]:
    """Bring the daily statistics up to date. Return how many days.

    :param since: count this UTC day and all after it, in ISO 8601.
    """
    return _jobs.roll_up(since=since)


@shared_task(name="django_ding.watch")
def watch() -> dict[str, Any]:
    """Compare the last hour with the week before. Return the codes, and what is lower than usual, as ``drops``."""
    return _jobs.watch()


@shared_task(name="django_ding.report_onboarded")
def report_onboarded(since: float = 2 * 86_400, limit: int | None = None) -> dict[str, Any]:
    """Report recently verified numbers of active users to the provider. Return how many.

    :param since: how many seconds back. Default: two days.
    :param limit: numbers at most.
    """
    return _jobs.report_onboarded(since=since, limit=limit)


@shared_task(
    name="django_ding.feedback",
    autoretry_for=(BackendUnavailable,),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=8,
)
def feedback(authentication_id: str, status: str) -> dict[str, Any]:
    """Report to the provider whether a user completed sign-up. Return ``sent``, and the provider's ``code`` if not.

    In an outage it is retried, after up to 30 seconds at first, and for up to two hours in all.

    :param authentication_id: the ``public_id`` of the authentication, as text.
    :param status: ``onboarded`` or ``not_onboarded``.
    """
    return _jobs.feedback(authentication_id, status)
