"""A pool is closed once nothing is left in it: no loan, and no claim that somebody still has to settle."""

from django.db import migrations

_CLOSED = """
CREATE FUNCTION finance_riskpool_closed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NEW.used_fen > 0 OR EXISTS (
        SELECT 1 FROM finance_poolclaim c JOIN finance_pooladmission a ON a.id = c.admission_id
        WHERE a.pool_id = NEW.id AND c.state IN ('filed', 'reviewed', 'approved'))
    THEN
        RAISE EXCEPTION 'a pool is closed when nothing is left in it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_riskpool_closed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_riskpool_closed BEFORE UPDATE ON finance_riskpool FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state = 'closed') EXECUTE FUNCTION finance_riskpool_closed();
ALTER TABLE finance_riskpool ENABLE ALWAYS TRIGGER finance_riskpool_closed;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0025_whitelists_by_four_eyes")]

    operations = [
        migrations.RunSQL(
            _CLOSED,
            "DROP TRIGGER finance_riskpool_closed ON finance_riskpool;\nDROP FUNCTION finance_riskpool_closed();\n",
        ),
    ]
