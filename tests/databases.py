"""The test database: made once in a run, copied for each process, put back after a test that commits.

Django flushes such a database: it truncates every table and lets the migrations' signal fill those that are
never empty. Here only what a test has left is removed, and only what it changed of the first rows is written
again, from copies in the schema ``seeds``.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases

from enterprises.models import CatalogueStamp
from policies import book
from portal.kernel.database import IDENTITY, as_owner
from tests.migrating import in_small_steps

needs_two_roles = pytest.mark.skipif(
    settings.DATABASE_OWNER["USER"] == settings.DATABASES["default"]["USER"],
    reason="both addresses name the same database role",
)

MAKING = 20261122
"""Number of the advisory lock under which the first process makes what all copy."""
TRIES = 4
STAMP = CatalogueStamp._meta.db_table
_NEW_STAMP = f"""
    INSERT INTO {STAMP} (id, stamp) VALUES (1, nextval('enterprises_catalogue_stamp_seq'))
    ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp
"""
LARGE = 2**22
"""Bytes of a table from which on what was removed is swept out."""
OWN_NAME = settings.DATABASES["default"]["NAME"]


@contextmanager
def made(verbosity: int, *, reuse: bool, create: bool) -> Iterator[None]:
    """The database of a run in one process. With `reuse` it stays, and is used again unless `create`."""
    again = reuse and not create
    with as_owner(), in_small_steps():
        setup_databases(verbosity=verbosity, interactive=False, keepdb=again, serialized_aliases=set())
        if again:  # a run that was killed has left rows
            call_command("flush", interactive=False, verbosity=0)
        _keep_seeds()
    with _put_back_instead_of_flushed():
        yield
    if not reuse:
        _drop(verbosity)


@contextmanager
def copied(run: str, process: str) -> Iterator[None]:
    """A copy for one of a run's processes. Whichever comes first makes what all copy."""
    with as_owner(), _one_at_a_time():
        _make_for(run)
        connection.creation.clone_test_db(process, verbosity=0)
        settings.DATABASES["default"]["NAME"] = connection.creation.get_test_db_clone_settings(process)[
            "NAME"
        ]
    with _put_back_instead_of_flushed():
        yield
    _drop(verbosity=0)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    owner = {key.lower(): settings.DATABASE_OWNER[key] for key in IDENTITY}
    guard = psycopg2.connect(dbname="postgres", **owner)
    with guard.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING])
    yield
    guard.close()


def _make_for(run: str) -> None:
    """The database that this run's processes copy; its comment names the run that made it."""
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{OWN_NAME}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        )
        found = cursor.fetchone()
    connection.close()
    if found == (run,):
        connection.settings_dict["NAME"] = name
        return
    with in_small_steps():
        setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    _keep_seeds()
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS %s", [run])
    connection.close()


def _drop(verbosity: int) -> None:
    with as_owner():
        teardown_databases([(connection, OWN_NAME, True)], verbosity=verbosity)


def _keep_seeds() -> None:
    """Copy the rows that migrations leave; the owner does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS seeds CASCADE")
        cursor.execute("CREATE SCHEMA seeds")
        for table in _filled(cursor, _tables(cursor)):
            cursor.execute(f'CREATE TABLE seeds."{table}" AS TABLE public."{table}"')


@contextmanager
def _put_back_instead_of_flushed() -> Iterator[None]:
    """Tests that commit end with `put_back` where the server lets the owner do that (the run's own does)."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        (may,) = cursor.fetchone()
    if not may:
        yield
        return
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", put_back):
        yield


def put_back(case: TransactionTestCase) -> None:
    """Every table as the migrations left it. Who still writes may cost a try (deadlock)."""
    with as_owner():
        for more in reversed(range(TRIES)):
            try:
                left = _put_back()
                break
            except OperationalError:
                connection.close()
                if not more:
                    raise
        _vacuum(left)
    book.forget()  # a flush would have told it


@transaction.atomic
def _put_back() -> list[str]:
    """Returns the tables that rows were removed from.

    The catalogue gets a new stamp, as from a flush: processes remember by it what they have read, rules by
    their ids too, and a test that flushes by itself may begin ids anew.
    """
    with connection.cursor() as cursor:
        tables, seeds = _tables(cursor), _seeds()
        every = ", ".join(map(_quoted, tables))
        cursor.execute(f"LOCK TABLE {every} IN EXCLUSIVE MODE")  # those who still write have ended
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        now = _digests(cursor, "public", list(seeds))
        changed = [table for table, digest in seeds.items() if now[table] != digest]
        left = [*changed, *_filled(cursor, [table for table in tables if table not in seeds])]
        with _guards_off(cursor, left):
            for table in left:
                cursor.execute(f"DELETE FROM {_quoted(table)}")
            _plant(cursor, changed)
        cursor.execute(_NEW_STAMP)
    return left


def _vacuum(tables: list[str]) -> None:
    """Rows that were removed stay in a table's file, and are passed over by every look at it."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [_quoted(table)])
            if cursor.fetchone()[0] > LARGE:
                cursor.execute(f"VACUUM {_quoted(table)}")


@contextmanager
def _guards_off(cursor: CursorWrapper, tables: list[str]) -> Iterator[None]:
    """Triggers that no setting silences (ENABLE ALWAYS) do not fire within the block."""
    cursor.execute(
        "SELECT format('%%I', tgname), tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgenabled = 'A' AND tgrelid = ANY(%s::regclass[])",
        [[_quoted(table) for table in tables]],
    )
    guards = cursor.fetchall()
    for name, table in guards:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield
    for name, table in guards:
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _plant(cursor: CursorWrapper, tables: list[str]) -> None:
    for table in tables:
        columns = _columns(cursor, table)
        cursor.execute(f'INSERT INTO {_quoted(table)} ({columns}) SELECT {columns} FROM seeds."{table}"')


@functools.cache
def _seeds() -> dict[str, str]:
    """Digest of the first rows of each table that has any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'seeds'")
        return _digests(cursor, "seeds", [table for (table,) in cursor.fetchall()])


def _tables(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return sorted({table for (table,) in cursor.fetchall()} - {"django_migrations", STAMP})


def _filled(cursor: CursorWrapper, tables: list[str]) -> list[str]:
    cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {_quoted(table)})' for table in tables)}")
    return [table for table, filled in zip(tables, cursor.fetchone(), strict=True) if filled]


def _digests(cursor: CursorWrapper, schema: str, tables: list[str]) -> dict[str, str]:
    one = (
        """SELECT '{0}', md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {1}."{0}" t"""
    )
    cursor.execute(" UNION ALL ".join(one.format(table, schema) for table in tables))
    return dict(cursor.fetchall())


def _columns(cursor: CursorWrapper, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [f'public."{table}"'],
    )
    return cursor.fetchone()[0]


def _quoted(table: str) -> str:
    return f'public."{table}"'
