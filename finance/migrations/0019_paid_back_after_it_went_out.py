"""Nothing is paid back before the first money has gone out; that the contract was signed is not enough."""

from django.db import migrations

_NOW = """
CREATE OR REPLACE FUNCTION finance_repayment_now() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM finance_loanapplication l
        WHERE l.id = NEW.loan_id AND l.state IN ('repaying', 'overdue', 'written_off') AND l.{since} <= NEW.on)
    THEN
        RAISE EXCEPTION 'only a loan that was drawn is paid back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_repayment_now', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0018_written_off_and_let_go'),
    ]

    operations = [
        migrations.RunSQL(_NOW.format(since="drawn_on"), _NOW.format(since="signed_on")),
    ]
