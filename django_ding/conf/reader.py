"""Reading ``settings.DING``, without its secrets getting into error reports."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from django_ding.conf.validators import UnknownKey, check_known_keys


class SettingsReader:
    """Reads the ``DING`` setting. A subclass has an attribute for each key that may be in it.

    An attribute is read once and kept, since each request reads many, until :meth:`forget`.

    :param given: what to read instead of ``settings.DING``.
    """

    #: The names of all keys.
    keys: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        cls.keys = frozenset(name for name in vars(cls) if name.isupper())

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self._given = given

    def forget(self) -> None:
        """Read all attributes anew, because the setting has changed."""
        for key in self.keys:
            vars(self).pop(key, None)

    def read(self) -> Mapping[str, Any]:
        """Return the setting as it is, with known keys only."""
        # No variable holds the setting: error reports would show the keys and codes in it.
        check_known_keys(tuple(self._read_any()), self.keys, "DING")
        return self._read_any()

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
        if isinstance(configured, Mapping):
            return configured
        kind = type(configured).__name__
        del configured  # As above.
        raise ImproperlyConfigured(f"DING must be a dict, not {kind}.")
