"""Variables for every template."""

from django.conf import settings
from django.http import HttpRequest


def inbox(request: HttpRequest) -> dict[str, str]:
    """Return the address of the inbox, empty where the codes go to real phones."""
    return {"inbox_url": settings.INBOX_URL}
