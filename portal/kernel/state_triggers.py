"""The migration operation that teaches the database a state machine."""

from collections.abc import Iterable
from typing import Any, cast

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from portal.kernel.machines import Machine

Edge = tuple[str, str]

_SQL = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.{column} IS DISTINCT FROM {initial} THEN
            RAISE EXCEPTION 'a new row of % starts in state %, not %',
                {table_text}, {initial}, NEW.{column}
                USING ERRCODE = 'check_violation', CONSTRAINT = {constraint}, TABLE = {table_text};
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.{column} IS DISTINCT FROM OLD.{column}
            AND (OLD.{column}, NEW.{column}) IN ({edges}) IS NOT TRUE
        THEN
            RAISE EXCEPTION 'a row of % cannot go from state % to state %',
                {table_text}, OLD.{column}, NEW.{column}
                USING ERRCODE = 'check_violation', CONSTRAINT = {constraint}, TABLE = {table_text};
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.{column} = ANY (ARRAY[{deletable}]::text[]) IS NOT TRUE THEN
        RAISE EXCEPTION 'a row of % in state % cannot be deleted', {table_text}, OLD.{column}
            USING ERRCODE = 'check_violation', CONSTRAINT = {constraint}, TABLE = {table_text};
    END IF;
    RETURN OLD;
END
$body$;
CREATE OR REPLACE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};
"""


def trigger_name(table: str, field: str) -> str:
    """Name of the trigger, of its function and of the constraint that an IntegrityError reports."""
    return f"{table}_{field}_transitions"[:63]


class StateTrigger(Operation):
    """INSERT only in `initial`, UPDATE only along `edges`, DELETE only from `deletable` (default: initial).

    Violations arrive as IntegrityError (check_violation) with the constraint `trigger_name(table, field)`.
    ENABLE ALWAYS: it fires under `session_replication_role = replica` too. A later StateTrigger on the
    same field replaces this one; undoing an operation drops the trigger.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        model_name: str,
        field: str,
        initial: str,
        edges: Iterable[Edge],
        deletable: Iterable[str] | None = None,
    ) -> None:
        self.model_name = model_name
        self.field = field
        self.initial = initial
        self.edges = sorted((source, target) for source, target in edges)
        self.deletable = sorted([initial] if deletable is None else deletable)

    @classmethod
    def of(cls, model: type[models.Model], machine: Machine) -> "StateTrigger":
        """The operation that a machine wants, to be written into a migration as literals."""
        return cls(model.__name__, machine.field, machine.initial, machine.edges, machine.deletable)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        arguments = {
            "model_name": self.model_name,
            "field": self.field,
            "initial": self.initial,
            "edges": self.edges,
            "deletable": self.deletable,
        }
        return type(self).__name__, [], arguments

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(self._sql(model, schema_editor), params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            table = model._meta.db_table
            name = schema_editor.quote_name(trigger_name(table, self.field))
            schema_editor.execute(
                f"DROP TRIGGER IF EXISTS {name} ON {schema_editor.quote_name(table)}", params=None
            )
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)

    def describe(self) -> str:
        return f"Let the database check the states of {self.model_name}.{self.field}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.model_name}_{self.field}_transitions".lower()

    def _sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        table = model._meta.db_table
        name = trigger_name(table, self.field)
        field = cast("models.Field", model._meta.get_field(self.field))
        text = schema_editor.quote_value
        return _SQL.format(
            function=schema_editor.quote_name(name),
            trigger=schema_editor.quote_name(name),
            table=schema_editor.quote_name(table),
            column=schema_editor.quote_name(str(field.column)),
            table_text=text(table),
            constraint=text(name),
            initial=text(self.initial),
            edges=", ".join(f"({text(source)}, {text(target)})" for source, target in self.edges),
            deletable=", ".join(text(state) for state in self.deletable),
        )
