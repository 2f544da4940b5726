"""Guards of the database, read from its own catalogue, and removed by the owner of the tables.

Of the tables of money and enjoy runs these count: CHECK, UNIQUE and EXCLUDE constraints, unique indexes,
foreign keys of several columns, every RAISE and every lock of a trigger's function, triggers that do
something else, and what the application's role may not do to rows that stand. Left out is what Django makes
for any table (primary keys, NOT NULL, foreign keys of one column, positive numbers), uniqueness of columns
of which the primary key is one (foreign keys point there), and triggers that write histories, which the
kernel tests.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection

from portal.kernel.database import as_owner, is_append_only, is_database_written
from tests.guards.guard import Guard

ROOMS = (
    "policies.models.money",
    "policies.models.enjoying",
    "enterprises.models.consents",
    "finance.models.score",
    "finance.models.bank",
    "finance.models.product",
)
STEPS = (" INSERT", " UPDATE", " DELETE")
"""What a `StateTrigger` refuses under one name, in the order of its text."""
KINDS = {"c": "CHECK", "u": "UNIQUE", "x": "EXCLUDE", "f": "foreign key"}

_CONSTRAINTS = r"""
    SELECT c.conname, t.relname, c.contype, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        LEFT JOIN pg_index p ON p.indrelid = t.oid AND p.indisprimary
    WHERE t.relname = ANY(%s) AND (
        c.contype IN ('c', 'x') AND c.conname NOT LIKE '%%\_check'
        OR c.contype = 'u' AND NOT c.conkey @> p.indkey::smallint[]
        OR c.contype = 'f' AND cardinality(c.conkey) > 1)
    ORDER BY c.conname
"""
_INDEXES = """
    SELECT i.relname, pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relname = ANY(%s) AND x.indisunique
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.oid)
    ORDER BY i.relname
"""
_TRIGGERS = r"""
    SELECT g.tgname, t.relname, p.proname, p.prosrc, pg_get_functiondef(p.oid), p.prosecdef,
        (SELECT count(*) FROM pg_trigger o WHERE o.tgfoid = p.oid) > 1
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
    WHERE t.relname = ANY(%s) AND NOT g.tgisinternal AND g.tgname NOT LIKE 'pgtrigger\_%%'
    ORDER BY g.tgname
"""
_REFUSAL = re.compile(r"RAISE EXCEPTION '([^']*)'.*?CONSTRAINT = '(\w+)'.*?;", re.DOTALL)
_LOCK = re.compile(r"PERFORM (.*?);", re.DOTALL)


@functools.cache
def found() -> dict[str, Guard]:
    """Every guard of the database, by name. Ask when the database is there."""
    models = [one for one in apps.get_models() if one.__module__.startswith(ROOMS) and one._meta.managed]
    tables = [one._meta.db_table for one in models]
    guards = [*_constraints(tables), *_indexes(tables), *_triggers(tables), *_privileges(models)]
    named = {one.name: one for one in guards}
    assert len(named) == len(guards), "two guards of one name"
    return named


def _constraints(tables: list[str]) -> Iterator[Guard]:
    words = _words()
    for name, table, kind, definition in _rows(_CONSTRAINTS, tables):
        removal = _replaced(
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}",
        )
        yield Guard(name, KINDS[kind], words.get(name, definition), "constraint dropped", removal)


def _indexes(tables: list[str]) -> Iterator[Guard]:
    words = _words()
    for name, definition in _rows(_INDEXES, tables):
        protects = words.get(name, definition.partition(" USING ")[2])
        yield Guard(name, "UNIQUE", protects, "index dropped", _replaced(f"DROP INDEX {name}", definition))


def _triggers(tables: list[str]) -> Iterator[Guard]:
    for name, table, function, body, definition, definer, shared in _rows(_TRIGGERS, tables):
        refusals = [] if shared else list(_REFUSAL.finditer(body))
        by_step = len(refusals) > len({match[2] for match in refusals})
        for step, match in zip(STEPS if by_step else [""] * len(refusals), refusals, strict=True):
            removal = _without_text(definition, match[0])
            yield Guard(match[2] + step, "trigger", match[1], "its RAISE left out", removal)
        for match in [] if shared else _LOCK.finditer(body):
            words = " ".join(match[1].split())
            yield Guard(
                f"{name} lock", "lock", words, "its PERFORM left out", _without_text(definition, match[0])
            )
        if definer:
            role = connection.ops.quote_name(settings.DATABASES["default"]["USER"])
            removal = _replaced(
                f"GRANT EXECUTE ON FUNCTION {function}() TO {role}",
                f"REVOKE EXECUTE ON FUNCTION {function}() FROM {role}",
            )
            yield Guard(
                f"{function} EXECUTE", "privilege", "runs with the owner's rights", "granted", removal
            )
        if shared or definer or not refusals:
            removal = _replaced(
                f"ALTER TABLE {table} DISABLE TRIGGER {name}",
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
            )
            yield Guard(f"{name} trigger", "trigger", _fires(name), "trigger disabled", removal)


def _privileges(models: list[type]) -> Iterator[Guard]:
    role = connection.ops.quote_name(settings.DATABASES["default"]["USER"])
    for model in models:
        table = model._meta.db_table
        kept = ("UPDATE", "DELETE") if is_append_only(model) else ()
        for right in (*kept, *(("INSERT",) if is_database_written(model) else ())):
            removal = _replaced(
                f"GRANT {right} ON {table} TO {role}", f"REVOKE {right} ON {table} FROM {role}"
            )
            yield Guard(f"{table} {right}", "privilege", "what is written stands", "granted", removal)


def _fires(name: str) -> str:
    """The condition of a trigger, or what it calls."""
    (definition,) = _rows("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = ANY(%s)", [name])[0]
    return definition.partition(" WHEN ")[2] or definition.partition(" EXECUTE FUNCTION ")[2]


def _words() -> dict[str, str]:
    """What people are told whom a constraint refuses."""
    return {
        one.name: str(one.violation_error_message)
        for model in apps.get_models()
        for one in model._meta.constraints
        if one.violation_error_message
    }


def _without_text(definition: str, text: str):
    return _replaced(definition.replace(text, "NULL;", 1), definition)


def _replaced(removal: str, restoration: str):
    @contextmanager
    def without() -> Iterator[None]:
        _as_owner(removal)
        try:
            yield
        finally:
            _as_owner(restoration)

    return without


def _as_owner(statement: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(query: str, names: list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, [names])
        return cursor.fetchall()
