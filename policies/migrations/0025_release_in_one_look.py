"""The guard that payments are sent by releasing their batch looks at each batch once, not at each payment.

The same is refused as before. Instruction files are kept as they are: they are written once, by a person who
waits, and compressing them took a fifth of the release.
"""

from django.db import migrations

_GUARD = """
CREATE OR REPLACE FUNCTION policies_payment_released() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS ({refused}) THEN
        RAISE EXCEPTION 'payments are sent by releasing their batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_payment_released', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
"""
_EACH_BATCH = """
        SELECT 1 FROM policies_paymentbatch b
        WHERE b.id IN (SELECT DISTINCT p.batch_id FROM new_rows p WHERE p.state = 'sent')
            AND b.state <> 'released'"""
_EACH_PAYMENT = """
            SELECT 1 FROM new_rows p JOIN policies_paymentbatch b ON b.id = p.batch_id
            WHERE p.state = 'sent' AND b.state <> 'released'"""
_KEPT = "ALTER TABLE policies_instructionfile ALTER COLUMN content SET STORAGE {how};"


class Migration(migrations.Migration):
    dependencies = [("policies", "0024_limits_of_lists")]
    operations = [
        migrations.RunSQL(_GUARD.format(refused=_EACH_BATCH), _GUARD.format(refused=_EACH_PAYMENT)),
        migrations.RunSQL(_KEPT.format(how="EXTERNAL"), _KEPT.format(how="EXTENDED")),
    ]
