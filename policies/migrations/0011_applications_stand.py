"""What the database itself holds of applications: their way, and that what was sent stands as it was sent."""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_SENT = """
CREATE FUNCTION policies_application_sent() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.state NOT IN ('draft', 'returned') AND (NEW.answers, NEW.notes, NEW.version_id)
        IS DISTINCT FROM (OLD.answers, OLD.notes, OLD.version_id)
        OR (NEW.number, NEW.enterprise_id, NEW.item_id) IS DISTINCT FROM
           (OLD.number, OLD.enterprise_id, OLD.item_id)
        OR OLD.state <> 'draft' AND (NEW.period, NEW.version_id) IS DISTINCT FROM (OLD.period, OLD.version_id)
    THEN
        RAISE EXCEPTION 'application % was sent and stands as it was sent', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_sent', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_application_sent BEFORE UPDATE ON policies_application
    FOR EACH ROW EXECUTE FUNCTION policies_application_sent();
ALTER TABLE policies_application ENABLE ALWAYS TRIGGER policies_application_sent;
"""

_FILES = """
CREATE FUNCTION policies_application_files() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    held bigint := coalesce(NEW.application_id, OLD.application_id);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM policies_application WHERE id = held AND state IN ('draft', 'returned'))
        OR TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'removed_at' <> to_jsonb(OLD) - 'removed_at'
    THEN
        RAISE EXCEPTION 'files of application % stand as they were sent', held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_files',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
CREATE TRIGGER policies_application_files BEFORE INSERT OR UPDATE OR DELETE ON policies_applicationfile
    FOR EACH ROW EXECUTE FUNCTION policies_application_files();
ALTER TABLE policies_applicationfile ENABLE ALWAYS TRIGGER policies_application_files;
"""

_UNDO = """
DROP TRIGGER policies_application_files ON policies_applicationfile;
DROP FUNCTION policies_application_files();
DROP TRIGGER policies_application_sent ON policies_application;
DROP FUNCTION policies_application_sent();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0010_applications")]
    operations = [
        StateTrigger(
            "Application",
            "state",
            initial="draft",
            edges=[
                ("draft", "submitted"),
                ("joint", "reviewing"),
                ("joint", "withdrawn"),
                ("noticed", "approved"),
                ("noticed", "reviewing"),
                ("proposed", "approved"),
                ("proposed", "noticed"),
                ("proposed", "refused"),
                ("proposed", "reviewing"),
                ("returned", "submitted"),
                ("returned", "withdrawn"),
                ("reviewing", "joint"),
                ("reviewing", "proposed"),
                ("reviewing", "returned"),
                ("reviewing", "withdrawn"),
                ("submitted", "returned"),
                ("submitted", "reviewing"),
                ("submitted", "withdrawn"),
            ],
            deletable=["draft"],
        ),
        migrations.RunSQL(_SENT + _FILES, _UNDO),
    ]
