"""Database functions on times, the same on every database."""

from typing import Any

from django.db.models import DateField, Func, IntegerField


class WholeSeconds(Func):
    """The whole seconds of a difference of times. Django has it in microseconds, except on PostgreSQL."""

    template = "%(expressions)s / 1000000"
    output_field = IntegerField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s DIV 1000000", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::int", **context)


class UtcDate(Func):
    """The date of a ``UtcDateTimeField`` in UTC. Django's own takes the column for local times in some projects."""

    function = "DATE"
    output_field = DateField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s AT TIME ZONE 'UTC')", **context)
