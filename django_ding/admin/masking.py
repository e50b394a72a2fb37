"""Who sees whole numbers, and what the others see instead."""

import re
from typing import Any

from django.http import HttpRequest

from django_ding import phone

#: Who has it sees whole phone numbers in the admin.
PERMISSION = "django_ding.view_full_phone"

_LIKE_A_NUMBER = re.compile(r"\+?\d[\d ().\-]{5,}\d")


def may_see_numbers(request: HttpRequest) -> bool:
    """Tell whether whole numbers may be shown to who asks."""
    return request.user.has_perm(PERMISSION)


def shown_number(phone_number: str, *, whole: bool) -> str:
    """Return an E.164 number as people read it: ``+33 6 12 34 56 78``, or ``+33*******78``."""
    return phone.spaced(phone_number) if whole else phone.mask(phone_number)


def shown_user(user: Any, *, whole: bool) -> str:
    """Return what a user is called. Projects name users by their numbers, too, so what looks like one is masked."""
    return str(user) if whole else _LIKE_A_NUMBER.sub(_masked, str(user))


def isolated(number: str) -> str:
    """Return a masked number that keeps its plus before its digits in a right-to-left sentence."""
    return f"\u2066{number}\u2069"


def _masked(found: re.Match[str]) -> str:
    digits = re.sub(r"[^\d+]", "", found[0])
    return phone.mask(digits)
