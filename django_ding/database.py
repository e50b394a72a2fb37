"""What to do about a database that can't be used."""

from django.db import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError

from django_ding import log

#: What a database raises that can't be reached or written to: one that is down, full or read-only. PostgreSQL's error
#: for the latter is an ``InternalError``. Collisions are of this kind, too, and are tried again first.
OUTAGES = (OperationalError, InterfaceError, InternalError)


def report_outage(error: DatabaseError | InterfaceError) -> None:
    """Log why the database can't be used: at ERROR once a minute and process, at WARNING in between."""
    kind = type(error).__name__
    # Databases quote the values that violate a constraint, such as phone numbers; PostgreSQL quotes on later lines.
    text = "" if isinstance(error, IntegrityError) else log.mask_numbers(str(error).partition("\n")[0])
    log.write(
        log.DATABASE_UNAVAILABLE,
        level=log.repeated_level((None, kind)),
        error=f"{kind}: {text}" if text else kind,
    )
