"""Where a sandbox inside a project posts webhooks: to the project and to this machine."""

from urllib.parse import urlsplit

from django_ding.conf import ding_settings
from django_ding.loopback import is_loopback


def accepts_webhooks_to(url: str) -> bool:
    """Return whether a URL is under ``WEBHOOK_BASE_URL`` or on this machine.

    Anyone who reaches a mounted sandbox can name the URL. Without this, the site would post to whatever it can reach.
    """
    parts = urlsplit(url)
    if is_loopback(parts.hostname or ""):
        return True
    base = ding_settings.WEBHOOK_BASE_URL
    # With the slash, so that https://example.com doesn't match https://example.com.evil.example.
    return base is not None and url.startswith(f"{base}/")
