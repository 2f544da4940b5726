"""A database trigger: what is published stands.

Refuses, as check violations that carry a constraint name, any change of a published version but
closing its period once and retracting it once, and deleting it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION matching_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
    free text[] := ARRAY['valid', 'closed_at', 'retracted_at', 'retraction_reason'];
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a published rule version is never deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matching_version_published_stays',
                  TABLE = TG_TABLE_NAME;
    END IF;
    before := to_jsonb(OLD) - free;
    after := to_jsonb(NEW) - free;
    IF before <> after THEN
        RAISE EXCEPTION 'a published rule version does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matching_version_published_stands',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF (OLD.valid, OLD.closed_at) IS DISTINCT FROM (NEW.valid, NEW.closed_at) AND (
        OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL OR isempty(NEW.valid)
        OR lower(NEW.valid) IS DISTINCT FROM lower(OLD.valid) OR NOT NEW.valid <@ OLD.valid
    ) THEN
        RAISE EXCEPTION 'the period of a published rule version is closed once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matching_version_closed_once',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.retracted_at IS NOT NULL AND (
        OLD.retracted_at IS DISTINCT FROM NEW.retracted_at OR OLD.retraction_reason <> NEW.retraction_reason
    ) THEN
        RAISE EXCEPTION 'a rule version is retracted once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matching_version_retracted_once',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER matching_version_stands BEFORE UPDATE OR DELETE ON matching_ruleversion
FOR EACH ROW EXECUTE FUNCTION matching_version_stands();
"""

BACKWARD = """
DROP TRIGGER matching_version_stands ON matching_ruleversion;
DROP FUNCTION matching_version_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
