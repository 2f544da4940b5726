"""Each score belongs to the reading that it was reckoned from: of that enterprise, as of that moment."""

import django.db.models.deletion
from django.db import migrations, models

# A score was always as of the moment of its reading, so that the reading can be found again.
_TIE = """
UPDATE finance_score s SET reading_id = (
    SELECT min(r.id) FROM enterprises_consentreading r JOIN enterprises_consent c ON c.id = r.consent_id
    WHERE c.enterprise_id = s.enterprise_id AND r.at = s.known_at);
SET CONSTRAINTS ALL IMMEDIATE;
"""
_OF_READING = """
CREATE FUNCTION finance_score_of_reading() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM enterprises_consentreading r JOIN enterprises_consent c ON c.id = r.consent_id
        WHERE r.id = NEW.reading_id AND c.enterprise_id = NEW.enterprise_id AND r.at = NEW.known_at)
    THEN
        RAISE EXCEPTION 'a score is of the enterprise that was read, as of that moment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_score_of_reading', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_score_of_reading BEFORE INSERT ON finance_score
    FOR EACH ROW EXECUTE FUNCTION finance_score_of_reading();
ALTER TABLE finance_score ENABLE ALWAYS TRIGGER finance_score_of_reading;
"""


def _reading(**options):
    return models.OneToOneField(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="score",
        to="enterprises.consentreading",
        verbose_name="所依据的查阅",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("finance", "0021_rankings_stand"), ("enterprises", "0016_code_scans")]

    operations = [
        migrations.AddField("score", "reading", _reading(null=True)),
        migrations.RunSQL(_TIE, migrations.RunSQL.noop),
        migrations.AlterField("score", "reading", _reading()),
        migrations.RunSQL(
            _OF_READING,
            "DROP TRIGGER finance_score_of_reading ON finance_score;\nDROP FUNCTION finance_score_of_reading();\n",
        ),
    ]
