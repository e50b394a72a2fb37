"""The ``DING`` setting: one typed attribute per key, read anew when Django signals that the setting has changed."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_variables

from django_ding.channels import SELECTABLE_CHANNELS, Channel
from django_ding.conf.destinations import is_destination, is_e164, is_region
from django_ding.conf.reader import SettingsReader
from django_ding.conf.validators import (
    Setting,
    UnknownKey,
    boolean,
    check_known_keys,
    dotted_path,
    integer,
    is_base_url,
    is_carrier_names,
    is_code,
    is_integer,
    name_list,
    string_list,
)
from django_ding.line_types import LineType

__all__ = [
    "DEFAULT_CHECK_LIMITS",
    "DEFAULT_MIN_CONVERSION",
    "DEFAULT_RATE_LIMITS",
    "KEYS",
    "MAX_DAYS",
    "TEST_NUMBERS_ALIAS",
    "DingSettings",
    "UnknownKey",
    "check_known_keys",
    "ding_settings",
    "is_age",
]

DEFAULT_RATE_LIMITS = "1/30s/phone,5/h/phone,10/d/user,20/h/ip,60/h/prefix,500/h/country,10000/d/all"
#: At most 100 in a row (NIST SP 800-63B-4, 3.2.2): with five messages an hour to a number, ten a day to a user and five
#: checks each, 25 and 50 more may be under way at once.
DEFAULT_CHECK_LIMITS = "75/phone,50/user"
DEFAULT_MIN_CONVERSION = "20%/20/d/prefix,10%/100/h/country"

#: The alias of the backend that answers for ``TEST_NUMBERS``. It needs no configuration.
TEST_NUMBERS_ALIAS = "test-numbers"

#: A hundred years. Databases and Python's dates end somewhere beyond.
MAX_DAYS = 36_500

_COUNTRIES = 'a list of codes such as ["FR", "GB", "+881"], or None'
_RETENTION_KEYS = ("authentications", "blocks", "lockouts", "recovery_codes", "refusals")


class DingSettings(SettingsReader):
    """Typed access to ``settings.DING``. Units are in the names; where there is none, a time is in seconds.

    :param given: what to read instead of ``settings.DING``.
    """

    #: Alias of the backend that sends new codes. A code is checked where it was sent, whatever this is by then.
    DEFAULT_BACKEND = Setting("default", 'a key of BACKENDS, such as "default"', lambda alias: isinstance(alias, str))

    #: ISO 3166-1 alpha-2 country of numbers entered without a country code. By default these are refused.
    DEFAULT_REGION = Setting[str | None](
        None,
        'the ISO 3166-1 alpha-2 code of a country, such as "FR" or "GB", or None',
        lambda region: isinstance(region, str) and is_region(region),
    )

    #: Select the country of the visitor's language on the pages, rather than ``DEFAULT_REGION``.
    GUESS_COUNTRY = boolean(default=False)

    #: Codes that may be entered per authentication.
    MAX_CHECKS = integer(5, least=1)

    #: Retries per authentication, until the provider states its own number.
    MAX_RETRIES = integer(3)

    #: Seconds between two messages of one authentication, unless the provider requires more.
    RETRY_COOLDOWN = integer(30)

    #: Seconds that a code can be entered at most, whatever the provider says (10 minutes: NIST SP 800-63B-4, 3.1.3.2).
    CODE_TIMEOUT = integer(600, least=1)

    #: What callers of the REST API may verify a number for.
    PURPOSES = name_list("link", "login", "signup", "second_factor")

    #: What anonymous callers of the REST API may verify a number for. The first one is their default.
    ANONYMOUS_PURPOSES = name_list("signup")

    #: Minimum share of codes that must be entered: ``"20%/20/d/prefix"``.
    MIN_CONVERSION = Setting(
        DEFAULT_MIN_CONVERSION,
        'a string such as "20%/20/d/prefix", or "" for no minimum',
        lambda rules: isinstance(rules, str),
    )

    #: Seconds that a prefix or country with a lower conversion is blocked.
    CONVERSION_BLOCK_SECONDS = integer(3600, least=1)

    #: Alias of the cache that rate limits are counted in, ``None`` for the database.
    RATE_LIMIT_CACHE = Setting[str | None](
        "default",
        "a key of CACHES, or None to count in the database",
        lambda alias: alias is None or (isinstance(alias, str) and alias in settings.CACHES),
    )

    #: The project's own proxies that append to ``X-Forwarded-For``. With 0, ``REMOTE_ADDR`` is the client.
    TRUSTED_PROXY_COUNT = integer(0)

    #: The only countries that codes are sent to (ISO 3166-1 alpha-2, or the calling code of a network without one). By
    #: default all that are not blocked.
    ALLOWED_COUNTRIES: Setting[tuple[str, ...] | None] = string_list(None, _COUNTRIES, is_destination)

    #: Countries that no code is sent to, written alike. By default the networks without a country, unless
    #: ``ALLOWED_COUNTRIES`` is set, and decides about them.
    BLOCKED_COUNTRIES: Setting[tuple[str, ...] | None] = string_list(None, _COUNTRIES, is_destination)

    #: Line types that no code is sent to. By default those that are expensive or can't display a message.
    BLOCKED_LINE_TYPES: Setting[tuple[LineType, ...]] = string_list(
        (
            LineType.PREMIUM_RATE,
            LineType.SHARED_COST,
            LineType.TOLL_FREE,
            LineType.PAGER,
            LineType.VOICE_MAIL,
            LineType.FIXED_LINE,
            LineType.PERSONAL_NUMBER,
            LineType.UNIVERSAL_ACCESS,
            LineType.VOIP,
        ),
        f"a list of {', '.join(sorted(LineType))}",
        frozenset(LineType).__contains__,
        LineType,
    )

    #: The channels that callers and users may choose, where the backend lets them.
    CHANNELS: Setting[tuple[Channel, ...]] = string_list(
        (Channel.SMS,), f"a list of {', '.join(sorted(SELECTABLE_CHANNELS))}", SELECTABLE_CHANNELS.__contains__, Channel
    )

    #: Whether to ask the provider for a number's line type before the first message. A lookup costs money.
    LOOKUP_BEFORE_SEND = boolean(default=False)

    #: Purposes whose numbers are looked up before the first message, also where ``LOOKUP_BEFORE_SEND`` is off.
    LOOKUP_PURPOSES = name_list()

    #: Dotted path of a function that takes a ``LookupResponse`` and the purpose and returns whether to send a code.
    LOOKUP_POLICY: Setting[str | None] = dotted_path(None)

    #: Days after a number was ported in which ``django_ding.guard.porting.not_recently_ported`` refuses logins.
    RECENT_PORT_DAYS = integer(30, least=1)

    #: Seconds that the answer of a lookup is cached.
    LOOKUP_CACHE_SECONDS = integer(86_400, least=1)

    #: Names of mobile networks by MCC and MNC, for the statistics. Others are shown as ``208-01 (France)``.
    CARRIER_NAMES = Setting[Mapping[str, str]]({}, 'a dict such as {"20801": "Orange"}', is_carrier_names)

    #: Where the provider reaches this site with webhooks. By default it isn't asked to send any.
    WEBHOOK_BASE_URL = Setting[str | None](
        None,
        'a URL such as "https://example.com", without user, query and fragment, or None',
        lambda url: isinstance(url, str) and is_base_url(url),
        lambda url: url.rstrip("/"),
        is_private=True,  # It may hold a password.
    )

    #: Seconds that the proof of an anonymous verification is valid.
    PROOF_TIMEOUT = integer(1800, least=1)

    #: Create a user when a correct code is entered for an unknown number.
    LOGIN_CREATES_USER = boolean(default=False)

    #: Dotted path of a function that takes the ``Authentication`` and returns the new user, saved.
    USER_FACTORY = dotted_path("django_ding.services.create_user")

    #: Field of the user model that ``create_user_with_number`` puts the number into. By default the user name.
    USER_PHONE_FIELD = Setting[str | None](
        None,
        "the name of a field of the user model, or None",
        lambda name: isinstance(name, str) and name.isidentifier(),
    )

    #: Days after its last verification when another user may take a number over by verifying it. By default never.
    NUMBER_TAKEOVER_DAYS: Setting[int | None] = integer(None)

    #: What happens when a user without a password removes their last number on the pages or by REST.
    LAST_NUMBER = Setting("warn", '"warn" or "keep"', lambda value: value in ("warn", "keep"))

    #: Dotted path of a function that takes the request and the user and returns the response of a REST login.
    TOKEN_ISSUER = dotted_path("django_ding.api.tokens.session")

    #: Dotted path of REST framework's exception handler for the endpoints.
    REST_EXCEPTION_HANDLER = dotted_path("django_ding.api.responses.exception_handler")

    #: Whether REST framework's ``DEFAULT_VERSIONING_CLASS`` applies to the endpoints.
    REST_VERSIONING = boolean(default=False)

    #: Dotted path of a function that takes the request and returns its device signals, for backends that use them.
    DEVICE_SIGNALS = dotted_path("django_ding.services.get_device_signals")

    #: Days that a remembered device needs no second factor; 0 for never.
    REMEMBER_DEVICE_DAYS = integer(30)

    #: Seconds after a login or a confirmation in which a user may change their phone numbers; 0 asks for none.
    STEP_UP_MAX_AGE = integer(900)

    #: Dotted path of a function that takes the request and returns whether its user has confirmed that it is them.
    STEP_UP_CHECK = dotted_path("django_ding.services.has_stepped_up")

    #: The page where users confirm that it is them: a URL or the name of one. It is given ``next``.
    STEP_UP_URL = Setting("django_ding_login:step-up", "a URL or the name of one", lambda url: isinstance(url, str))

    #: Whether to return the database connections to their pool, or close them, while a provider is asked.
    RELEASE_CONNECTIONS = boolean(default=False)

    @cached_property
    @sensitive_variables()
    def BACKENDS(self) -> Mapping[str, Mapping[str, Any]]:  # noqa: N802
        """Alias → ``{"BACKEND": dotted path, "OPTIONS": {...}}``, like Django's ``CACHES``."""
        backends = self.read_dict("BACKENDS")
        if TEST_NUMBERS_ALIAS in backends:
            raise ImproperlyConfigured(
                f'DING["BACKENDS"] must not have the alias {TEST_NUMBERS_ALIAS!r}, which DING["TEST_NUMBERS"] uses.'
            )
        for alias, backend in backends.items():
            where = f'DING["BACKENDS"][{alias!r}]'
            if not isinstance(backend, Mapping) or not isinstance(backend.get("BACKEND"), str):
                raise ImproperlyConfigured(
                    f'{where} must be a dict with "BACKEND", the dotted path of a backend class.'
                )
            check_known_keys(backend, {"BACKEND", "OPTIONS"}, where)
        return backends

    @cached_property
    def RATE_LIMITS(self) -> Mapping[str, str]:  # noqa: N802
        """How many messages may be sent, and how many wrong codes be entered in a row; ``""`` for no limit.

        ``{"send": "1/30s/phone,5/h/phone", "check": "75/phone,50/user"}``. Without ``send``, messages have no limit;
        without ``check``, wrong codes have the default one.
        """
        rates = self.read().get("RATE_LIMITS", {"send": DEFAULT_RATE_LIMITS})
        if not isinstance(rates, Mapping) or not all(isinstance(text, str) for text in rates.values()):
            raise ImproperlyConfigured('DING["RATE_LIMITS"] must be a dict such as {"send": "1/30s/phone,5/h/phone"}.')
        check_known_keys(rates, {"send", "check"}, 'DING["RATE_LIMITS"]')
        return {"send": "", "check": DEFAULT_CHECK_LIMITS, **rates}

    @cached_property
    @sensitive_variables()
    def TEST_NUMBERS(self) -> Mapping[str, str]:  # noqa: N802
        """Numbers with a fixed code, to which nothing is sent: ``{"+12025550100": "424242"}``."""
        numbers = self.read().get("TEST_NUMBERS", {})
        if isinstance(numbers, Mapping) and all(is_e164(n) and is_code(code) for n, code in numbers.items()):
            return numbers
        # The value may hold codes, so it is not shown.
        raise ImproperlyConfigured(
            'DING["TEST_NUMBERS"] must be a dict such as {"+12025550100": "424242"}: '
            "valid numbers in E.164, each with a code of 4 to 8 digits as a string."
        )

    @cached_property
    def RETENTION_DAYS(self) -> Mapping[str, int | None]:  # noqa: N802
        """Days that what is finished is kept before ``purge``, by its kind; ``None`` for ever."""
        days = self.read_dict("RETENTION_DAYS")
        check_known_keys(days, _RETENTION_KEYS, 'DING["RETENTION_DAYS"]')
        for key, value in days.items():
            if value is not None and not (is_integer(value, least=1) and value <= MAX_DAYS):
                raise ImproperlyConfigured(
                    f'DING["RETENTION_DAYS"][{key!r}] must be a whole number of days, 1 to {MAX_DAYS}, or None, '
                    f"not {value!r}."
                )
        return {key: days.get(key) for key in _RETENTION_KEYS}

    @cached_property
    def SANDBOX(self) -> Mapping[str, Any]:  # noqa: N802
        """Options of the sandbox when it runs inside this project (see its guide)."""
        return self.read_dict("SANDBOX")


KEYS = DingSettings.keys

ding_settings = DingSettings()


def _forget_settings(*, setting: str, **kwargs: Any) -> None:
    if setting == "DING":
        ding_settings.forget()


setting_changed.connect(_forget_settings)


def is_age(seconds: float) -> bool:
    """Return whether something can be that old: between no time and a hundred years."""
    return 0 <= seconds <= MAX_DAYS * 86_400
