"""The system checks: their messages, made with example values."""

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from ding_reference.markdown import code, facts, prose
from django_ding.backends.options import MissingOption
from django_ding.checks import messages, page_messages

#: Values for the parameters of the functions that make the messages, by name. A new one without fails the build.
_SAMPLES: dict[str, Any] = {
    "alias": "default",
    "default": "/accounts/login/",
    "factory": "django_ding.services.create_user",
    "instead": "",
    "key": "TOKEN_ISSUER",
    "length": 4,
    "name": "SendView",
    "names": ["first_name"],
    "numbers": ["+12025550100"],
    "ours": "default",
    "own": "public_id",
    "path": "reversion.middleware.RevisionMiddleware",
    "prefix": "^(\\w+)/phone/",
    "problem": "no URL has the name 'django_ding_login:login-code'.",
    "reason": "accounts.tokens.issue is not a function.",
    "reasons": ["email is unique, and each new user would get the same value"],
    "route": "phone/",
    "users": "accounts",
    "views": ["PhoneLoginView at 'phone/login/'"],
    "with_code": "TwoFactorLoginView",
}
#: Where one sample doesn't suit all functions.
_OWN_SAMPLES: dict[str, dict[str, Any]] = {
    "unusable_setting": {"error": ImproperlyConfigured('DING["MAX_CHECKS"] must be a whole number, 1 or more, not 0.')},
    "unreadable_limit": {
        "error": ImproperlyConfigured(
            "'5/phone' isn't a rate. Write a number, a period in s, m, h or d, and one of phone, user, ip, prefix, "
            'country, all, such as "5/h/phone" or "1/30s/phone".'
        )
    },
    "unusable_rate_limit_cache": {"error": ImproperlyConfigured("No module named 'redis'")},
    "unusable_backend": {
        "error": ImproperlyConfigured(
            "DING[\"BACKENDS\"]['default'][\"BACKEND\"]: 'acme.Backend' is not a subclass of BaseBackend."
        )
    },
    "missing_option": {"error": MissingOption("DING[\"BACKENDS\"]['default'] needs 'api_key': missing or empty.")},
    "unusable_sandbox_urls": {
        "route": "sandbox/",
        "error": ImproperlyConfigured("The options of the sandbox's URLs: code_length must be from 4 to 12."),
    },
    "mounted_sandbox": {"route": "sandbox/"},
    "missing_webhook_urls": {
        "error": ImproperlyConfigured(
            'DING["WEBHOOK_BASE_URL"] is set, but the webhooks are not mounted: add path("ding/webhooks/", '
            'include("django_ding.webhooks.urls")) to the root URLconf.'
        )
    },
    "uncountable_cache": {
        "error": ImproperlyConfigured(
            "CACHES['default'] can't count requests: DummyCache increments in two steps, or not at all. Use one Redis, "
            'a Redis Cluster or Memcached, or set DING["RATE_LIMIT_CACHE"] to None to count in the database.'
        )
    },
    "missing_widget_template": {"name": "django_ding/login/widgets/country.html"},
    "missing_page_template": {"name": "django_ding/login/base.html"},
    "login_without_code": {"name": "Admin", "route": "admin/login/"},
}


def all_messages() -> dict[str, CheckMessage]:
    """Return an example of each message by its id without the app's name, errors first."""
    return dict(sorted(_read().items()))


@cache
def _read() -> dict[str, CheckMessage]:
    # The site is built with the settings of the tests; these two are in messages.
    with override_settings(LOGIN_URL="/accounts/login/", LOGIN_REDIRECT_URL="/accounts/profile/"):
        found = [make(**_arguments(make)) for make in _makers()]
    return {str(message.id).removeprefix("django_ding."): message for message in found}


def _makers() -> Iterator[Any]:
    """Yield the functions that make the messages."""
    for module in (messages, page_messages):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function


def _arguments(make: Any) -> dict[str, Any]:
    samples = _SAMPLES | _OWN_SAMPLES.get(make.__name__, {})
    return {name: samples[name] for name in inspect.signature(make).parameters}


def markdown(check_id: str) -> str:
    """Return the level, the message and the hint of a check."""
    message = all_messages()[check_id]
    return facts(
        [
            ("ID", f"{code(message.id)}, {'an error' if isinstance(message, Error) else 'a warning'}"),
            ("Message", code(message.msg)),
            ("Hint", prose(message.hint or "")),
        ]
    )
