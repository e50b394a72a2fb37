"""What is kept: authentications and their events, what the guard counts and refuses, proven numbers, daily figures."""

from django_ding.models.authentications import Authentication, AuthenticationQuerySet, Event
from django_ding.models.base import MaskedNumberModel, PlacedNumberModel
from django_ding.models.guarding import Block, BlockQuerySet, Counter, Refusal, RefusalQuerySet
from django_ding.models.numbers import PhoneNumber, RememberedDevice
from django_ding.models.rollups import Rollup, RollupPart

__all__ = [
    "Authentication",
    "AuthenticationQuerySet",
    "Block",
    "BlockQuerySet",
    "Counter",
    "Event",
    "MaskedNumberModel",
    "PhoneNumber",
    "PlacedNumberModel",
    "Refusal",
    "RefusalQuerySet",
    "RememberedDevice",
    "Rollup",
    "RollupPart",
]
