"""A contract under which nothing goes out may end; a renewal of which nothing went out holds no loan it renews.

What was brought of a loan before it was opened to all banks is its bringer's bank's, never that of one after.
"""

from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

_LOAN = "finance_loanapplication"
# Signing a renewal waits for whoever sets the loan right that it renews, and sees then that nothing went out of it.
_RENEWAL = f"""
CREATE OR REPLACE FUNCTION finance_loan_renewal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    {{holds}}IF NEW.renews_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM {_LOAN} o WHERE o.id = NEW.renews_id AND o.drawn_on IS NOT NULL
            AND (o.enterprise_id, o.bank_id) = (NEW.enterprise_id, NEW.bank_id))
    THEN
        RAISE EXCEPTION 'a renewal follows a loan of the same enterprise from the same bank'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loan_renewal', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""
_HOLDS = f"PERFORM 1 FROM {_LOAN} WHERE id = NEW.renews_id FOR SHARE;\n    "
_REVERSAL = f"""
CREATE OR REPLACE FUNCTION finance_loanreversal_now() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    of_loan bigint;
BEGIN
    SELECT loan_id INTO of_loan FROM finance_drawdown WHERE id = NEW.drawdown_id
        UNION ALL SELECT loan_id FROM finance_repayment WHERE id = NEW.repayment_id;
    PERFORM 1 FROM {_LOAN} WHERE id = of_loan FOR UPDATE;
    IF NOT EXISTS (SELECT 1 FROM {_LOAN} WHERE id = of_loan AND state IN ('drawn', 'repaying', 'overdue')) THEN
        RAISE EXCEPTION 'what a loan that runs has booked is set right'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_now', TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT 1 FROM finance_poolclaim c JOIN finance_pooladmission a ON a.id = c.admission_id
        WHERE a.loan_id = of_loan AND c.state <> 'refused')
    THEN
        RAISE EXCEPTION 'a claim was reckoned with what is booked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_claimed', TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT 1 FROM finance_pooladmission a WHERE a.loan_id = of_loan AND a.release_reason = 'repaid') THEN
        RAISE EXCEPTION 'a pool has let go of the loan, as it was paid back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_released', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.drawdown_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM {_LOAN} l WHERE l.renews_id = of_loan{{drawn}})
    THEN
        RAISE EXCEPTION 'another loan renews what went out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_renewed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""
_MADE = _RENEWAL.format(holds=_HOLDS) + _REVERSAL.format(drawn=" AND l.drawn_on IS NOT NULL")
_UNDONE = _RENEWAL.format(holds="") + _REVERSAL.format(drawn="")
# The post that the bringer held on the day; where that is not known, what was written stays.
_WHOSE = """
ALTER TABLE finance_loanfile DISABLE TRIGGER finance_loanfile_stands;
UPDATE finance_loanfile AS f SET bank_id = o.bank_id
FROM finance_bankofficer o
WHERE o.user_id = f.added_by_id AND o.bank_id <> f.bank_id
    AND o.since <= (f.added_at AT TIME ZONE 'Asia/Shanghai')::date
    AND (o.until IS NULL OR o.until > (f.added_at AT TIME ZONE 'Asia/Shanghai')::date)
    AND f.added_at <= (SELECT max(e.at) FROM finance_loanevent e
        WHERE e.subject_id = f.loan_id AND e.name = 'open_up');
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE finance_loanfile ENABLE ALWAYS TRIGGER finance_loanfile_stands;
"""
_SIGNED = ("signed", "drawn", "repaying", "repaid", "overdue", "written_off")


class Migration(migrations.Migration):
    dependencies = [("finance", "0033_words_of_banks_stand")]

    operations = [
        migrations.RunSQL(_WHOSE, migrations.RunSQL.noop),
        migrations.RunSQL(_MADE, _UNDONE),
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
                ("drawn", "signed"),
                ("due_diligence", "approved"),
                ("due_diligence", "refused"),
                ("due_diligence", "withdrawn"),
                ("lapsed", "submitted"),
                ("overdue", "repaid"),
                ("overdue", "repaying"),
                ("overdue", "signed"),
                ("overdue", "written_off"),
                ("repaid", "repaying"),
                ("repaying", "drawn"),
                ("repaying", "overdue"),
                ("repaying", "repaid"),
                ("repaying", "signed"),
                ("signed", "drawn"),
                ("signed", "expired"),
                ("submitted", "accepted"),
                ("submitted", "declined"),
                ("submitted", "lapsed"),
                ("submitted", "withdrawn"),
            ],
            deletable=[],
        ),
        migrations.RemoveConstraint(model_name="loanapplication", name="finance_loan_signed"),
        migrations.AddConstraint(
            model_name="loanapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("signed_on__isnull", False),
                        ("state__in", _SIGNED),
                        models.Q(("bank_number", ""), _negated=True),
                    ),
                    models.Q(
                        ("signed_on__isnull", False),
                        ("state", "expired"),
                        models.Q(("bank_number", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state__in", _SIGNED), _negated=True), ("bank_number", ""), ("signed_on", None)
                    ),
                    _connector="OR",
                ),
                name="finance_loan_signed",
                violation_error_message="签约的贷款须有签约日和银行贷款编号。",
            ),
        ),
    ]
