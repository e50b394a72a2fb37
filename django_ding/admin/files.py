"""What the lists are as files: the columns, and what each holds of a row."""

from django_ding.admin.exporting import Reader
from django_ding.admin.masking import shown_user
from django_ding.models import Authentication, MaskedNumberModel, Refusal
from django_ding.phone import mask


def of_authentications(*, whole: bool) -> dict[str, Reader]:
    """Return the columns of the authentications, with whole numbers or masked ones."""
    return {
        "public_id": lambda row: row.public_id,
        "authentication_uuid": lambda row: row.authentication_uuid,
        "phone_number": lambda row: _number(row, whole=whole),
        "country": lambda row: row.country,
        "user": lambda row: _user(row, whole=whole),
        "purpose": lambda row: row.purpose,
        "status": lambda row: row.status,
        "error_code": lambda row: row.error_code,
        "retries": lambda row: row.retry_count,
        "checks": lambda row: row.check_count,
        "channel": lambda row: row.channel,
        "delivery_status": lambda row: row.delivery_status,
        "price_amount": lambda row: row.price_amount,
        "price_currency": lambda row: row.price_currency,
        "backend": lambda row: row.backend,
        "created_at": lambda row: row.created_at,
        "expires_at": lambda row: row.expires_at,
        "validated_at": lambda row: row.validated_at,
    }


def of_refusals(*, whole: bool) -> dict[str, Reader]:
    """Return the columns of the refusals, with whole numbers or masked ones."""
    return {
        "phone_number": lambda row: _number(row, whole=whole),
        "country": lambda row: row.country,
        "user": lambda row: _user(row, whole=whole),
        "reason": lambda row: row.reason,
        "count": lambda row: row.count,
        "first_at": lambda row: row.first_at,
        "last_at": lambda row: row.last_at,
    }


def _number(row: MaskedNumberModel, *, whole: bool) -> str:
    return row.phone_number if whole else mask(row.phone_number)


def _user(row: Authentication | Refusal, *, whole: bool) -> str:
    return shown_user(row.user, whole=whole) if row.user else ""
