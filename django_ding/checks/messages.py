"""The messages of the system checks, but for those of pages. Ids are never reused: projects silence them by id."""

from collections.abc import Iterable

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.options import MissingOption
from django_ding.checks.base import silenceable
from django_ding.conf import UnknownKey, ding_settings
from django_ding.phone import mask


def unusable_setting(error: ImproperlyConfigured) -> CheckMessage:
    text, hint = _text_and_hint(error, "Fix the value or remove the key. See “Settings” in the docs.")
    return Error(text, hint=hint, id="django_ding.E005")


def no_default_backend() -> CheckMessage:
    return Warning(
        f'DING["BACKENDS"] has no backend named {ding_settings.DEFAULT_BACKEND!r}, so each call must name another one.',
        hint='Add it, or name one that exists in DING["DEFAULT_BACKEND"]. See the example in the README.',
        id="django_ding.W001",
    )


def unreadable_limit(error: ImproperlyConfigured) -> CheckMessage:
    return Error(
        str(error),
        hint='Fix DING["RATE_LIMITS"] or DING["MIN_CONVERSION"]. See “The guard” in the docs for the syntax.',
        id="django_ding.E003",
    )


def unusable_rate_limit_cache(error: Exception) -> CheckMessage:
    return Error(
        f'DING["RATE_LIMIT_CACHE"] can\'t be used: {error}',
        hint="Install the cache's client library, or choose another cache. See “The guard” in the docs.",
        id="django_ding.E004",
    )


def rate_limits_per_process(alias: str | None) -> CheckMessage:
    return Warning(
        f"CACHES[{alias!r}] is local memory, so each worker process has rate limits of its own.",
        hint='Set DING["RATE_LIMIT_CACHE"] to a cache in Redis or Memcached, or to None to count in the database.',
        id="django_ding.W002",
    )


def unusable_backend(error: ImproperlyConfigured) -> CheckMessage:
    text, hint = _text_and_hint(error, "Compare it with the examples of “Backends” in the docs.")
    return Error(text, hint=hint, id="django_ding.E001")


def missing_option(error: MissingOption) -> CheckMessage:
    return Error(
        str(error),
        hint="Copy it from the provider's dashboard. If your settings read it from the environment, set it there.",
        id="django_ding.E007",
    )


def insecure_backend(alias: str) -> CheckMessage:
    return Warning(
        f'DING["BACKENDS"][{alias!r}] uses plain http to another machine, so the API key, phone numbers and codes '
        "can be read on the way.",
        hint='Use a base_url that starts with "https://". Plain http is safe only on this machine, for the sandbox.',
        id="django_ding.W004",
    )


def short_codes(alias: str, length: int) -> CheckMessage:
    return silenceable(
        f'The codes of DING["BACKENDS"][{alias!r}] have {length} digits, so one guess in {10**length:,} is right.',
        hint="Use at least 6 digits (OWASP ASVS 5.0, 6.5.4).",
        unless='If it is intended, and DING["RATE_LIMITS"] and MAX_CHECKS leave few guesses',
        id="django_ding.W007",
    )


def sandbox_in_production(alias: str) -> CheckMessage:
    return silenceable(
        f'DING["BACKENDS"][{alias!r}] is the sandbox, which sends nothing, and DEBUG is off.',
        hint="Use a provider's backend in production.",
        unless="If the sandbox is intended",
        kind=Error,
        id="django_ding.E002",
    )


def unusable_sandbox_urls(route: str, error: ImproperlyConfigured) -> CheckMessage:
    text, hint = _text_and_hint(error, "See “Sandbox” in the docs for the options.")
    return Error(f"The sandbox is mounted at {route!r}, but can't answer. {text}", hint=hint, id="django_ding.E012")


def mounted_sandbox(route: str) -> CheckMessage:
    return silenceable(
        f"The sandbox is mounted at {route!r} and answers, although DEBUG is off: anyone can read its codes there.",
        hint='Remove "enabled" from its options, or its URLs from this URLconf.',
        unless="If it is intended",
        id="django_ding.W006",
    )


def no_lookup(alias: str) -> CheckMessage:
    return Error(
        f"Numbers are looked up before a send, but the backend {alias!r} has no lookup, so it can't send to them.",
        hint="Use a backend with a lookup, or remove LOOKUP_BEFORE_SEND and LOOKUP_PURPOSES from DING.",
        id="django_ding.E006",
    )


def unused_lookup_policy() -> CheckMessage:
    return Warning(
        'DING["LOOKUP_POLICY"] is set, but no number is looked up, so it is never asked.',
        hint='Name the purposes that it is for in DING["LOOKUP_PURPOSES"], such as ["login", "second_factor"], or set '
        "LOOKUP_BEFORE_SEND.",
        id="django_ding.W008",
    )


