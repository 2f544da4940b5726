"""What the database itself holds of loans: their way, what was asked and agreed stands, money adds up.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too. The sums of a loan are written by the ledger alone.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF {refused} THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN {leave};
END
$body$;
CREATE TRIGGER {name} {fires} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""

_ASKED = ("number", "enterprise_id", "filed_by_id", "amount_fen", "term_months", "purpose", "purpose_note")
_ASKED += ("contact_name", "contact_phone", "submitted_at")
_AGREED = ("approved_fen", "approved_rate", "approved_months", "approved_at")
_LENT = ("drawn_on", "matures_on", "mark")


def _changed(*columns):
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return f"({new}) IS DISTINCT FROM ({old})"


# Who it goes to changes with the taking by a bank, and when the enterprise opens it to all; a bank that took
# it names its product with the approval.
_STANDS = f"""
    OLD.state <> 'draft' AND {_changed(*_ASKED)}
    OR OLD.state <> 'draft' AND {_changed("mode", "bank_id")} AND NOT (
        OLD.state IN ('declined', 'lapsed') AND NEW.state = 'submitted'
        OR OLD.state = 'submitted' AND NEW.state = 'accepted' AND OLD.bank_id IS NULL
            AND NEW.mode = OLD.mode)
    OR OLD.state <> 'draft' AND {_changed("product_version_id")} AND NOT (
        OLD.state IN ('declined', 'lapsed') AND NEW.state = 'submitted'
        OR OLD.state <> 'approved' AND NEW.state = 'approved' AND OLD.product_version_id IS NULL)
    OR {_changed(*_AGREED)} AND NOT (OLD.state <> 'approved' AND NEW.state = 'approved')
    OR {_changed("bank_number", "signed_on", "renews_id")} AND NOT (
        OLD.state <> 'signed' AND NEW.state = 'signed')
    OR {_changed(*_LENT)} AND NOT (OLD.state <> 'drawn' AND NEW.state = 'drawn')
"""

# The consent is the enterprise's own, for this application, and to this bank or to whichever takes it.
_CONSENTED = """
    NEW.consent_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM enterprises_consent c LEFT JOIN finance_bank b ON b.id = NEW.bank_id
        WHERE c.id = NEW.consent_id AND c.enterprise_id = NEW.enterprise_id AND c.reference = NEW.number
            AND (c.grantee_id = b.grantee_id OR b.id IS NULL AND c.open_to = 'bank'))
"""

_RENEWS = """
    NEW.renews_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM finance_loanapplication o WHERE o.id = NEW.renews_id AND o.drawn_on IS NOT NULL
            AND (o.enterprise_id, o.bank_id) = (NEW.enterprise_id, NEW.bank_id))
"""

_BRANCH = """
    NEW.branch_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM finance_branch b WHERE b.id = NEW.branch_id AND b.bank_id = NEW.bank_id)
"""

_TOO_EARLY = """
    NOT EXISTS (SELECT 1 FROM finance_loanapplication l WHERE l.id = NEW.loan_id AND l.state IN ({states})
        AND l.signed_on <= NEW.on)
"""

_OWNER = "(SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)"
_LEDGER_ONLY = f"""
    ARRAY[NEW.drawn_fen, NEW.repaid_fen] <> ARRAY[coalesce(OLD.drawn_fen, 0), coalesce(OLD.repaid_fen, 0)]
    AND current_user <> {_OWNER}
