"""Database functions on times, the same on every database."""

from typing import Any

from django.db.models import DateField, Func, IntegerField


class WholeSeconds(Func):
    """The whole seconds of a difference of times, or how often ``per`` seconds fit into it.

    Django has a difference in microseconds, except on PostgreSQL.
    """

    template = "%(expressions)s / %(microseconds)s"
    output_field = IntegerField()

    def __init__(self, difference: Any, *, per: int = 1) -> None:
        super().__init__(difference, per=per, microseconds=per * 1_000_000)

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s DIV %(microseconds)s", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Not EXTRACT, whose numeric is slow to divide.
        template = "FLOOR(DATE_PART('epoch', %(expressions)s) / %(per)s)::int"
        return self.as_sql(compiler, connection, template=template, **context)


class UtcDate(Func):
    """The date of a ``UtcDateTimeField`` in UTC. Django's own takes the column for local times in some projects."""

    function = "DATE"
    output_field = DateField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="DATE(%(expressions)s AT TIME ZONE 'UTC')", **context)
