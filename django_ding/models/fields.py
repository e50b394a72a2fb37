"""Times, which are kept and read as moments in UTC."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions.datetime import TimezoneMixin
from django.utils import timezone

_Set = TypeVar("_Set")
_Get = TypeVar("_Get")

if TYPE_CHECKING:
    _DateTimeField = models.DateTimeField
else:

    class _DateTimeField(models.DateTimeField):
        def __class_getitem__(cls, types: Any) -> Any:  # Django's own is generic in its stubs only.
            return cls


class UtcDateTimeField(_DateTimeField[_Set, _Get]):
    """A ``DateTimeField`` that is right whatever ``USE_TZ`` and the ``TIME_ZONE`` of a database are.

    SQLite, MariaDB and MySQL store times without a zone. There Django writes local ones if ``USE_TZ`` is off or the
    database has a ``TIME_ZONE``, and so can't tell the two hours apart that a clock shows twice in autumn: a code would
    expire an hour early or late. This field writes UTC. PostgreSQL stores moments, of which Django returns the local
    time without ``USE_TZ``.

    In Python a value is always aware. A naive one, in a lookup of the project's own for instance, is in the default
    time zone.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the value as an aware moment."""
        if isinstance(value, datetime) and value.tzinfo is UTC:  # As all of this app's own are.
            return value
        value = super().get_prep_value(value)
        if isinstance(value, datetime) and timezone.is_naive(value):
            return timezone.make_aware(value, timezone.get_default_timezone())
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Return the moment as the database stores it."""
        value = value if prepared else self.get_prep_value(value)
        if isinstance(value, datetime) and not connection.features.supports_timezones:
            value = timezone.make_naive(value, UTC)
        return connection.ops.adapt_datetimefield_value(value)

    def from_db_value(self, value: datetime | None, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Return the moment of what Django has made of a stored value."""
        if value is None or isinstance(expression, TimezoneMixin):  # Trunc's days begin at midnight of another zone.
            return value
        if not connection.features.supports_timezones:
            return value.replace(tzinfo=UTC)  # Django took it for a local time.
        if timezone.is_naive(value):
            # Of an hour that the clock shows twice, "fold" says which one it is. psycopg 3 sets it, psycopg2 doesn't.
            value = timezone.make_aware(value, timezone.get_default_timezone())
        return value.astimezone(UTC)
