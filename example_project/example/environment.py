"""Settings from environment variables."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_ENGINES = {"postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}

#: IMMEDIATE waits for the write lock at the start of a transaction, where SQLite would otherwise fail in its middle.
#: With WAL, readers never wait.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}


def database(url: str) -> dict[str, Any]:
    """Return an entry of ``DATABASES`` for a URL.

    ``sqlite:///file`` (``sqlite:////absolute/file``), ``postgresql://user:password@host:port/name`` or ``mysql://…``,
    with special characters percent-encoded. ``?host=/directory`` is the directory of a Unix socket. Other parameters
    become ``OPTIONS``, as integers where they are digits.
    """
    parts = urlsplit(url)
    name, options = unquote(parts.path[1:]), dict(parse_qsl(parts.query))
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name or ":memory:", "OPTIONS": dict(_SQLITE_OPTIONS)}
    if parts.scheme not in _ENGINES:
        raise ValueError("DATABASE_URL must begin with sqlite://, postgresql:// or mysql://.")
    return {
        "ENGINE": f"django.db.backends.{_ENGINES[parts.scheme]}",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", parts.port or ""),
        "OPTIONS": {name: int(value) if value.isdecimal() else value for name, value in options.items()},
    }
