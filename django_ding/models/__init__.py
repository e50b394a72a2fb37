"""What is stored: authentications and events, what the guard counts and blocks, users' numbers, daily statistics."""

from django_ding.models.authentications import Authentication, AuthenticationQuerySet, Event
from django_ding.models.guard import Block, BlockQuerySet, RateLimitCounter, Refusal, RefusalQuerySet
from django_ding.models.lockouts import Lockout, LockoutQuerySet
from django_ding.models.numbers import (
    LostPhoneNumber,
    LostPhoneNumberQuerySet,
    PhoneNumber,
    PhoneNumberQuerySet,
    RememberedDevice,
)
from django_ding.models.recovery import RecoveryCode, RecoveryCodeQuerySet
from django_ding.models.statistics import DailyStatistics, DailyStatisticsItem

__all__ = [
    "Authentication",
    "AuthenticationQuerySet",
    "Block",
    "BlockQuerySet",
    "DailyStatistics",
    "DailyStatisticsItem",
    "Event",
    "Lockout",
    "LockoutQuerySet",
    "LostPhoneNumber",
    "LostPhoneNumberQuerySet",
    "PhoneNumber",
    "PhoneNumberQuerySet",
    "RateLimitCounter",
    "RecoveryCode",
    "RecoveryCodeQuerySet",
    "Refusal",
    "RefusalQuerySet",
    "RememberedDevice",
]
