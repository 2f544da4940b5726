"""Who signed for an amount that no rule bounds stands: named once while it is proposed, cleared by a new review."""

from django.db import migrations

_STANDS = """
CREATE FUNCTION policies_application_countersigner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT (OLD.countersigned_by_id IS NULL AND OLD.state = 'proposed' AND NEW.state = 'proposed'
            OR NEW.countersigned_by_id IS NULL AND NEW.state IS DISTINCT FROM OLD.state
                AND NEW.outcome = '')
    THEN
        RAISE EXCEPTION 'who countersigned application % stands', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_countersigner',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_application_countersigner BEFORE UPDATE ON policies_application FOR EACH ROW
    WHEN (OLD.countersigned_by_id IS DISTINCT FROM NEW.countersigned_by_id)
    EXECUTE FUNCTION policies_application_countersigner();
ALTER TABLE policies_application ENABLE ALWAYS TRIGGER policies_application_countersigner;
"""
_UNDONE = """
DROP TRIGGER policies_application_countersigner ON policies_application;
DROP FUNCTION policies_application_countersigner();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0033_uploads_are_confirmed")]
    operations = [migrations.RunSQL(_STANDS, _UNDONE)]
