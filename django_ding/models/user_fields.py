"""What a field of the project's user model can hold: a made-up name, or a phone number."""

import re
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models

#: A plus sign and fifteen digits (ITU-T E.164, 6.2).
_NUMBER_LENGTH = 16

#: Names of fields that hold a phone number, in the words of a name.
_PHONE_WORDS = {"phone", "phonenumber", "mobile", "mobilenumber", "cellphone", "telephone", "msisdn"}


def is_phone_field(field: Any) -> bool:
    """Return whether a field holds a phone number: a ``PhoneNumberField``, or one with such a name."""
    if any(cls.__name__ == "PhoneNumberField" for cls in type(field).__mro__):
        return True
    return not _PHONE_WORDS.isdisjoint(re.split(r"_+", field.name.lower()))


def make_up_name() -> str:
    """Return a random user name."""
    return f"user-{secrets.token_hex(8)}"


def refuse_made_up_name(name: str) -> str:
    """Return why the field of the user name can't hold a made-up one, empty if it can.

    The text continues a sentence about the field: "is an email address".
    """
    model: Any = get_user_model()
    field = model._meta.get_field(model.USERNAME_FIELD)
    if field.name == model.get_email_field_name() or isinstance(field, models.EmailField):
        return "is an email address"
    if is_phone_field(field):
        return "is a phone number"
    if field.is_relation:
        return "refers to another row"
    try:
        field.clean(name, None)
    except ValidationError as error:
        return f"doesn't accept a made-up name ({' '.join(error.messages)})"
    return ""


def refuse_number(field: Any) -> str:
    """Return why a field can't hold a phone number in E.164, empty if it can."""
    if isinstance(field, models.EmailField):
        return "is an email address"
    if not isinstance(field, models.CharField | models.TextField):
        return "isn't text"
    if field.max_length is not None and field.max_length < _NUMBER_LENGTH:
        return f"has room for {field.max_length} characters, and a phone number may have {_NUMBER_LENGTH}"
    return ""
