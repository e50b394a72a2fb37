"""Many requests that wait for a slow provider: what they hold of the database meanwhile."""

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test import override_settings

from django_ding.models import Authentication
from django_ding.services import asend, send
from django_ding.steps import in_steps
from tests.backends.servers import Provider, answer
from tests.helpers import closing_connection

MANY = 12
#: For what never happens where the test passes.
PATIENCE = 20

NUMBERS = [f"+336123456{number:02}" for number in range(MANY)]


class SlowProvider(Provider):
    """Answers nobody before it is told to."""

    def __init__(self):
        self._asked, self._may_answer = threading.Semaphore(0), threading.Event()
        super().__init__()
        self.usual = answer({"id": "vrf_01jc0t6fwwfgfsq1md24mhyztj", "status": "success"})

    def _write(self, connection, chosen):
        self._asked.release()
        self._may_answer.wait(PATIENCE)
        super()._write(connection, chosen)

    @contextmanager
    def asked_by_all(self):
        """Run a block once all have asked, and answer them after it."""
        try:
            for _ in range(MANY):
                assert self._asked.acquire(timeout=PATIENCE)
            yield
        finally:
            self._may_answer.set()


@pytest.fixture
def provider():
    with SlowProvider() as server:
        options = {"api_key": "key", "base_url": server.url}
        backend = {"BACKEND": "django_ding.backends.prelude.PreludeBackend", "OPTIONS": options}
        # The rates of the database, too, are counted before the provider is asked.
        with override_settings(DING={"BACKENDS": {"default": backend}, "RATE_LIMIT_CACHE": None}):
            yield server


def send_from_threads():
    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(lambda number: closing_connection(lambda: send(number)), NUMBERS))


def send_from_tasks():
    async def script():
        await asyncio.gather(*map(asend, NUMBERS))
        await sync_to_async(connections.close_all)()

    asyncio.run(script())


@contextmanager
def waiting(send_all, provider):
    """Run a block while all wait for the provider. In the end all are sent."""
    with ThreadPoolExecutor(1) as caller:
        sending = caller.submit(send_all)
        with provider.asked_by_all():
            yield
        sending.result()
    assert Authentication.objects.filter(status="pending").count() == MANY


def others():
    """Return how many other connections there are to this database, and how many transactions and locks they hold."""
    if connection.vendor == "sqlite":
        return None, *_is_locked()
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL if connection.vendor == "postgresql" else _MARIADB)
        return cursor.fetchone()


_POSTGRESQL = """
    WITH others AS (
        SELECT pid, xact_start FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    )
    SELECT count(*), count(xact_start), (SELECT count(*) FROM pg_locks JOIN others USING (pid)) FROM others
"""
_MARIADB = """
    SELECT count(*), count(trx_id), coalesce(sum(trx_rows_locked), 0)
    FROM information_schema.processlist LEFT JOIN information_schema.innodb_trx ON trx_mysql_thread_id = id
    WHERE db = database() AND id <> connection_id()
"""


def _is_locked():
    """Return what SQLite tells: whether a transaction that writes is open, which locks the whole database."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return 1, 1
    return 0, 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("send_all", "expected"), [(send_from_threads, MANY), (send_from_tasks, 1)])
def test_many_wait_without_transactions_and_locks(provider, send_all, expected):
    with waiting(send_all, provider):
        connections, transactions, locks = others()
    assert (transactions, locks) == (0, 0)
    assert connections in {expected, None}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("send_all", [send_from_threads, send_from_tasks])
def test_many_wait_without_connections_if_these_are_released(provider, settings, send_all):
    settings.DING = {**settings.DING, "RELEASE_CONNECTIONS": True}
    with waiting(send_all, provider):
        assert others() in {(0, 0, 0), (None, 0, 0)}


@pytest.fixture
def pool_of_two(monkeypatch):
    """Django's pool of PostgreSQL's connections, for those of other threads than the test's."""
    pytest.importorskip("psycopg_pool")
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL's connections are pooled by Django.")
    options = {"pool": {"min_size": 2, "max_size": 2, "timeout": PATIENCE}}
    connection.ensure_connection()
    with monkeypatch.context() as patched:
        patched.setitem(connections.settings["default"], "OPTIONS", options)
        yield
        connection.close_pool()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("send_all", [send_from_threads, send_from_tasks])
def test_pool_of_two_serves_many_if_connections_are_released(provider, settings, pool_of_two, send_all):
    settings.DING = {**settings.DING, "RELEASE_CONNECTIONS": True}
    with waiting(send_all, provider):
        assert others() == (2, 0, 0)


@in_steps
def ask():
    """Return whether the caller's connection to the database was open while the provider was asked."""
    return (yield lambda: connection.connection is not None)


@pytest.mark.django_db
def test_connection_with_a_transaction_is_not_released(settings):
    settings.DING = {"RELEASE_CONNECTIONS": True}
    assert ask()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("autocommit", [True, False])
def test_connection_with_commits_of_the_projects_is_not_released(settings, autocommit):
    settings.DING = {"RELEASE_CONNECTIONS": True}
    connection.set_autocommit(autocommit)
    try:
        assert ask() is not autocommit
    finally:
        connection.set_autocommit(True)
