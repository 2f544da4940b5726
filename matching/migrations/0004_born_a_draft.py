"""A rule version is born a draft, whoever writes; the watch over versions fires always."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION matching_version_born_a_draft() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF NEW.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a rule version is born a draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matching_version_born_a_draft',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER matching_version_born_a_draft BEFORE INSERT ON matching_ruleversion
    FOR EACH ROW EXECUTE FUNCTION matching_version_born_a_draft();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER matching_version_born_a_draft;
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER matching_version_stands;
ALTER FUNCTION matching_version_stands() SET search_path = pg_catalog, pg_temp;
"""

BACKWARD = """
ALTER FUNCTION matching_version_stands() RESET search_path;
ALTER TABLE matching_ruleversion ENABLE TRIGGER matching_version_stands;
DROP TRIGGER matching_version_born_a_draft ON matching_ruleversion;
DROP FUNCTION matching_version_born_a_draft();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_run_states")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
