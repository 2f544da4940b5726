"""What was said in an application stands as it was said: proposals, decisions, opinions, points, objections."""

from django.db import migrations

# Table, which of its rows stand, and what may be changed of those all the same. None of them is deleted.
_STANDS = (
    ("opinion", "OLD.stance <> ''", ()),
    ("amendmentpoint", "true", ("reply", "done")),
    ("objection", "OLD.answer <> ''", ()),
    ("objection", "OLD.answer = ''", ("answer", "answered_by_id", "answered_at")),
    ("publicnotice", "OLD.ended_at IS NOT NULL", ()),
    ("publicnotice", "OLD.ended_at IS NULL", ("ended_at",)),
)

_FUNCTION = """
CREATE FUNCTION policies_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    free text[] := coalesce(TG_ARGV, '{}');
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'row % of % stands as it was said', OLD.id, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""

_DECISION = """
CREATE FUNCTION policies_application_decision() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NEW.state IN ('proposed', 'noticed', 'approved', 'refused')
        AND (NEW.outcome, NEW.amount_fen, NEW.clause, NEW.reason, NEW.proposed_by_id) IS DISTINCT FROM
            (OLD.outcome, OLD.amount_fen, OLD.clause, OLD.reason, OLD.proposed_by_id)
        OR OLD.state IN ('approved', 'refused')
        AND (NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at)
    THEN
        RAISE EXCEPTION 'application % is decided as it was proposed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_decision', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_application_decision BEFORE UPDATE ON policies_application FOR EACH ROW
    WHEN (OLD.state IN ('proposed', 'noticed', 'approved', 'refused'))
    EXECUTE FUNCTION policies_application_decision();
ALTER TABLE policies_application ENABLE ALWAYS TRIGGER policies_application_decision;
"""


def _triggers():
    for number, (table, when, free) in enumerate(_STANDS):
        name, arguments = f"policies_{table}_stands_{number}", ", ".join(f"'{column}'" for column in free)
        yield f"""
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON policies_{table} FOR EACH ROW
    WHEN ({when}) EXECUTE FUNCTION policies_stands({arguments});
ALTER TABLE policies_{table} ENABLE ALWAYS TRIGGER {name};
""", f"DROP TRIGGER {name} ON policies_{table};"


_MADE, _DROPPED = zip(*_triggers(), strict=True)


class Migration(migrations.Migration):
    dependencies = [("policies", "0013_notices_as_said")]
    operations = [
        migrations.RunSQL(
            _FUNCTION + "".join(_MADE),
            "".join(_DROPPED) + "DROP FUNCTION policies_stands();",
        ),
        migrations.RunSQL(
            _DECISION,
            "DROP TRIGGER policies_application_decision ON policies_application;"
            "DROP FUNCTION policies_application_decision();",
        ),
    ]
