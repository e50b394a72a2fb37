"""Database functions that mean the same on every database."""

from typing import Any

from django.db.models import BooleanField, DateField, Func, IntegerField, Q, Value
from django.db.models.functions import Length, Replace
from django.db.models.lookups import Exact, Range, StartsWith


class IsE164(Func):
    """Whether a text is a number in E.164: a plus sign, and 2 to 15 digits that don't begin with 0.

    PostgreSQL checks it whenever a row changes, and reads the constraint anew each time, so it is short there. But
    SQLite knows regular expressions in Django's connections only, so no other program could write to the table, and in
    MariaDB and MySQL they ignore a newline at the end. There, a number without its digits is one character, the plus.
    """

    template = "%(expressions)s ~ '^[+][1-9][0-9]{1,14}$'"
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        (text,) = self.get_source_expressions()
        without_digits = text
        for digit in "0123456789":
            without_digits = Replace(without_digits, Value(digit))
        condition = (
            Q(StartsWith(text, "+"))
            & ~Q(StartsWith(text, "+0"))
            & Q(Range(Length(text), (3, 16)))
            & Q(Exact(Length(without_digits), 1))
        )
        return compiler.compile(condition.resolve_expression(compiler.query))

    as_mysql = as_sqlite


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
