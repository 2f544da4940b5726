"""Whoever adds a bank to a list waits for whoever pushes it at this moment.

A lock in a subquery that looks for a state locks no row that is not in it yet; here the list is locked first.
"""

from django.db import migrations

_STANDS = """
CREATE OR REPLACE FUNCTION finance_whitelist_banks_stand() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    {lock}IF (EXISTS (
        SELECT 1 FROM finance_whitelist WHERE id IN (NEW.whitelist_id, OLD.whitelist_id)
            AND state IN ('pushed', 'closed'){share})) THEN
        RAISE EXCEPTION 'whom a list went to stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_whitelist_banks_stand', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
"""
_LOCK = """PERFORM 1 FROM finance_whitelist
        WHERE id IN (NEW.whitelist_id, OLD.whitelist_id) ORDER BY id FOR SHARE;
    """


class Migration(migrations.Migration):
    dependencies = [("finance", "0041_paid_by_a_reviewer_before_codes")]
    operations = [
        migrations.RunSQL(
            _STANDS.format(lock=_LOCK, share=""), _STANDS.format(lock="", share=" FOR SHARE")
        )
    ]
