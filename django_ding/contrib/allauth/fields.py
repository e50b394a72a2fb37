"""The field for numbers."""

from typing import Any

from allauth.account.fields import PhoneField as BasePhoneField


class PhoneField(BasePhoneField):
    """Take a number as people write it. The adapter's ``clean_phone`` reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [])
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)
