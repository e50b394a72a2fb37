"""What the tests of the example share."""

from typing import Any

from django_ding.sandbox.options import ANY_UUID


def ding(settings, *, base_url: str, **changed: Any) -> dict[str, Any]:
    """Return the DING setting with version 1 of the sandbox's API at the URL, instead of version 2."""
    options = {"api_key": "example", "customer_uuid": ANY_UUID, "base_url": f"{base_url}/v1"}
    backend = {"BACKEND": "django_ding.backends.ding.DingBackend", "OPTIONS": options}
    settings.DING = {**settings.DING, "BACKENDS": {"default": backend}}
    return provider(settings, **changed)


def provider(
    settings, *, base_url: str | None = None, sandbox: dict[str, Any] | None = None, **changed: Any
) -> dict[str, Any]:
    """Return the DING setting with another provider URL and other options."""
    backend = settings.DING["BACKENDS"]["default"]
    options = {**backend["OPTIONS"], **({"base_url": base_url} if base_url else {}), **changed}
    return {
        **settings.DING,
        "BACKENDS": {"default": {**backend, "OPTIONS": options}},
        # Tests run with DEBUG off.
        "SANDBOX": {"enabled": True, **(sandbox or {})},
    }


def limits(settings, **changed: str) -> dict[str, Any]:
    """Return the DING setting with these rate limits."""
    return {**settings.DING, "RATE_LIMITS": {"send": "", "check": "", **changed}}
