"""Which values a column has, found by its index and not by reading the rows."""

from typing import Any

from django.db import connections, models, router


def distinct(model: type[models.Model], column: str) -> list[Any]:
    """Return the different values of a column that an index begins with, sorted, ``NULL`` left out.

    It goes from each value to the next larger one. ``SELECT DISTINCT`` would read the whole index.
    """
    using = router.db_for_read(model)
    quote = connections[using].ops.quote_name
    table, name = quote(model._meta.db_table), quote(model._meta.get_field(column).column)  # type: ignore[union-attr,arg-type]
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE seen(value) AS (SELECT MIN({name}) FROM {table} UNION ALL "  # noqa: S608 - no values in it
            f"SELECT (SELECT MIN({name}) FROM {table} WHERE {name} > seen.value) FROM seen WHERE seen.value IS NOT NULL"
            ") SELECT value FROM seen WHERE value IS NOT NULL"
        )
        return [value for (value,) in cursor.fetchall()]
