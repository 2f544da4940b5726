"""Guards of the database, read from its own catalogue, and removed by the owner of the tables.

Of the tables of `ROOMS` these count: CHECK, UNIQUE and EXCLUDE constraints, unique indexes,
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
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.kernel.database import IDENTITY, is_append_only, is_database_written
from tests.guards.guard import Guard

ROOMS = (
    "policies.models.money",
    "policies.models.enjoying",
    "enterprises.models.consents",
    "finance.models.",
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
_READ = re.compile(r"(?P<told>PERFORM .*?;)|\s+FOR (?:NO KEY )?(?:SHARE|UPDATE)(?: OF \w+)?", re.DOTALL)
"""A row lock of what is read for its columns; those of a PERFORM are guards of their own."""


@functools.cache
def found() -> dict[str, Guard]:
    """Every guard of the database, by name. Ask when the database is there."""
    models = [one for one in _models() if one.__module__.startswith(ROOMS) and one._meta.managed]
    tables = [one._meta.db_table for one in models if not one._meta.auto_created]
    joined = [one._meta.db_table for one in models]
    guards = [*_constraints(tables), *_indexes(tables), *_triggers(joined), *_privileges(models)]
    named = {one.name: one for one in guards}
    assert len(named) == len(guards), "two guards of one name"
    return named


def _models() -> list[type]:
    """Those that Django makes for a relation of many to many among them: triggers guard these too."""
    return apps.get_models(include_auto_created=True)


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
        for label, match in zip(_labels(name, refusals), refusals, strict=True):
            removal = _without_text(definition, match[0])
            yield Guard(label, "trigger", match[1], "its RAISE left out", removal)
        if not shared:
            yield from _locks(name, body, definition)
        if definer:
            yield _execute(function)
        if shared or definer or not refusals:
            removal = _replaced(
                f"ALTER TABLE {table} DISABLE TRIGGER {name}",
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
            )
            yield Guard(f"{name} trigger", "trigger", _fires(name), "trigger disabled", removal)


def _labels(trigger: str, refusals: list[re.Match[str]]) -> list[str]:
    """Constraint of each refusal, and which one it is where a function refuses several times under one."""
    if trigger.endswith("_transitions"):
        return [match[2] + step for step, match in zip(STEPS, refusals, strict=True)]
    names = [match[2] for match in refusals]
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}#{times + 1}" if times else name for name, times in zip(names, before, strict=True)]


def _locks(trigger: str, body: str, definition: str) -> Iterator[Guard]:
    for place, match in enumerate(_LOCK.finditer(body), 1):
        name = f"{trigger} lock" + (f"#{place}" if place > 1 else "")
        words = " ".join(match[1].split())
        yield Guard(name, "lock", words, "its PERFORM left out", _without_text(definition, match[0]))
    unlocked = _READ.sub(lambda match: match["told"] or "", definition)
    if unlocked != definition:
        removal = _replaced(unlocked, definition)
        yield Guard(f"{trigger} share", "lock", "reads under a lock", "its row lock left out", removal)


def _execute(function: str) -> Guard:
    role = connection.ops.quote_name(settings.DATABASES["default"]["USER"])
    removal = _replaced(
        f"GRANT EXECUTE ON FUNCTION {function}() TO {role}",
        f"REVOKE EXECUTE ON FUNCTION {function}() FROM {role}",
    )
    return Guard(f"{function} EXECUTE", "privilege", "runs with the owner's rights", "granted", removal)


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
        with _owner().cursor() as cursor:
            cursor.execute(removal)
            try:
                yield
            finally:
                cursor.execute(restoration)

    return without


@functools.cache
def _owner() -> BaseDatabaseWrapper:
    """The owner's own connection, kept: signing in anew for each removal takes longer than most proofs."""
    owner = connection.copy()
    owner.settings_dict |= {key: settings.DATABASE_OWNER[key] for key in IDENTITY}
    return owner


def sign_out() -> None:
    """Nobody stays connected to a database that is to be dropped."""
    _owner().close()


def _rows(query: str, names: list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, [names])
        return cursor.fetchall()
