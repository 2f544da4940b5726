"""A month's ranking stands with its lines; no answer that a bank's system was given keeps whom to talk to."""

import django.db.models.expressions
from django.db import migrations, models

import enterprises.models.stamps

_TAKEN = """
CREATE FUNCTION finance_rankingsnapshot_taken() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    NEW.taken_in := pg_current_xact_id();
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_rankingsnapshot_taken BEFORE INSERT ON finance_rankingsnapshot
    FOR EACH ROW EXECUTE FUNCTION finance_rankingsnapshot_taken();
ALTER TABLE finance_rankingsnapshot ENABLE ALWAYS TRIGGER finance_rankingsnapshot_taken;
"""
_FROZEN = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF {refused} THEN
        RAISE EXCEPTION 'the ranking of a month stands as it was taken'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
# Name, table, events, condition of refusal.
_GUARDS = (
    ("finance_rankingsnapshot_frozen", "finance_rankingsnapshot", "UPDATE OR DELETE", "true"),
    (
        "finance_rankingline_frozen",
        "finance_rankingline",
        "INSERT OR UPDATE OR DELETE",
        """TG_OP <> 'INSERT' OR NOT EXISTS (
            SELECT 1 FROM finance_rankingsnapshot
            WHERE id = NEW.snapshot_id AND taken_in = pg_current_xact_id())""",
    ),
)


def _undone(name, table):
    return f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n"


class Migration(migrations.Migration):
    dependencies = [("finance", "0028_files_of_a_bank")]

    operations = [
        migrations.AddField(
            "rankingsnapshot",
            "taken_in",
            enterprises.models.stamps.TransactionIdField(
                db_default=django.db.models.expressions.Func(function="pg_current_xact_id"),
                editable=False,
                verbose_name="事务",
            ),
        ),
        migrations.RunSQL(
            _TAKEN
            + "".join(
                _FROZEN.format(name=name, table=table, events=events, refused=refused)
                for name, table, events, refused in _GUARDS
            ),
            _undone("finance_rankingsnapshot_taken", "finance_rankingsnapshot")
            + "".join(_undone(name, table) for name, table, *_rest in _GUARDS),
        ),
        # What was kept before steps were answered anew: nothing asks for it any more.
        migrations.RunSQL(
            "UPDATE finance_bankcall SET answer = '{}' WHERE answer ?| ARRAY['contact_name', 'contact_phone'];",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            "bankcall",
            models.CheckConstraint(
                condition=models.Q(
                    ("answer__has_any_keys", ("contact_name", "contact_phone")), _negated=True
                ),
                name="finance_bankcall_without_contact",
                violation_error_message="答复里的联系人不能留存。",
            ),
        ),
    ]
