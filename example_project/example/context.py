"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def inbox(request: HttpRequest) -> dict[str, str]:
    """Tell where the codes can be read."""
    return {"inbox_url": settings.INBOX_URL}
