"""What a department was asked stands, also once nobody waits for it; what was sent is not deleted in amending."""

from django.db import migrations

_ASKED = """
CREATE TRIGGER policies_opinion_stands_asked BEFORE UPDATE OR DELETE ON policies_opinion FOR EACH ROW
    WHEN (OLD.stance = '' AND OLD.recalled_at IS NULL)
    EXECUTE FUNCTION policies_stands('stance', 'text', 'given_by_id', 'given_at', 'recalled_at');
ALTER TABLE policies_opinion ENABLE ALWAYS TRIGGER policies_opinion_stands_asked;
CREATE TRIGGER policies_opinion_stands_recalled BEFORE UPDATE OR DELETE ON policies_opinion FOR EACH ROW
    WHEN (OLD.recalled_at IS NOT NULL) EXECUTE FUNCTION policies_stands();
ALTER TABLE policies_opinion ENABLE ALWAYS TRIGGER policies_opinion_stands_recalled;
"""

_FILES = """
CREATE OR REPLACE FUNCTION policies_application_files() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    held bigint := coalesce(NEW.application_id, OLD.application_id);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM policies_application WHERE id = held AND state IN ('draft', 'returned'))
        OR TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'removed_at' <> to_jsonb(OLD) - 'removed_at'
        {sent}
    THEN
        RAISE EXCEPTION 'files of application % stand as they were sent', held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_files',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
"""
_SENT = """OR TG_OP = 'DELETE' AND EXISTS (
            SELECT 1 FROM policies_evidence WHERE application_id = held AND content @> jsonb_build_object(
                'materials', jsonb_build_array(jsonb_build_object(
                    'files', jsonb_build_array(jsonb_build_object('id', OLD.id))))))"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0019_opinions_recalled")]
    operations = [
        migrations.RunSQL(
            _ASKED,
            "DROP TRIGGER policies_opinion_stands_recalled ON policies_opinion;"
            "DROP TRIGGER policies_opinion_stands_asked ON policies_opinion;",
        ),
        migrations.RunSQL(_FILES.format(sent=_SENT), _FILES.format(sent="")),
    ]
