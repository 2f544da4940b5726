"""The test database: made once in a run, copied for each process."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from portal.kernel.database import IDENTITY, as_owner

needs_two_roles = pytest.mark.skipif(
    settings.DATABASE_OWNER["USER"] == settings.DATABASES["default"]["USER"],
    reason="both addresses name the same database role",
)

MAKING = 20261122
"""Number of the advisory lock under which the first process makes what all copy."""
OWN_NAME = settings.DATABASES["default"]["NAME"]


@contextmanager
def made(verbosity: int, *, reuse: bool, create: bool) -> Iterator[None]:
    """The database of a run in one process. With `reuse` it stays, and is used again unless `create`."""
    again = reuse and not create
    with as_owner():
        setup_databases(verbosity=verbosity, interactive=False, keepdb=again, serialized_aliases=set())
    yield
    if not reuse:
        _drop(verbosity)


@contextmanager
def copied(run: str, process: str) -> Iterator[None]:
    """A copy for one of a run's processes. Whichever comes first makes what all copy."""
    with as_owner(), _one_at_a_time():
        _make_for(run)
        connection.creation.clone_test_db(process, verbosity=0)
        copy = connection.creation.get_test_db_clone_settings(process)
        settings.DATABASES["default"]["NAME"] = copy["NAME"]
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
    setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS %s", [run])
    connection.close()


def _drop(verbosity: int) -> None:
    with as_owner():
        teardown_databases([(connection, OWN_NAME, True)], verbosity=verbosity)