def live_test_numbers(numbers: Iterable[str]) -> CheckMessage:
    return silenceable(
        f'DING["TEST_NUMBERS"] lists {", ".join(map(mask, numbers))}, and DEBUG is off: '
        "anyone who knows a code can verify its number without having the phone.",
        hint="Empty it after the review.",
        unless="If the numbers are meant to stay",
        id="django_ding.W003",
    )


def missing_webhook_urls(error: ImproperlyConfigured) -> CheckMessage:
    return Error(
        str(error),
        hint='Include the URLs, or set DING["WEBHOOK_BASE_URL"] to None. Until then nothing can be sent.',
        id="django_ding.E010",
    )


def insecure_webhooks() -> CheckMessage:
    return Warning(
        'DING["WEBHOOK_BASE_URL"] uses plain http to another machine, so the URL and the phone number of each webhook '
        "can be read on the way.",
        hint='Use a URL that starts with "https://". Plain http is safe only on this machine, for the sandbox.',
        id="django_ding.W005",
    )


def atomic_view(route: str, name: str, alias: str) -> CheckMessage:
    return Error(
        f"{name} at {route!r} would run inside the transaction of ATOMIC_REQUESTS (DATABASES[{alias!r}]), where "
        "nothing can be sent, checked or recorded: a rollback would undo what was counted.",
        hint="A decorator or subclass hides that the view is exempt. Use functools.wraps in your own decorators, and "
        "call super().as_view() in your own as_view().",
        id="django_ding.E008",
    )


def no_autocommit(alias: str) -> CheckMessage:
    return Error(
        f"DATABASES[{alias!r}] has AUTOCOMMIT off, so everything runs inside a transaction, where send, check and "
        "retry refuse to run.",
        hint="Remove AUTOCOMMIT from the settings of this database.",
        id="django_ding.E009",
    )


def no_function(key: str, reason: str) -> CheckMessage:
    return Error(
        f'DING["{key}"] can\'t be used: {reason}',
        hint="Name a function by its dotted path, such as accounts.tokens.issue.",
        id="django_ding.E011",
    )


def unusable_user_factory(factory: str, reasons: Iterable[str], *, instead: str = "") -> CheckMessage:
    return Error(_obstacles(factory, reasons), hint=_other_factory(instead), id="django_ding.E020")


def doubtful_user_factory(factory: str, reasons: Iterable[str], *, instead: str = "") -> CheckMessage:
    return silenceable(
        _obstacles(factory, reasons),
        hint=_other_factory(instead),
        unless="If your own code sets it before a user is saved",
        id="django_ding.W020",
    )


def empty_user_fields(factory: str, names: Iterable[str]) -> CheckMessage:
    return silenceable(
        f"{factory} leaves required fields of {settings.AUTH_USER_MODEL} empty: {', '.join(names)}.",
        hint=_other_factory(""),
        unless="If your site asks for them later",
        id="django_ding.W021",
    )


def users_elsewhere(users: str, ours: str) -> CheckMessage:
    return Error(
        f"Users are in the database {users!r}, this app's tables in {ours!r}. Their foreign keys refer to users, so "
        "nothing can be sent to one.",
        hint="Let the routers of DATABASE_ROUTERS return the database of the users for django_ding, too. See “Several "
        "databases” in the docs.",
        id="django_ding.E021",
    )


def atomic_middleware(path: str, alias: str) -> CheckMessage:
    return Error(
        f"{path} in MIDDLEWARE runs requests inside a transaction of DATABASES[{alias!r}], where nothing can be sent, "
        "checked or recorded: a rollback would undo what was counted.",
        hint="List a subclass with atomic = False in its place. See “Databases” in the docs.",
        id="django_ding.E030",
    )


def uncountable_cache(error: ImproperlyConfigured) -> CheckMessage:
    return Warning(
        f"No code can be sent: {error}",
        hint='Only the cache that DING["RATE_LIMIT_CACHE"] names has to count. See “The guard” in the docs.',
        id="django_ding.W030",
    )


def scattered_counters(alias: str | None) -> CheckMessage:
    return silenceable(
        f"The keys of CACHES[{alias!r}] have no common hash tag, so a Redis Cluster refuses to count with them.",
        hint="Remove “{}” from its KEY_PREFIX, or keep the braces of keys in its KEY_FUNCTION.",
        unless="With a single Redis",
        id="django_ding.W031",
    )


def _text_and_hint(error: Exception, hint: str) -> tuple[str, str]:
    """Return the parts of a message. An unknown key has a hint of its own: the nearest key that exists."""
    return (error.message, error.hint) if isinstance(error, UnknownKey) else (str(error), hint)


def _obstacles(factory: str, reasons: Iterable[str]) -> str:
    model, text = settings.AUTH_USER_MODEL, "; ".join(reasons)
    return f'DING["LOGIN_CREATES_USER"] is on, but {factory} can\'t create users of {model}: {text}.'


def _other_factory(instead: str) -> str:
    advice = f"Use {instead}, which stores the number, or your own function" if instead else "Name your own function"
    return f'{advice} in DING["USER_FACTORY"]. See “Accounts for new numbers” in the docs.'
