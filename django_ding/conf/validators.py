"""Keys of the ``DING`` setting: their defaults, and how their values are validated."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_NAME = re.compile(r"[\w-]{1,32}", re.ASCII)
_NETWORK = re.compile(r"[0-9]{5,6}", re.ASCII)
_CODE = re.compile(r"[0-9]{4,8}", re.ASCII)
_URL = re.compile(r"(?:(?![?#@\\])[!-~])+")  # No space, user, query or fragment: a path is appended to it.

_UNSET = object()

_T = TypeVar("_T")


class UnknownKey(ImproperlyConfigured):
    """A key that doesn't exist. ``hint`` names the nearest one that does, ``message`` is the error without it."""

    def __init__(self, key: Any, *, known: Iterable[str], where: str) -> None:
        self.message = f"{where} has no key {key!r}."
        names = {name.lower(): name for name in sorted(known)}
        nearest = difflib.get_close_matches(str(key).lower(), names, n=1, cutoff=0.5)
        known_keys = ", ".join(names.values()) or "none"
        self.hint = f"Did you mean {names[nearest[0]]!r}?" if nearest else f"Known keys: {known_keys}."
        super().__init__(f"{self.message} {self.hint}")


def check_known_keys(given: Iterable[str], known: Collection[str], where: str) -> None:
    """Check that all given keys exist.

    :raises UnknownKey: for the first key of ``given`` that is not in ``known``.
    """
    for key in given:
        if key not in known:
            raise UnknownKey(key, known=known, where=where)


class _Settings(Protocol):
    def read(self) -> Mapping[str, Any]: ...


class Setting(Generic[_T]):
    """A key of ``DING``. Reading it for the first time raises ``ImproperlyConfigured`` for a value that can't be used.

    :param default: for a project that doesn't set it. If it is ``None``, the project may set ``None`` as well.
    :param expected: completes "must be …" in the error message.
    :param is_valid: whether a value can be used.
    :param convert: what to do with a usable value before it is returned.
    :param is_private: whether to leave the value out of the error message.
    :ivar default: as above, for the documentation; so is ``expected``.
    """

    def __init__(
        self,
        default: _T,
        expected: str,
        is_valid: Callable[[Any], bool],
        convert: Callable[[Any], _T] | None = None,
        *,
        is_private: bool = False,
    ) -> None:
        self.default, self.expected, self._is_valid = default, expected, is_valid
        self._convert, self._is_private = convert, is_private

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: "_Settings", owner: type) -> _T:
        # As Django's cached_property: Python looks for the value in the instance first.
        value = vars(instance)[self._name] = self._read(instance)
        return value

    def _read(self, instance: "_Settings") -> _T:
        # No variable holds the whole setting: error reports would show the keys and codes in it.
        value = instance.read().get(self._name, _UNSET)
        if value is _UNSET or (value is None and self.default is None):
            return self.default
        if not self._is_valid(value):
            shown = "" if self._is_private else f", not {value!r}"
            raise ImproperlyConfigured(f'DING["{self._name}"] must be {self.expected}{shown}.')
        return self._convert(value) if self._convert else cast("_T", value)


def integer(default: _T, *, least: int = 0) -> Setting[_T]:
    return Setting(default, f"a whole number, {least} or more", lambda value: is_integer(value, least=least))


def boolean(*, default: bool) -> Setting[bool]:
    return Setting(default, "True or False", lambda value: isinstance(value, bool))


def dotted_path(default: _T) -> Setting[_T]:
    return Setting(default, "the dotted path of a function", lambda path: isinstance(path, str) and "." in path)


def string_list(default: _T, expected: str, is_item: Callable[[Any], bool], item: type = str) -> Setting[_T]:
    return Setting(
        default,
        expected,
        lambda values: isinstance(values, list | tuple) and all(isinstance(v, str) and is_item(v) for v in values),
        lambda values: cast("_T", tuple(map(item, values))),
    )


def name_list(*default: str) -> Setting[tuple[str, ...]]:
    expected = 'a list of names of at most 32 letters, digits, "_" and "-"'
    return string_list(default, expected, lambda name: _NAME.fullmatch(name) is not None)


def is_integer(value: object, *, least: int) -> bool:
    """Return whether it is an integer of at least that. ``True`` is none, though Python counts it as 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@lru_cache(maxsize=16)
def is_base_url(url: str) -> bool:
    """Return whether a path can be appended to this URL."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and has_host and _URL.fullmatch(url) is not None


def is_carrier_names(names: object) -> bool:
    """Return whether each key is the code of a mobile network, and each value a text."""
    if not isinstance(names, Mapping):
        return False
    return all(is_network(network) and isinstance(name, str) and name for network, name in names.items())


def is_network(value: object) -> bool:
    """Return whether this is an MCC, of three digits, and an MNC, of two or three (ITU-T E.212)."""
    return isinstance(value, str) and _NETWORK.fullmatch(value) is not None


def is_code(code: object) -> bool:
    """Return whether this can be the code of a test number."""
    return isinstance(code, str) and _CODE.fullmatch(code) is not None
