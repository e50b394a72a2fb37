"""The ``DING`` setting: one typed property per key, read live, so ``override_settings`` just works."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding import phone
from django_ding.phone import LineType

#: The rates of a project that names none.
DEFAULT_RATES = "1/30s/phone,5/h/phone,10/d/user,20/h/ip,60/h/prefix,500/h/country,10000/d/all"

#: The alias of the backend that answers for ``TEST_NUMBERS``. It needs no configuration.
TEST_NUMBERS_ALIAS = "test-numbers"

#: A code. The provider's have 4 to 8 digits.
CODE = re.compile(r"[0-9]{4,8}", re.ASCII)


#: The shares of codes that must be entered, in a project that names none.
DEFAULT_CONVERSION = "20%/20/d/prefix,10%/100/h/country"

_LINE_TYPES = frozenset(kind.value for kind in LineType)
_BLOCKED_LINE_TYPES = (
    LineType.PREMIUM_RATE,
    LineType.SHARED_COST,
    LineType.TOLL_FREE,
    LineType.PAGER,
    LineType.VOICE_MAIL,
    LineType.FIXED_LINE,
)

#: A hundred years. Databases and Python's times end somewhere beyond, and no age needs more.
MOST_DAYS = 36_500

#: What ``RETENTION`` decides on.
_KINDS_KEPT = ("authentications", "blocks", "refusals")

#: No space, user, query or fragment: a path is added to it.
_PLAIN_URL = re.compile(r"(?:(?![?#@\\])[!-~])+")

_NAME = re.compile(r"[\w-]{1,32}", re.ASCII)


class UnknownKey(ImproperlyConfigured):
    """A key that doesn't exist.

    :ivar fact: what is wrong.
    :ivar hint: the nearest key that exists.
    """

    def __init__(self, key: Any, *, known: Iterable[str], where: str) -> None:
        self.fact = f"{where} has no key {key!r}."
        self.hint = _nearest(key, known)
        super().__init__(f"{self.fact} {self.hint}")


class DingSettings:
    """Typed access to ``settings.DING``. Every property raises ``ImproperlyConfigured`` for a value it can't use.

    :param given: what to read instead of ``settings.DING``.
    """

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self._given = given

    @property
    def BACKENDS(self) -> Mapping[str, Mapping[str, Any]]:  # noqa: N802
        """Alias → ``{"BACKEND": dotted path, "OPTIONS": {...}}``, like Django's ``CACHES``. No default."""
        backends = self._mapping("BACKENDS")
        if TEST_NUMBERS_ALIAS in backends:
            raise ImproperlyConfigured(
                f'DING["BACKENDS"] can\'t have the alias {TEST_NUMBERS_ALIAS!r}: it is that of DING["TEST_NUMBERS"].'
            )
        for alias, backend in backends.items():
            if not isinstance(backend, Mapping) or not isinstance(backend.get("BACKEND"), str):
                raise ImproperlyConfigured(
                    f'DING["BACKENDS"][{alias!r}] must be a dict with "BACKEND", the dotted path of a backend class.'
                )
            refuse_unknown(backend, {"BACKEND", "OPTIONS"}, f'DING["BACKENDS"][{alias!r}]')
        return backends

    @property
    def DEFAULT_REGION(self) -> str | None:  # noqa: N802
        """ISO 3166-1 alpha-2 country of numbers typed without a country code. Default ``None``: such are refused."""
        region = self._get("DEFAULT_REGION", None)
        if region is None or (isinstance(region, str) and phone.is_region(region)):
            return region
        raise ImproperlyConfigured(
            'DING["DEFAULT_REGION"] must be the ISO 3166-1 alpha-2 code of a country, such as "FR" or "GB", '
            f"or None, not {region!r}."
        )

    @property
    def MAX_CHECKS(self) -> int:  # noqa: N802
        """Codes that may be tried per authentication. Default 5."""
        return self._count("MAX_CHECKS", 5, least=1)

    @property
    def MAX_RETRIES(self) -> int:  # noqa: N802
        """Retries per authentication, until the provider names its own number. Default 3."""
        return self._count("MAX_RETRIES", 3)

    @property
    def RETRY_COOLDOWN(self) -> int:  # noqa: N802
        """Seconds between two messages of one authentication, unless the provider asks for more. Default 30."""
        return self._count("RETRY_COOLDOWN", 30)

    @property
    def CODE_LIFETIME(self) -> int:  # noqa: N802
        """Seconds an authentication lives when the provider does not say. Default 600 (NIST SP 800-63B, 3.1.3.3)."""
        return self._count("CODE_LIFETIME", 600, least=1)

    @property
    def PURPOSES(self) -> tuple[str, ...]:  # noqa: N802
        """What callers of the REST API may verify a number for. Default: the four that this app knows."""
        return self._names("PURPOSES", ("link", "login", "signup", "second_factor"))

    @property
    def ANONYMOUS_PURPOSES(self) -> tuple[str, ...]:  # noqa: N802
        """What they may while they are not signed in; the first one is their usual one. Default ``("signup",)``."""
        return self._names("ANONYMOUS_PURPOSES", ("signup",))

    @property
    def RATES(self) -> Mapping[str, str]:  # noqa: N802
        """What may be sent: ``{"send": "1/30s/phone,5/h/phone"}``. Default: see ``DEFAULT_RATES``."""
        rates = self._get("RATES", {"send": DEFAULT_RATES})
        if not isinstance(rates, Mapping) or not all(isinstance(text, str) for text in rates.values()):
            raise ImproperlyConfigured('DING["RATES"] must be a dict such as {"send": "1/30s/phone,5/h/phone"}.')
        refuse_unknown(rates, {"send"}, 'DING["RATES"]')
        return rates

    @property
    def CONVERSION(self) -> str:  # noqa: N802
        """The share of codes that must be entered: ``"20%/20/d/prefix"``. Default: see ``DEFAULT_CONVERSION``."""
        rules = self._get("CONVERSION", DEFAULT_CONVERSION)
        if isinstance(rules, str):
            return rules
        raise ImproperlyConfigured(
            f'DING["CONVERSION"] must be a text such as "20%/20/d/prefix", or "" for none, not {rules!r}.'
        )

    @property
    def CONVERSION_PAUSE(self) -> int:  # noqa: N802
        """Seconds for which no code goes to a prefix or country where too few were entered. Default 3600."""
        return self._count("CONVERSION_PAUSE", 3600, least=1)

    @property
    def COUNTERS(self) -> str:  # noqa: N802
        """Where rates are counted: the alias of a cache, or ``"database"``. Default ``"default"``, that cache."""
        kind = self._get("COUNTERS", "default")
        if isinstance(kind, str) and (kind == "database" or kind in settings.CACHES):
            return kind
        raise ImproperlyConfigured(f'DING["COUNTERS"] must be "database" or a key of CACHES, not {kind!r}.')

    @property
    def TRUSTED_PROXIES(self) -> int:  # noqa: N802
        """Proxies of the project's own that add to ``X-Forwarded-For``. Default 0: ``REMOTE_ADDR`` is the client."""
        return self._count("TRUSTED_PROXIES", 0)

    @property
    def ALLOWED_COUNTRIES(self) -> tuple[str, ...] | None:  # noqa: N802
        """The only countries that codes go to (ISO 3166-1 alpha-2). Default ``None``: all that are not blocked."""
        return None if self._get("ALLOWED_COUNTRIES", None) is None else self._countries("ALLOWED_COUNTRIES")

    @property
    def BLOCKED_COUNTRIES(self) -> tuple[str, ...]:  # noqa: N802
        """Countries that no code goes to (ISO 3166-1 alpha-2). Default none."""
        return self._countries("BLOCKED_COUNTRIES")

    @property
    def BLOCKED_LINE_TYPES(self) -> tuple[LineType, ...]:  # noqa: N802
        """Kinds of line that no code goes to, told from the number. Default: those that cost or can't be read."""
        types: object = self._get("BLOCKED_LINE_TYPES", _BLOCKED_LINE_TYPES)
        if types is _BLOCKED_LINE_TYPES:
            return _BLOCKED_LINE_TYPES
        if isinstance(types, list | tuple) and all(isinstance(kind, str) and kind in _LINE_TYPES for kind in types):
            return tuple(LineType(kind) for kind in types)
        raise ImproperlyConfigured(
            f'DING["BLOCKED_LINE_TYPES"] must be a list of {", ".join(sorted(_LINE_TYPES))}, not {types!r}.'
        )

    @property
    def LOOKUP_BEFORE_SEND(self) -> bool:  # noqa: N802
        """Whether the provider is asked for a number's kind of line before a send, which costs. Default ``False``."""
        return self._flag("LOOKUP_BEFORE_SEND", default=False)

    @property
    def LOOKUP_MAX_AGE(self) -> int:  # noqa: N802
        """Seconds for which the answer of such a lookup is kept. Default 86400, a day."""
        return self._count("LOOKUP_MAX_AGE", 86_400, least=1)

    @property
    @sensitive_variables()
    def TEST_NUMBERS(self) -> Mapping[str, str]:  # noqa: N802
        """Numbers that no message goes to, each with its code: ``{"+12025550100": "424242"}``. Default ``{}``."""
        numbers = self._get("TEST_NUMBERS", {})
        if isinstance(numbers, Mapping) and all(_exists(number) and _is_code(numbers[number]) for number in numbers):
            return numbers
        # Whatever stands there may be a code, so it is not shown.
        raise ImproperlyConfigured(
            'DING["TEST_NUMBERS"] must be a dict such as {"+12025550100": "424242"}: '
            "numbers that exist, in E.164, each with a code of 4 to 8 digits as text."
        )

    @property
    def CALLBACK_BASE_URL(self) -> str | None:  # noqa: N802
        """Where the provider reaches this site, to report on messages. Default ``None``: it is not asked to."""
        url = self._get("CALLBACK_BASE_URL", None)
        if url is None or (isinstance(url, str) and _is_base_url(url)):
            return url and url.rstrip("/")
        # It may hold a password, so it is not shown.
        raise ImproperlyConfigured(
            'DING["CALLBACK_BASE_URL"] must be a URL such as "https://example.com", without user, query and fragment, '
            "or None."
        )

    @property
    def PROOF_MAX_AGE(self) -> int:  # noqa: N802
        """Seconds for which the proof of an anonymous verification is good. Default 1800."""
        return self._count("PROOF_MAX_AGE", 1800, least=1)

    @property
    def LOGIN_CREATES_USER(self) -> bool:  # noqa: N802
        """Whether a right code for a number that nobody has makes an account. Default ``False``."""
        return self._flag("LOGIN_CREATES_USER", default=False)

    @property
    def USER_FACTORY(self) -> str:  # noqa: N802
        """Dotted path of what makes it: called with the ``Authentication``, returns a saved user. Default: our own."""
        return self._path("USER_FACTORY", "django_ding.services.newcomers.create_user")

    @property
    def NUMBER_TAKEOVER(self) -> int | None:  # noqa: N802
        """Days since its owner proved a number, after which it goes to who proves it. Default ``None``: never."""
        return None if self._get("NUMBER_TAKEOVER", None) is None else self._count("NUMBER_TAKEOVER", 0)

    @property
    def TOKEN_ISSUER(self) -> str:  # noqa: N802
        """Dotted path of what a REST login answers: called with the request and the user. Default: a session."""
        return self._path("TOKEN_ISSUER", "django_ding.api.tokens.session")

    @property
    def REMEMBER_DEVICE_DAYS(self) -> int:  # noqa: N802
        """Days for which a device needs no second factor, where its user asked for that. Default 30; 0 for never."""
        return self._count("REMEMBER_DEVICE_DAYS", 30)

    @property
    def RETENTION(self) -> Mapping[str, int | None]:  # noqa: N802
        """Days that what is over is kept before ``purge`` deletes it, ``None`` for ever, by kind. Default: for ever."""
        days = self._mapping("RETENTION")
        refuse_unknown(days, _KINDS_KEPT, 'DING["RETENTION"]')
        for kind, value in days.items():
            if value is not None and not (_is_count(value, least=1) and value <= MOST_DAYS):
                raise ImproperlyConfigured(
                    f'DING["RETENTION"][{kind!r}] must be a whole number of days, 1 to {MOST_DAYS}, or None, '
                    f"not {value!r}."
                )
        return {kind: days.get(kind) for kind in _KINDS_KEPT}

    @property
    def SANDBOX(self) -> Mapping[str, Any]:  # noqa: N802
        """Options of the sandbox when it runs inside this project (see the sandbox's guide). Default ``{}``."""
        return self._mapping("SANDBOX")

    def mistakes(self) -> list[ImproperlyConfigured]:
        """Return what is wrong with each key that doesn't exist or whose value can't be used, in the order given."""
        try:
            configured = self._configured()
        except ImproperlyConfigured as error:
            return [error]
        existing = DingSettings({key: value for key, value in configured.items() if key in KEYS})
        return [mistake for key in configured if (mistake := existing._mistake(key))]

    def _mistake(self, key: str) -> ImproperlyConfigured | None:
        if key not in KEYS:
            return UnknownKey(key, known=KEYS, where="DING")
        try:
            getattr(self, key)
        except ImproperlyConfigured as error:
            return error
        return None

    def _configured(self) -> Mapping[str, Any]:
        configured = getattr(settings, "DING", {}) if self._given is None else self._given
        if not isinstance(configured, Mapping):
            raise ImproperlyConfigured(f"DING must be a dict, not {type(configured).__name__}.")
        return configured

    def _get(self, key: str, default: Any) -> Any:
        configured = self._configured()
        refuse_unknown(configured, KEYS, "DING")
        return configured.get(key, default)

    def _mapping(self, key: str) -> Mapping[str, Any]:
        value = self._get(key, {})
        if not isinstance(value, Mapping):
            raise ImproperlyConfigured(f'DING["{key}"] must be a dict, not {type(value).__name__}.')
        return value

    def _countries(self, key: str) -> tuple[str, ...]:
        countries = self._get(key, ())
        if isinstance(countries, list | tuple) and all(
            isinstance(code, str) and phone.is_region(code) for code in countries
        ):
            return tuple(countries)
        raise ImproperlyConfigured(f'DING["{key}"] must be a list of codes such as ["FR", "GB"], not {countries!r}.')

    def _names(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        names: object = self._get(key, default)
        if names is default:
            return default
        if isinstance(names, list | tuple) and all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
            return tuple(names)
        raise ImproperlyConfigured(
            f'DING["{key}"] must be a list of names of at most 32 letters, digits, "_" and "-", not {names!r}.'
        )

    def _path(self, key: str, default: str) -> str:
        path = self._get(key, default)
        if isinstance(path, str) and "." in path:
            return path
        raise ImproperlyConfigured(f'DING["{key}"] must be the dotted path of a function, not {path!r}.')

    def _flag(self, key: str, *, default: bool) -> bool:
        value = self._get(key, default)
        if isinstance(value, bool):
            return value
        raise ImproperlyConfigured(f'DING["{key}"] must be True or False, not {value!r}.')

    def _count(self, key: str, default: int, *, least: int = 0) -> int:
        value = self._get(key, default)
        if _is_count(value, least=least):
            return int(value)
        raise ImproperlyConfigured(f'DING["{key}"] must be a whole number, {least} or more, not {value!r}.')


def refuse_unknown(given: Iterable[str], known: Collection[str], where: str) -> None:
    """Refuse keys that don't exist, naming the nearest one that does.

    :raises UnknownKey: for the first key of ``given`` that is not in ``known``.
    """
    for key in given:
        if key not in known:
            raise UnknownKey(key, known=known, where=where)


def _nearest(key: Any, known: Iterable[str]) -> str:
    names = {name.lower(): name for name in sorted(known)}
    nearest = difflib.get_close_matches(str(key).lower(), names, n=1, cutoff=0.5)
    return f"Did you mean {names[nearest[0]]!r}?" if nearest else f"It knows {_listed(names.values())}."


@lru_cache(maxsize=64)
def _exists(number: object) -> bool:
    """Tell whether this is the E.164 form of a number that exists."""
    try:
        return isinstance(number, str) and phone.parse(number) == number
    except phone.NotAPhoneNumber:
        return False


@lru_cache(maxsize=16)
def _is_base_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and has_host and _PLAIN_URL.fullmatch(url) is not None


def _is_count(value: object, *, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_code(code: object) -> bool:
    return isinstance(code, str) and CODE.fullmatch(code) is not None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


KEYS = frozenset(name for name in vars(DingSettings) if name.isupper())

ding_settings = DingSettings()
