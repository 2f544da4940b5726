"""What the application role cannot do to the database, whatever SQL it sends.

Every table, machine and trigger is found in the registries and in PostgreSQL's own catalogue, so that a new
model is covered by itself.
"""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction

from portal.kernel.database import is_append_only, is_database_written
from portal.kernel.machines import Machine
from portal.kernel.state_triggers import trigger_name
from portal.kernel.transitions import EventModel
from tests.databases import needs_two_roles

APPLICATION, OWNER = settings.DATABASES["default"]["USER"], settings.DATABASE_OWNER["USER"]
pytestmark = [pytest.mark.django_db, needs_two_roles]

MODELS = sorted(
    (model for model in apps.get_models(include_auto_created=True) if model._meta.managed),
    key=lambda model: model._meta.db_table,
)
TABLES = sorted({model._meta.db_table for model in MODELS if not model._meta.proxy})
FROZEN = sorted({model._meta.db_table for model in MODELS if is_append_only(model)})
CLOSED = sorted({model._meta.db_table for model in MODELS if is_database_written(model)})
MACHINES = [
    pytest.param(model, machine, id=f"{model._meta.label}.{machine.field}")
    for model, machine in Machine.registry()
]


def rows(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def run(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def denied(statement):
    """The statement is refused for want of a right, not because it is misspelt."""
    with pytest.raises(ProgrammingError) as refusal:
        run(statement)
    assert refusal.value.__cause__.pgcode == "42501", refusal.value  # insufficient_privilege


# --- the role itself -------------------------------------------------------------------------------------


def test_the_role_has_no_powers_and_is_a_member_of_nobody():
    powers = rows(
        """SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
                  EXISTS (SELECT 1 FROM pg_auth_members WHERE member = r.oid)
           FROM pg_roles r WHERE rolname = current_user"""
    )
    assert powers == [(False,) * 6]


def test_the_role_owns_nothing():
    owned = """SELECT relname FROM pg_class WHERE relowner = current_user::regrole
               UNION ALL SELECT proname FROM pg_proc WHERE proowner = current_user::regrole
               UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole"""
    assert rows(owned) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
        f"ALTER ROLE {APPLICATION} SET session_replication_role = replica",
        f"ALTER ROLE {APPLICATION} SUPERUSER",
        f"SET ROLE {OWNER}",
        f"SET SESSION AUTHORIZATION {OWNER}",
        f"GRANT {OWNER} TO {APPLICATION}",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION public._pgtrigger_should_ignore(name) RENAME TO mine",
        "COPY accounts_user TO PROGRAM 'cat'",
        "COPY accounts_user FROM '/etc/hostname'",
        "SELECT setval('accounts_user_id_seq', 1)",
        f"DROP OWNED BY {OWNER}",
    ],
)
def test_the_role_gets_no_more_power(statement):
    denied(statement)


@pytest.mark.parametrize("table", TABLES)
def test_no_table_lets_itself_be_disarmed(table):
    for statement in (
        'ALTER TABLE "{}" DISABLE TRIGGER ALL',
        'ALTER TABLE "{}" DISABLE TRIGGER USER',
        'ALTER TABLE "{}" ADD COLUMN mine int',
        'ALTER TABLE "{}" OWNER TO CURRENT_USER',
        'DROP TABLE "{}"',
        'TRUNCATE "{}" CASCADE',
        'CREATE RULE mine AS ON DELETE TO "{}" DO INSTEAD NOTHING',
        'CREATE TEMP TABLE mine () INHERITS ("{}")',
    ):
        denied(statement.format(table))
    assert not rows("SELECT has_table_privilege(%s, 'TRIGGER')", f'"{table}"')[0][0]


# --- append-only tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", FROZEN)
def test_what_is_append_only_is_neither_changed_nor_deleted(table):
    column = rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", f'"{table}"'
    )[0][0]
    denied(f'DELETE FROM "{table}"')
    denied(f'UPDATE "{table}" SET "{column}" = "{column}"')
    denied(
        f'MERGE INTO "{table}" t USING (SELECT 1) s ON false'
        f' WHEN MATCHED THEN UPDATE SET "{column}" = t."{column}"'
    )
    denied(f'INSERT INTO "{table}" DEFAULT VALUES ON CONFLICT ("{column}") DO UPDATE SET "{column}" = 1')
    assert not rows("SELECT has_any_column_privilege(%s, 'UPDATE')", f'"{table}"')[0][0]


@pytest.mark.parametrize("table", CLOSED)
def test_what_the_database_alone_writes_is_not_added_to(table):
    denied(f'INSERT INTO "{table}" DEFAULT VALUES')
    denied(f'COPY "{table}" FROM STDIN')
    assert not rows("SELECT has_any_column_privilege(%s, 'INSERT')", f'"{table}"')[0][0]


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if issubclass(model, EventModel) or hasattr(model, "pgh_tracked_model")],
    ids=lambda model: model._meta.label,
)
def test_events_and_histories_are_append_only(model):
    assert is_append_only(model)


