"""What the tests of the example share."""

from typing import Any


def provider(settings, *, base_url: str, sandbox: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return the DING setting with another provider URL and other options."""
    backend = settings.DING["BACKENDS"]["default"]
    options = {**backend["OPTIONS"], "base_url": base_url, **changed}
    return {
        **settings.DING,
        "BACKENDS": {"default": {**backend, "OPTIONS": options}},
        # Tests run with DEBUG off.
        "SANDBOX": {"enabled": True, **(sandbox or {})},
    }
