"""A pool lets go of a loan that was written off and that nobody asks it to compensate, too."""

from django.db import migrations

_ENDED = """
CREATE OR REPLACE FUNCTION finance_pooladmission_ended() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (CASE NEW.release_reason
            WHEN 'ended' THEN NOT EXISTS (
                SELECT 1 FROM finance_poolclaim c WHERE c.admission_id = NEW.id AND c.state = 'paid'){unless}
            ELSE NEW.release_reason IS DISTINCT FROM (
                SELECT state FROM finance_loanapplication WHERE id = NEW.loan_id) END
        OR NEW.release_reason <> 'ended'
            AND current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID))
    THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_ended', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""
_WRITTEN_OFF = """
                AND (EXISTS (SELECT 1 FROM finance_poolclaim c
                        WHERE c.admission_id = NEW.id AND c.state IN ('filed', 'reviewed', 'approved'))
                    OR 'written_off' IS DISTINCT FROM (
                        SELECT state FROM finance_loanapplication WHERE id = NEW.loan_id))"""
_WORDS = "a pool lets go of a loan when that is over, {0}after compensation"


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0017_claims_refused_though_approved'),
    ]

    operations = [
        migrations.RunSQL(
            _ENDED.format(unless=_WRITTEN_OFF, words=_WORDS.format("written off with no claim open, or ")),
            _ENDED.format(unless="", words=_WORDS.format("or ")),
        ),
    ]