def test_no_foreign_key_changes_rows_behind_the_grants():
    """A cascade runs with the rights of the table's owner: it would delete from append-only tables."""
    assert (
        rows(
            """SELECT conrelid::regclass::text, conname FROM pg_constraint
           WHERE contype = 'f' AND (confdeltype NOT IN ('a', 'r') OR confupdtype NOT IN ('a', 'r'))"""
        )
        == []
    )


# --- states ----------------------------------------------------------------------------------------------


def twin(table, trigger):
    """A temporary table of the same columns, without constraints, watched by the same trigger function."""
    run(f'CREATE TEMP TABLE twin ON COMMIT DROP AS TABLE "{table}" WITH NO DATA')
    return lambda: run(
        f"CREATE TRIGGER watch BEFORE INSERT OR UPDATE OR DELETE ON twin FOR EACH ROW"
        f' EXECUTE FUNCTION "{trigger}"()'
    )


def lets(constraint, statement, *parameters):
    """Whether the statement passes; only that constraint may refuse it."""
    try:
        run(statement, *parameters)
    except IntegrityError as refusal:
        if refusal.__cause__.diag.constraint_name != constraint:
            raise
        return False
    return True


@pytest.mark.parametrize(("model", "machine"), MACHINES)
def test_states_move_along_the_edges_and_no_other_way(model, machine):
    """Every pair of states, nonsense and NULL among them, by UPDATE, INSERT and DELETE."""
    table, field = model._meta.db_table, machine.field
    constraint = trigger_name(table, field)
    states = [*model._meta.get_field(field).choices, ("bogus", ""), (None, "")]
    states = [str(state) if state is not None else None for state, _label in states]
    watch = twin(table, constraint)
    for state in states:
        run(f"INSERT INTO twin ({field}) VALUES (%s)", state)
    watch()
    where = f"WHERE {field} IS NOT DISTINCT FROM %s"
    for source in states:
        for target in states:
            allowed = source == target or (source, target) in machine.edges
            with transaction.atomic():
                moved = lets(constraint, f"UPDATE twin SET {field} = %s {where}", target, source)
                transaction.set_rollback(True)
            assert moved == allowed, (source, target)
        with transaction.atomic():
            gone = lets(constraint, f"DELETE FROM twin {where}", source)
            transaction.set_rollback(True)
        assert gone == (source in machine.deletable), source


@pytest.mark.parametrize(("model", "machine"), MACHINES)
def test_a_row_is_born_in_the_initial_state_only(model, machine):
    """The trigger speaks before any other constraint, so a state alone makes a row to try."""
    table, constraint = model._meta.db_table, trigger_name(model._meta.db_table, machine.field)
    states = [str(state) for state, _label in model._meta.get_field(machine.field).choices]
    for state in {*states, "bogus", None} - {machine.initial}:
        assert not lets(constraint, f'INSERT INTO "{table}" ({machine.field}) VALUES (%s)', state), state


# --- triggers and settings -------------------------------------------------------------------------------

TRIGGERS = """
    SELECT DISTINCT t.tgrelid::regclass::text, t.tgname, t.tgenabled, p.prosrc, coalesce(p.proconfig, '{}')
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1, 2
"""


def test_what_guards_fires_always_and_looks_at_its_own_tables_only():
    """Temporary tables come first on the usual search path, and could stand in for the real ones."""
    soft = [
        (table, trigger, enabled, settings_)
        for table, trigger, enabled, body, settings_ in rows(TRIGGERS)
        if "RAISE" in body
        and not (enabled == "A" and any(one.startswith("search_path=") for one in settings_))
    ]
    assert soft == []


def test_no_trigger_asks_a_setting_whether_to_work():
    asking = [
        (table, trigger)
        for table, trigger, _enabled, body, _settings in rows(TRIGGERS)
        if "current_setting" in body.lower()
    ]
    assert asking == []


def test_histories_look_at_their_own_tables_only():
    astray = [
        (table, trigger)
        for table, trigger, _enabled, _body, settings_ in rows(TRIGGERS)
        if trigger.startswith("pgtrigger_") and "search_path=public, pg_temp" not in settings_
    ]
    assert astray == []


HISTORY = apps.get_model("enterprises.FactHistory")
EVASIONS = {
    "ignore": "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger",
    "search_path": "SET LOCAL search_path = pg_temp, public",
    "another schema": "SET LOCAL search_path = pg_temp, pg_catalog",
    "shadow": f"CREATE TEMP TABLE {HISTORY._meta.db_table} ON COMMIT DROP"
    f" AS TABLE public.{HISTORY._meta.db_table}",
    "context": "SELECT set_config('pghistory.context_id', '', true)",
}


@pytest.mark.parametrize("evasion", EVASIONS.values(), ids=EVASIONS.keys())
def test_no_setting_keeps_a_change_out_of_the_history(evasion):
    count = f"SELECT count(*) FROM public.{HISTORY._meta.db_table} WHERE label = '另一个名称'"
    run(evasion)
    run("UPDATE public.enterprises_fact SET label = '另一个名称' WHERE key = 'revenue'")
    assert rows(count) == [(1,)]
