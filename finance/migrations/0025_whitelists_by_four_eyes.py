"""What the database itself holds of runs, evidence and results that banks bring; and that nobody confirms a list
which they changed themselves."""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_GUARD = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF ({refused}) THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
"""
_FIRES = """
CREATE TRIGGER {name} {fires} ON {table} FOR EACH ROW EXECUTE FUNCTION {function};
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
_SETTLED = """(SELECT state FROM finance_whitelist WHERE id = coalesce(NEW.whitelist_id, OLD.whitelist_id) FOR SHARE)
        <> 'draft'
    OR TG_OP = 'UPDATE' AND ({new}) IS DISTINCT FROM ({old})"""
_WORDS = "a list that is confirmed stands as it is"


def _entry_stands(*columns):
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return _GUARD.format(
        name="finance_whitelistentry_stands", refused=_SETTLED.format(new=new, old=old), words=_WORDS
    )


_OTHER_EYES = _GUARD.format(
    name="finance_whitelist_other_eyes",
    refused="""EXISTS (
        SELECT 1 FROM finance_whitelistevent
        WHERE subject_id = NEW.id AND actor_id = NEW.confirmed_by_id AND name IN ('exclude', 'restore'))""",
    words="who changed a list does not confirm it",
)
_ASKED = _GUARD.format(
    name="finance_whitelistreturn_asked",
    refused="""NOT EXISTS (
        SELECT 1 FROM finance_whitelist w
        JOIN finance_whitelist_banks b ON b.whitelist_id = w.id AND b.bank_id = NEW.bank_id
        WHERE w.id = NEW.whitelist_id AND w.state = 'pushed')""",
    words="a bank answers for what was pushed to it",
)
_MADE = (
    ("finance_whitelist_other_eyes", "finance_whitelist", "BEFORE UPDATE OF confirmed_by_id", ""),
    ("finance_whitelistreturn_asked", "finance_whitelistreturn", "BEFORE INSERT", ""),
    (
        "finance_whitelistreturn_stands",
        "finance_whitelistreturn",
        "BEFORE UPDATE OR DELETE",
        "finance_loan_keeps('state', 'booked', 'known')",
    ),
    (
        "finance_whitelistrun_stands",
        "finance_whitelistrun",
        "BEFORE UPDATE OR DELETE",
        "finance_loan_keeps('state', 'total', 'done', 'started_at', 'finished_at', 'error', 'whitelist_id')",
    ),
)
_DO = "".join(
    (
        _entry_stands("whitelist_id", "enterprise_id", "evidence", "digest"),
        _OTHER_EYES,
        _ASKED,
        *(
            _FIRES.format(name=name, table=table, fires=fires, function=function or f"{name}()")
            for name, table, fires, function in _MADE
        ),
    )
)
_UNDO = "".join(
    (
        *(f"DROP TRIGGER {name} ON {table};\n" for name, table, _fires, _function in _MADE),
        "DROP FUNCTION finance_whitelist_other_eyes();\nDROP FUNCTION finance_whitelistreturn_asked();\n",
        _entry_stands("whitelist_id", "enterprise_id"),
    )
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0024_whitelists_with_evidence")]
    operations = [
        StateTrigger(
            "WhitelistRun",
            "state",
            initial="queued",
            edges=[
                ("queued", "running"),
                ("running", "done"),
                ("running", "failed"),
                ("running", "queued"),
                ("failed", "queued"),
            ],
        ),
        StateTrigger(
            "WhitelistReturn", "state", initial="received", edges=[("received", "booked")], deletable=[]
        ),
        migrations.RunSQL(_DO, _UNDO),
    ]
