"""Proofs: what an anonymous visitor gets for a right code, and how an account gets the number with it."""

from functools import partial
from typing import Any

from django.core import signing
from django.db import IntegrityError
from django.views.decorators.debug import sensitive_variables

from django_ding import clock
from django_ding.conf import ding_settings
from django_ding.exceptions import InvalidProof, PhoneNumberTaken
from django_ding.flows._events import set_fields
from django_ding.flows._locks import lock_user
from django_ding.flows.numbers import link_number
from django_ding.models import Authentication, PhoneNumber
from django_ding.models.base import load_user
from django_ding.transactions import atomic, retry_on_conflict


def make_proof(authentication: Authentication) -> str:
    """Return a signed token that proves that its bearer entered the right code.

    It holds no phone number. It is valid for this authentication's purpose, for ``DING["PROOF_TIMEOUT"]`` seconds.
    """
    return signing.dumps(str(authentication.public_id), salt=_salt(authentication.purpose))


@sensitive_variables()
def verify_proof(proof: str, *, purpose: str = Authentication.Purpose.SIGNUP) -> Authentication:
    """Return the validated authentication of a ``proof`` that the REST API gave to an anonymous visitor.

    Its ``phone_number`` is verified. Create the user, then :func:`claim` the number for them: only one user can.

    :raises InvalidProof: when it is forged, expired, for another purpose, or its number has been claimed.
    """
    try:
        public_id = signing.loads(proof, salt=_salt(purpose), max_age=ding_settings.PROOF_TIMEOUT)
    except (signing.BadSignature, UnicodeError):  # The latter for half of a surrogate pair.
        raise InvalidProof from None
    validated = Authentication.write_db.filter(
        public_id=public_id, purpose=purpose, status=Authentication.Status.VALIDATED, user=None
    ).first()
    if validated is None:
        raise InvalidProof
    return validated


@sensitive_variables()
def claim(authentication: Authentication, *, user: Any) -> PhoneNumber:
    """Link the number of a validated, anonymous authentication to a user.

    Unlike ``send``, ``check`` and ``retry`` it may run inside a transaction, together with the creation of the user.

    :param user: a saved user, or what was made of a token and has the user's ``pk``.
    :raises InvalidProof: when the authentication has been claimed, or isn't validated.
    :raises PhoneNumberTaken: when the number belongs to another account.
    :raises ValueError: for anything else.
    """
    user = load_user(user)
    if user is None:
        raise ValueError("A number can only be linked to a saved user.")
    try:
        number = retry_on_conflict(partial(_claim, authentication, user))
    except IntegrityError:
        raise PhoneNumberTaken from None  # Its text holds the number.
    set_fields(authentication, user=user)
    return number


def _claim(authentication: Authentication, user: Any) -> PhoneNumber:
    unclaimed = Authentication.write_db.filter(pk=authentication.pk, status=Authentication.Status.VALIDATED, user=None)
    with atomic():
        lock_user(user.pk)  # First: in MySQL, referring to the user takes a weaker lock, and two of these a deadlock.
        if not unclaimed.update(user=user):
            raise InvalidProof
        number = link_number(user.pk, authentication.phone_number, clock.now())
        if number is None:
            raise PhoneNumberTaken
    return number


def _salt(purpose: str) -> str:
    return f"django_ding.proof.{purpose}"