"""

_LOAN = "finance_loanapplication"
# Name, table, when it fires, condition of refusal, words.
_GUARDS = (
    ("finance_loan_stands", _LOAN, "BEFORE UPDATE", _STANDS, "what was asked and agreed of a loan stands"),
    (
        "finance_loan_consented",
        _LOAN,
        "BEFORE INSERT OR UPDATE OF consent_id, bank_id",
        _CONSENTED,
        "the consent is the enterprise''s own for this application and this bank",
    ),
    (
        "finance_loan_renewal",
        _LOAN,
        "BEFORE INSERT OR UPDATE OF renews_id",
        _RENEWS,
        "a renewal follows a loan of the same enterprise from the same bank",
    ),
    (
        "finance_loan_branch",
        _LOAN,
        "BEFORE INSERT OR UPDATE OF branch_id, bank_id",
        _BRANCH,
        "the branch is one of the bank",
    ),
    (
        "finance_loan_ledger_only",
        _LOAN,
        "BEFORE INSERT OR UPDATE",
        _LEDGER_ONLY,
        "the ledger alone writes the sums of a loan",
    ),
    (
        "finance_drawdown_now",
        "finance_drawdown",
        "BEFORE INSERT",
        _TOO_EARLY.format(states="'drawn', 'repaying'"),
        "money goes out under a contract that runs",
    ),
    (
        "finance_repayment_now",
        "finance_repayment",
        "BEFORE INSERT",
        _TOO_EARLY.format(states="'repaying', 'overdue', 'written_off'"),
        "only a loan that was drawn is paid back",
    ),
)


def _guards():
    for name, table, fires, refused, words in _GUARDS:
        made = _TRIGGER.format(
            name=name, table=table, fires=fires, refused=refused, words=words, leave="NEW"
        )
        yield made, f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n"


def _keys():
    for table in ("drawdown", "repayment"):
        yield (
            f"ALTER TABLE finance_{table} ADD CONSTRAINT finance_{table}_of_loan"
            f" FOREIGN KEY (loan_id, bank_id) REFERENCES {_LOAN} (id, bank_id);\n",
            f"ALTER TABLE finance_{table} DROP CONSTRAINT finance_{table}_of_loan;\n",
        )


# With the rights of the owner: it asks whose trigger it is, lest a temporary table have it book what never was.
def _ledgers():
    for table, column, amount in (
        ("drawdown", "drawn_fen", "amount_fen"),
        ("repayment", "repaid_fen", "principal_fen"),
    ):
        name = f"finance_{table}_ledger"
        yield (
            f"""
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_RELID <> 'public.finance_{table}'::regclass THEN
        RAISE EXCEPTION 'the ledger books the rows of finance_{table} only'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    UPDATE {_LOAN} AS l SET {column} = l.{column} + s.sum
        FROM (SELECT loan_id, sum({amount}) AS sum FROM new_rows GROUP BY loan_id) AS s
        WHERE l.id = s.loan_id;
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC;
CREATE TRIGGER {name} AFTER INSERT ON finance_{table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
ALTER TABLE finance_{table} ENABLE ALWAYS TRIGGER {name};
""",
            f"DROP TRIGGER {name} ON finance_{table};\nDROP FUNCTION {name}();\n",
        )


_FIRST = """
SELECT min(due_at) FROM finance_loanclock AS c
    WHERE c.loan_id = a.id AND c.met_at IS NULL AND c.paused_at IS NULL
"""

_DUE = f"""
CREATE FUNCTION finance_loan_due() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE {_LOAN} AS a SET due_at = ({_FIRST})
        WHERE a.id = coalesce(NEW.loan_id, OLD.loan_id) AND a.due_at IS DISTINCT FROM ({_FIRST});
    RETURN NULL;
END
$body$;
CREATE TRIGGER finance_loan_due
    AFTER INSERT OR DELETE OR UPDATE OF due_at, met_at, paused_at ON finance_loanclock
    FOR EACH ROW EXECUTE FUNCTION finance_loan_due();
ALTER TABLE finance_loanclock ENABLE ALWAYS TRIGGER finance_loan_due;
"""
_DUE_UNDO = "DROP TRIGGER finance_loan_due ON finance_loanclock;\nDROP FUNCTION finance_loan_due();\n"

_FILES = """
CREATE FUNCTION finance_loan_keeps() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    free text[] := coalesce(TG_ARGV, '{}');
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'row % of % stands as it came', OLD.id, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_loanfile_stands BEFORE UPDATE OR DELETE ON finance_loanfile
    FOR EACH ROW EXECUTE FUNCTION finance_loan_keeps();
ALTER TABLE finance_loanfile ENABLE ALWAYS TRIGGER finance_loanfile_stands;
CREATE TRIGGER finance_loanlist_stands BEFORE UPDATE OR DELETE ON finance_loanlist
    FOR EACH ROW EXECUTE FUNCTION finance_loan_keeps('state', 'booked', 'known');
ALTER TABLE finance_loanlist ENABLE ALWAYS TRIGGER finance_loanlist_stands;
"""
_FILES_UNDO = """
DROP TRIGGER finance_loanfile_stands ON finance_loanfile;
DROP TRIGGER finance_loanlist_stands ON finance_loanlist;
DROP FUNCTION finance_loan_keeps();
"""

_MADE = [*_keys(), *_guards(), *_ledgers(), (_DUE, _DUE_UNDO), (_FILES, _FILES_UNDO)]


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_loans"), ("enterprises", "0013_consents")]
    operations = [
        StateTrigger(
            "LoanApplication",
            "state",
            initial="draft",
            edges=[
                ("accepted", "due_diligence"),
                ("accepted", "refused"),
                ("accepted", "withdrawn"),
                ("approved", "expired"),
                ("approved", "signed"),
                ("approved", "withdrawn"),
                ("declined", "submitted"),
                ("draft", "submitted"),
                ("draft", "withdrawn"),
                ("drawn", "overdue"),
                ("drawn", "repaying"),
                ("due_diligence", "approved"),
                ("due_diligence", "refused"),
                ("due_diligence", "withdrawn"),
                ("lapsed", "submitted"),
                ("overdue", "repaid"),
                ("overdue", "repaying"),
                ("overdue", "written_off"),
                ("repaying", "overdue"),
                ("repaying", "repaid"),
                ("signed", "drawn"),
                ("submitted", "accepted"),
                ("submitted", "declined"),
                ("submitted", "lapsed"),
                ("submitted", "withdrawn"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "LoanList", "state", initial="received", edges=[("received", "booked")], deletable=[]
        ),
        migrations.RunSQL(
            "".join(made for made, _undone in _MADE),
            "".join(undone for _made, undone in reversed(_MADE)),
        ),
    ]
