"""What banks said of a list stays written down, whom a list went to stands, and a closed pool takes no money in."""

from django.db import migrations

_GUARD = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF ({refused}) THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
# Name, table, events, condition of refusal, words.
_GUARDS = (
    (
        "finance_whitelist_banks_stand",
        "finance_whitelist_banks",
        "INSERT OR UPDATE OR DELETE",
        """EXISTS (
        SELECT 1 FROM finance_whitelist WHERE id IN (NEW.whitelist_id, OLD.whitelist_id)
            AND state IN ('pushed', 'closed') FOR SHARE)""",
        "whom a list went to stands",
    ),
    (
        # the ledger moves the pool next: its row is held as for that, lest two wait for each other
        "finance_poolsource_closed",
        "finance_poolsource",
        "INSERT",
        """NEW.amount_fen > 0
        AND (SELECT state FROM finance_riskpool WHERE id = NEW.pool_id FOR NO KEY UPDATE) = 'closed'""",
        "money is only taken out of a closed pool",
    ),
)
_RESULT = """
CREATE TRIGGER finance_whitelistresult_stands BEFORE UPDATE OR DELETE ON finance_whitelistresult
    FOR EACH ROW EXECUTE FUNCTION finance_loan_keeps('outcome', 'amount_fen', 'note', 'by_id', 'at');
ALTER TABLE finance_whitelistresult ENABLE ALWAYS TRIGGER finance_whitelistresult_stands;
CREATE FUNCTION finance_whitelistresult_written() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_RELID <> 'public.finance_whitelistresult'::regclass THEN
        RAISE EXCEPTION 'words are of finance_whitelistresult only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_whitelistresult_written', TABLE = TG_TABLE_NAME;
    END IF;
    INSERT INTO finance_whitelistword (entry_id, bank_id, outcome, amount_fen, note, by_id, at)
        VALUES (NEW.entry_id, NEW.bank_id, NEW.outcome, NEW.amount_fen, NEW.note, NEW.by_id, NEW.at);
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION finance_whitelistresult_written() FROM PUBLIC;
CREATE TRIGGER finance_whitelistresult_written AFTER INSERT OR UPDATE ON finance_whitelistresult
    FOR EACH ROW EXECUTE FUNCTION finance_whitelistresult_written();
ALTER TABLE finance_whitelistresult ENABLE ALWAYS TRIGGER finance_whitelistresult_written;
"""
_RESULT_UNDO = """
DROP TRIGGER finance_whitelistresult_written ON finance_whitelistresult;
DROP FUNCTION finance_whitelistresult_written();
DROP TRIGGER finance_whitelistresult_stands ON finance_whitelistresult;
"""
_SO_FAR = """
INSERT INTO finance_whitelistword (entry_id, bank_id, outcome, amount_fen, note, by_id, at)
    SELECT entry_id, bank_id, outcome, amount_fen, note, by_id, at FROM finance_whitelistresult ORDER BY id;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0032_whitelists_answered")]

    operations = [
        migrations.RunSQL(
            "".join(
                _GUARD.format(name=name, table=table, events=events, refused=refused, words=words)
                for name, table, events, refused, words in _GUARDS
            ),
            "".join(f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n" for name, table, *_rest in _GUARDS),
        ),
        migrations.RunSQL(_RESULT, _RESULT_UNDO),
        migrations.RunSQL(_SO_FAR, migrations.RunSQL.noop),
    ]
