"""What the guard and support deal with: refusals, blocks in force, lockouts, devices, and users without a phone."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from django_ding import phone
from django_ding.guard.lockouts import lockout_keys
from django_ding.login.user_agents import device_name
from django_ding.models import (
    Authentication,
    Block,
    Lockout,
    LostPhoneNumber,
    RecoveryCode,
    Refusal,
    RememberedDevice,
)
from django_ding.models.base import RequesterType, user_key
from example.demo_data.cases import GUESSED, GUESSES
from example.demo_data.people import Person, address

#: What is blocked now: the prefix of +1 809 555 01xx and a country. And what was, until somebody lifted it.
BLOCKED_PREFIX, BLOCKED_COUNTRY, LIFTED_PREFIX = "+1809555", "JM", "+3363998"

#: Numbers for reasons that have to do with them: a landline in films, a satellite phone, one of Benin before 2024.
_NUMBERS = {
    Refusal.Reason.INVALID_LINE: "+442079460123",
    Refusal.Reason.UNSUPPORTED_REGION: "+870773111632",
    Refusal.Reason.OUTDATED_PHONE_NUMBER: "+22990011234",
    Refusal.Reason.LOCKED_OUT: GUESSED,
}
#: Reasons that a lookup before the send adds: the provider's error codes.
_LOOKUP_REASONS = ("blocked_number",)

_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
)
_DEVICES = 120
_REMEMBERED = timedelta(days=30)
_RECOVERY = timedelta(minutes=15)
_REASONS = (
    "Lost the phone on holiday. Showed the passport in the video call.",
    "Phone stolen, police report 2026-118. Answered the three questions.",
    "New SIM, the old number was given up. Invoice number and address were right.",
    "Phone broke, called from the landline on file.",
    "Asked for by chat, identity not proven after all.",
)


def refusals(people: Sequence[Person], now: datetime, rng: Random) -> Iterator[Refusal]:
    """Yield refusals for every reason that there is, of the last two days, the newest of the last minutes."""
    for index, reason in enumerate((*Refusal.Reason.values, *_LOOKUP_REASONS)):
        for turn in range(4):
            last_at = now - timedelta(hours=13 * turn, minutes=3 + 7 * index)
            yield _refusal(reason, rng.choice(people), last_at, rng)


def _refusal(reason: str, person: Person, last_at: datetime, rng: Random) -> Refusal:
    hour = last_at.replace(minute=0, second=0, microsecond=0)
    # A rate of an address is about all numbers that were requested from there, so the row has none.
    number = "" if reason == Refusal.Reason.IP else _NUMBERS.get(reason, person.phone_number)
    user = person.user if reason == Refusal.Reason.USER else None
    ip = address(rng)
    return Refusal(
        phone_number=number,
        country=phone.destination(number) if number else "",
        prefix=phone.prefix(number) if number else "",
        reason=reason,
        hour=hour,
        count=rng.randrange(1, 9),
        first_at=max(hour, last_at - timedelta(minutes=rng.uniform(0, 10))),
        last_at=last_at,
        user=user,
        requester_key=user_key(user.pk) if user else "" if number else ip,
        ip=ip,
    )


def blocks(now: datetime) -> Iterator[Block]:
    """Yield the blocks of now, and one that was lifted early."""
    for scope, subject, requester_type, sends, validated, minutes in (
        (Block.Scope.PREFIX, BLOCKED_PREFIX, RequesterType.VISITOR, 20, 0, 25),
        (Block.Scope.COUNTRY, BLOCKED_COUNTRY, RequesterType.LOGIN, 120, 9, 40),
        (Block.Scope.PREFIX, LIFTED_PREFIX, RequesterType.VISITOR, 24, 2, 300),
    ):
        created_at = now - timedelta(minutes=minutes)
        yield Block(
            scope=scope,
            subject=subject,
            requester_type=requester_type,
            sends=sends,
            validated=validated,
            created_at=created_at,
            expires_at=created_at + timedelta(hours=1),
            lifted_at=created_at + timedelta(minutes=12) if subject == LIFTED_PREFIX else None,
        )


def lockouts(authentications: Sequence[Authentication]) -> Iterator[Lockout]:
    """Yield a lockout of the number and one of the user that somebody guessed codes of.

    :param authentications: the last one of each.
    """
    for authentication in authentications:
        scope = Lockout.Scope.PHONE if authentication.user_id is None else Lockout.Scope.USER
        yield Lockout(
            scope=scope,
            requester_type=authentication.requester_type,
            phone_number=authentication.phone_number,
            user_id=authentication.user_id,
            wrong_codes=GUESSES[scope] * 5,
            created_at=authentication.expires_at - timedelta(minutes=9),
            active_key=lockout_keys(authentication)[scope],
        )


def devices(users: Sequence[Any], now: datetime, rng: Random) -> Iterator[RememberedDevice]:
    """Yield devices that need no code for a while. None of them exists, so no key belongs to a hash."""
    for user in rng.choices(users, k=_DEVICES):
        created_at = now - timedelta(days=rng.uniform(0, 29))
        yield RememberedDevice(
            user=user,
            key_hash=_hash(rng),
            created_at=created_at,
            expires_at=created_at + _REMEMBERED,
            name=device_name(rng.choice(_AGENTS)),
        )


def lost_numbers(users: Sequence[Any], now: datetime) -> Iterator[LostPhoneNumber]:
    """Yield users who have no number any more, one for each reason."""
    for user, reason, hours in zip(users, LostPhoneNumber.Reason, (3, 30, 200), strict=True):
        yield LostPhoneNumber(user=user, reason=reason, lost_at=now - timedelta(hours=hours))


def recovery_codes(users: Sequence[Any], agent: Any, now: datetime, rng: Random) -> Iterator[RecoveryCode]:
    """Yield recovery codes that support created for users who lost the phone, one in each status."""
    for index, (user, reason, minutes) in enumerate(zip(users, _REASONS, (4, 40, 700, 1500, 3000), strict=True)):
        at = now - timedelta(minutes=minutes)
        is_active, is_revoked = index == 0, index == 4
        used_at = at + timedelta(minutes=6) if index in (1, 2) else None
        yield RecoveryCode(
            user=user,
            code_hash=_hash(rng),
            reason=reason,
            created_by=agent,
            created_at=at,
            expires_at=at + _RECOVERY,
            check_count=int(used_at is not None),
            used_at=used_at,
            completed_at=at + timedelta(minutes=9) if index == 2 else None,
            revoked_at=at + timedelta(minutes=2) if is_revoked else None,
            active_key=sha256(user_key(user.pk).encode()).hexdigest() if is_active else None,
        )


def _hash(rng: Random) -> str:
    return f"{rng.getrandbits(256):064x}"
