"""Whose number it is: from a proven authentication to a row of the user's own."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidProof, PhoneNumberTaken
from django_ding.models import Authentication, PhoneNumber
from django_ding.services.devices import forget
from django_ding.services.numbers import locked_numbers, released, stand_in
from django_ding.services.records import adopt, on_conflict_again, tell_after_commit, write_alias
from django_ding.services.statements import Update
from django_ding.signals import phone_taken_over


def make_proof(authentication: Authentication) -> str:
    """Return a signed text that its bearer proved the number of a validated authentication.

    It holds no phone number, is good for this authentication's purpose alone, and for ``DING["PROOF_MAX_AGE"]``
    seconds.
    """
    return signing.dumps(str(authentication.public_id), salt=_salt(authentication.purpose))


def verify_proof(proof: str, *, purpose: str = Authentication.Purpose.SIGNUP) -> Authentication:
    """Return the authentication behind the ``proof`` that the REST API gave to somebody who is not signed in.

    Its ``phone_number`` was proven. Make the user, then :func:`claim` the number for them: only one user can.

    :raises InvalidProof: when it is forged, too old, for another purpose, or its number was claimed already.
    """
    try:
        public_id = signing.loads(proof, salt=_salt(purpose), max_age=ding_settings.PROOF_MAX_AGE)
    except (signing.BadSignature, UnicodeError):  # The latter for half of a surrogate pair.
        raise InvalidProof from None
    proven = (
        Authentication.objects.using(write_alias())
        .filter(public_id=public_id, purpose=purpose, status=Authentication.Status.VALIDATED, user=None)
        .first()
    )
    if proven is None:
        raise InvalidProof
    return proven


def claim(authentication: Authentication, *, user: Any) -> PhoneNumber:
    """Give the number of a validated, anonymous authentication to a user.

    Unlike ``send``, ``check`` and ``retry`` it may run inside a transaction, together with the creation of the user.

    :raises InvalidProof: when the authentication was claimed before, or is not validated.
    :raises PhoneNumberTaken: when the number belongs to another account.
    """
    try:
        number = on_conflict_again(lambda: _spend(authentication, user))
    except IntegrityError:
        raise PhoneNumberTaken from None  # Its text holds the number.
    adopt(authentication, user=user)
    return number


def own(user_id: Any, phone_number: str, now: datetime) -> PhoneNumber | None:
    """Make the number the user's, the first one their primary, inside a transaction of the caller's.

    ``None`` when it belongs to another account, which ``DING["NUMBER_TAKEOVER"]`` lets keep it.

    :raises IntegrityError: when another transaction does the same at this moment.
    """
    rows = PhoneNumber.objects.using(write_alias())
    known = list(rows.filter(Q(user_id=user_id) | Q(phone_number=phone_number)).order_by("pk").select_for_update())
    same = next((row for row in known if row.phone_number == phone_number), None)
    is_first = not any(row.is_primary for row in known if row.user_id == user_id)
    if same is None:
        return rows.create(user_id=user_id, phone_number=phone_number, verified_at=now, is_primary=is_first)
    if same.user_id != user_id:
        return _take_over(same, user_id, now, is_primary=is_first) if _may_be_taken_over(same, now) else None
    same.verified_at = now
    same.save(update_fields=["verified_at"])
    return same


def renewal(user_id: Any, phone_number: str, now: datetime) -> Update:
    """Return what notes that a user has just proven this number once more, if it is theirs."""
    return Update(
        model=PhoneNumber, values={"verified_at": now}, where={"user_id": user_id, "phone_number": phone_number}
    )


def _may_be_taken_over(number: PhoneNumber, now: datetime) -> bool:
    days = ding_settings.NUMBER_TAKEOVER
    return days is not None and number.verified_at <= now - timedelta(days=days)


def _take_over(number: PhoneNumber, user_id: Any, now: datetime, *, is_primary: bool) -> PhoneNumber:
    """Move the row to who proved the number. What its former owner's account trusted because of it ends."""
    former = number.user
    number.user_id, number.verified_at, number.is_primary = user_id, now, is_primary
    number.save(update_fields=["user", "verified_at", "is_primary"])
    stand_in(locked_numbers(former.pk))
    forget(former.pk)
    released(number, user=former, reason="taken_over")
    tell_after_commit(phone_taken_over, phone_number=number, former_user=former)
    return number


def _spend(authentication: Authentication, user: Any) -> PhoneNumber:
    unclaimed = Authentication.objects.using(write_alias()).filter(
        pk=authentication.pk, status=Authentication.Status.VALIDATED, user=None
    )
    with transaction.atomic(using=write_alias()):
        if not unclaimed.update(user=user):
            raise InvalidProof
        number = own(user.pk, authentication.phone_number, timezone.now())
        if number is None:
            raise PhoneNumberTaken
    return number


def _salt(purpose: str) -> str:
    return f"django_ding.proof.{purpose}"
