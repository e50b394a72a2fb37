"""Reading ``settings.DING`` as it is at the moment, without its secrets getting into error reports."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.conf.validators import UnknownKey, check_known_keys


class SettingsReader:
    """Reads the ``DING`` setting. A subclass has an attribute for each key that may be in it.

    :param given: what to read instead of ``settings.DING``.
    """

    #: The names of all keys.
    keys: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        cls.keys = frozenset(name for name in vars(cls) if name.isupper())

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self._given = given
        self._checked: Mapping[str, Any] = {}
        self._size = 0

    def read(self) -> Mapping[str, Any]:
        """Return the setting as it is, with known keys only."""
        # No variable holds the setting: error reports would show the keys and codes in it.
        # Each request reads many keys, so the names are checked again only once there may be others.
        if self._read_any() is not self._checked or len(self._checked) != self._size:
            check_known_keys(tuple(self._read_any()), self.keys, "DING")
            self._checked = self._read_any()
            self._size = len(self._checked)
        return self._checked

    @sensitive_variables()
    def read_dict(self, key: str) -> Mapping[str, Any]:
        """Return the value of a key that is a dict, by default an empty one."""
        value = self.read().get(key, {})
        if not isinstance(value, Mapping):
            raise ImproperlyConfigured(f'DING["{key}"] must be a dict, not {type(value).__name__}.')
        return value

    def errors(self) -> list[ImproperlyConfigured]:
        """Return the error of each key that doesn't exist or whose value can't be used, in the order given."""
        try:
            configured = self._read_any()
        except ImproperlyConfigured as error:
            return [error]
        # Unknown keys are left out of it, since they make reading any other key fail.
        known = type(self)({key: value for key, value in configured.items() if key in self.keys})
        return [problem for key in configured if (problem := known._error_of(key))]

    def _error_of(self, key: str) -> ImproperlyConfigured | None:
        if key not in self.keys:
            return UnknownKey(key, known=self.keys, where="DING")
        try:
            getattr(self, key)
        except ImproperlyConfigured as error:
            return error
        return None

    def _read_any(self) -> Mapping[str, Any]:
        configured = getattr(settings, "DING", {}) if self._given is None else self._given
        if isinstance(configured, dict | Mapping):  # A dict is recognized much sooner.
            return configured
        kind = type(configured).__name__
        del configured  # As above.
        raise ImproperlyConfigured(f"DING must be a dict, not {kind}.")
