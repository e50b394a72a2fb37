"""What the checks say. Ids are never used for anything else again."""

from collections.abc import Iterable

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - as Django calls it
from django.core.exceptions import ImproperlyConfigured

from django_ding.backends.base import BaseBackend
from django_ding.backends.options import MissingOption
from django_ding.conf import UnknownKey, ding_settings
from django_ding.phone import mask


def unusable_setting(error: ImproperlyConfigured) -> CheckMessage:
    text, hint = _told(error, 'Mend it, or leave the key out: "Settings" in the docs tells its values and default.')
    return Error(text, hint=hint, id="django_ding.E005")


def no_backend() -> CheckMessage:
    return Warning(
        'DING["BACKENDS"] has no backend named default, so no code can be sent unless another one is named each time.',
        hint="Add one named default: the README has an example.",
        id="django_ding.W001",
    )


def unreadable_rate(error: ImproperlyConfigured) -> CheckMessage:
    return Error(
        str(error),
        hint='Mend DING["RATES"] or DING["CONVERSION"]: "The guard" in the docs tells how both are written.',
        id="django_ding.E003",
    )


def unusable_counters(error: Exception) -> CheckMessage:
    return Error(
        f"The rates can't be counted: {error}",
        hint='Install what the cache needs, or let DING["COUNTERS"] name another: "The guard" in the docs lists them.',
        id="django_ding.E004",
    )


def counters_of_one_process() -> CheckMessage:
    return Warning(
        f"CACHES[{ding_settings.COUNTERS!r}] is local memory, so each worker process counts by itself.",
        hint='Let DING["COUNTERS"] name a cache in Redis or Memcached, or set it to "database".',
        id="django_ding.W002",
    )


def unusable_backend(error: ImproperlyConfigured) -> CheckMessage:
    text, hint = _told(error, 'Compare it with the examples of "Backends" in the docs.')
    return Error(text, hint=hint, id="django_ding.E001")


def missing_option(error: MissingOption) -> CheckMessage:
    return Error(
        str(error),
        hint="The provider's dashboard shows it. If the settings read it from the environment, it is not set there.",
        id="django_ding.E007",
    )


def in_clear(backend: BaseBackend) -> CheckMessage:
    return Warning(
        f'DING["BACKENDS"][{backend.alias!r}] talks plain http to another machine, so the API key, phone numbers and '
        "codes travel in clear.",
        hint='Start its base_url with "https://". Plain http is fine on this machine only, for the sandbox.',
        id="django_ding.W004",
    )


def sandbox_in_production(alias: str) -> CheckMessage:
    return Error(
        f'DING["BACKENDS"][{alias!r}] is the sandbox, which sends nothing, and DEBUG is off.',
        hint="Use DingBackend where real people log in. If it is meant, name django_ding.E002 in "
        "SILENCED_SYSTEM_CHECKS.",
        id="django_ding.E002",
    )


def no_lookup(alias: str) -> CheckMessage:
    return Error(
        f'DING["LOOKUP_BEFORE_SEND"] is on, and the backend {alias!r} has no lookup, so nothing can be sent with it.',
        hint='Use a backend with a lookup, or set DING["LOOKUP_BEFORE_SEND"] to False.',
        id="django_ding.E006",
    )


def live_test_numbers(numbers: Iterable[str]) -> CheckMessage:
    return Warning(
        f'DING["TEST_NUMBERS"] lists {", ".join(map(mask, numbers))}, and DEBUG is off: '
        "whoever knows a code can verify its number without having the phone.",
        hint="Empty it when the review is over. If it is meant to stay, name django_ding.W003 in "
        "SILENCED_SYSTEM_CHECKS.",
        id="django_ding.W003",
    )


def unmounted_callbacks(error: ImproperlyConfigured) -> CheckMessage:
    return Error(
        str(error),
        hint='Mount them, or set DING["CALLBACK_BASE_URL"] to None. Until then nothing can be sent.',
        id="django_ding.E010",
    )


def callbacks_in_clear() -> CheckMessage:
    return Warning(
        'DING["CALLBACK_BASE_URL"] is plain http to another machine, so the address and the phone number of each '
        "callback travel in clear.",
        hint='Start it with "https://". Plain http is fine on this machine only, for the sandbox.',
        id="django_ding.W005",
    )


def view_inside_transaction(route: str, name: str, alias: str) -> CheckMessage:
    return Error(
        f"{name} at {route!r} would run inside the transaction of ATOMIC_REQUESTS (DATABASES[{alias!r}]), where "
        "nothing is sent, checked or recorded: a rollback would take back what was counted.",
        hint="Something around the view hides that it is exempt. Use functools.wraps in a decorator of your own, and "
        "call super().as_view() in an as_view() of your own.",
        id="django_ding.E008",
    )


def no_autocommit(alias: str) -> CheckMessage:
    return Error(
        f"DATABASES[{alias!r}] has AUTOCOMMIT off, so everything runs inside a transaction, where send, check and "
        "retry refuse to work.",
        hint="Leave AUTOCOMMIT out of the settings of this database.",
        id="django_ding.E009",
    )


def no_function(key: str, reason: str) -> CheckMessage:
    return Error(
        f'DING["{key}"] can\'t be used: {reason}',
        hint="Name a function by its dotted path, such as accounts.tokens.issue.",
        id="django_ding.E011",
    )


def _told(error: Exception, hint: str) -> tuple[str, str]:
    """Return what is wrong and a hint: the nearest name for a key that doesn't exist, else the one given."""
    return (error.fact, error.hint) if isinstance(error, UnknownKey) else (str(error), hint)
