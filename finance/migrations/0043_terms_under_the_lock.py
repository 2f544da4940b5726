"""A pool's terms are looked at once its row is held for the books, not before: it is held no longer for them.

What a firm has in the pool is counted with the loan that comes.
"""

from django.db import migrations

_TERMS = """
DROP TRIGGER finance_pooladmission_terms ON finance_pooladmission;
CREATE OR REPLACE FUNCTION finance_pooladmission_terms() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    held record;
    asked record;
BEGIN
    SELECT most_months, purposes, firm_cap_fen INTO held FROM finance_riskpool p
        WHERE id = NEW.pool_id AND (most_months IS NOT NULL OR firm_cap_fen IS NOT NULL
            OR cardinality(purposes) > 0
            OR EXISTS (SELECT 1 FROM finance_riskpool_products r WHERE r.riskpool_id = p.id)){lock};
    IF NOT FOUND THEN
        RETURN NEW;  -- it has no such terms, and crowds reach for it: nothing more is looked at
    END IF;
    SELECT approved_months, purpose, product_version_id, enterprise_id INTO asked
        FROM finance_loanapplication WHERE id = NEW.loan_id;
    IF asked.approved_months > held.most_months THEN
        RAISE EXCEPTION 'a pool takes on no loan that runs longer than its terms'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_months', TABLE = TG_TABLE_NAME;
    END IF;
    IF cardinality(held.purposes) > 0 AND asked.purpose <> ALL (held.purposes) THEN
        RAISE EXCEPTION 'a pool takes on loans for its purposes only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_purpose', TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT 1 FROM finance_riskpool_products p WHERE p.riskpool_id = NEW.pool_id)
        AND NOT EXISTS (
            SELECT 1 FROM finance_riskpool_products p
            JOIN finance_productversion v ON v.product_id = p.creditproduct_id
            WHERE p.riskpool_id = NEW.pool_id AND v.id = asked.product_version_id)
    THEN
        RAISE EXCEPTION 'a pool takes on loans of its products only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_product', TABLE = TG_TABLE_NAME;
    END IF;
    IF held.firm_cap_fen IS NOT NULL AND held.firm_cap_fen < {own}(
        SELECT coalesce(sum(a.amount_fen), 0)
        FROM finance_pooladmission a JOIN finance_loanapplication l ON l.id = a.loan_id
        WHERE a.pool_id = NEW.pool_id AND a.released_at IS NULL AND l.enterprise_id = asked.enterprise_id)
    THEN
        RAISE EXCEPTION 'a pool stands for no more of one enterprise than its terms say'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_firm', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_pooladmission_terms {fires} INSERT ON finance_pooladmission
    FOR EACH ROW EXECUTE FUNCTION finance_pooladmission_terms();
ALTER TABLE finance_pooladmission ENABLE ALWAYS TRIGGER finance_pooladmission_terms;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0042_banks_of_lists_wait")]

    operations = [
        # after `finance_pooladmission_ledger`, whose UPDATE of the pool waits for whoever is at the pool
        migrations.RunSQL(
            _TERMS.format(fires="AFTER", lock="", own=""),
            _TERMS.format(fires="BEFORE", lock=" FOR NO KEY UPDATE OF p", own="NEW.amount_fen + "),
        ),
    ]
