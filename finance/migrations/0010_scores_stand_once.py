"""One refusal for all that stands of a version, so that its guard has one name; four eyes are the trigger's."""

from django.db import migrations

_STANDS = """
CREATE OR REPLACE FUNCTION finance_scoreversion_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.state <> 'draft' AND (
        (to_jsonb(NEW) - ARRAY['state', 'retired_at']) <> (to_jsonb(OLD) - ARRAY['state', 'retired_at'])
        OR OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at
    ) THEN
        RAISE EXCEPTION 'a version that is no draft stands as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_scoreversion_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0009_words_of_rates")]

    operations = [
        migrations.RemoveConstraint("scoreversion", "finance_scoreversion_four_eyes"),
        migrations.RunSQL(_STANDS, migrations.RunSQL.noop),
    ]
