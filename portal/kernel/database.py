"""Two database roles: the owner migrates, the application role works and owns nothing.

``as_owner`` lends the default connection to the owner; ``grant_application_role`` gives the application
role its rights after each migrate. TRUNCATE is granted to nobody, an append-only table can be read and
added to, never changed, and what the database alone writes can only be read. ``harden_histories`` takes away
the settings that history triggers listen to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

IDENTITY = ("USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def as_owner(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Within the block this thread's connection signs in as the owner of the tables.

    Does nothing when it already does. Raises RuntimeError inside a transaction, because changing the
    role closes the connection.
    """
    connection = connections[using]
    before = connection.settings_dict
    after = before | {key: settings.DATABASE_OWNER[key] for key in IDENTITY}
    if after == before:
        yield
        return
    _sign_in(connection, after)
    try:
        yield
    finally:
        _sign_in(connection, before)


def _sign_in(connection: BaseDatabaseWrapper, identity: dict[str, Any]) -> None:
    if connection.in_atomic_block:
        raise RuntimeError("The database role cannot change inside a transaction.")
    connection.close()
    connection.settings_dict = identity


def is_append_only(model: type[Model]) -> bool:
    """Whether rows of the model, once written, stay as they are."""
    base = getattr(import_module("portal.kernel.models"), "AppendOnly", None)
    return getattr(model, "append_only", False) or (base is not None and issubclass(model, base))


def is_database_written(model: type[Model]) -> bool:
    """Whether triggers alone write the model's rows, with the rights of the owner of the tables."""
    return bool(getattr(model, "database_written", False))


def grant_application_role(
    sender: AppConfig, using: str = DEFAULT_DB_ALIAS, plan: Any = None, **kwargs: Any
) -> None:
    """Give the application role its rights on every table (receiver of ``post_migrate``).

    A flush sends the signal too, without a plan; it changes no table, so nothing is to be done.
    """
    application = settings.DATABASES[using]["USER"]
    if plan is None or application == settings.DATABASE_OWNER["USER"]:
        return
    connection = connections[using]
    role = connection.ops.quote_name(application)
    models = list(apps.get_models(include_auto_created=True))
    present = set(connection.introspection.table_names())
    frozen = sorted({model._meta.db_table for model in models if is_append_only(model)} & present)
    closed = sorted({model._meta.db_table for model in models if is_database_written(model)} & present)
    with as_owner(using), transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in frozen:
            cursor.execute(f"REVOKE UPDATE, DELETE ON {connection.ops.quote_name(table)} FROM {role}")
        for table in closed:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {connection.ops.quote_name(table)} FROM {role}")


_NEVER_IGNORED = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
        LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""
_LOOK_IN_PUBLIC = """
    DO $body$
    DECLARE
        watcher regprocedure;
    BEGIN
        FOR watcher IN SELECT oid FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'pgtrigger\\_%' AND proconfig IS NULL
        LOOP
            EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', watcher);
        END LOOP;
    END
    $body$
"""


def harden_histories(
    sender: AppConfig, using: str = DEFAULT_DB_ALIAS, plan: Any = None, **kwargs: Any
) -> None:
    """Let no setting of a session keep a change out of the histories (receiver of ``post_migrate``).

    As django-pgtrigger writes its functions, ``pgtrigger.ignore`` silences them, and a temporary table may
    stand in for the history, because they look tables up on the caller's path. Its migrations write the
    functions anew, so this runs after each migrate.
    """
    if plan is None:
        return
    with as_owner(using), connections[using].cursor() as cursor:
        cursor.execute(_NEVER_IGNORED)
        cursor.execute(_LOOK_IN_PUBLIC)
