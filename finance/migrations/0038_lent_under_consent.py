"""Nothing is approved or signed without a live consent; an approval may be taken back before the contract."""

from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

# The share lock makes a revocation wait for decisions that are on their way, and decisions for a revocation:
# what is looked at afterwards is what was committed last. A contract that is signed again since nothing went
# out of it after all is no new decision.
_DECIDED = """
CREATE FUNCTION finance_loan_decided_under_consent() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM 1 FROM enterprises_consent WHERE id = NEW.consent_id FOR SHARE;
    IF NOT EXISTS (SELECT 1 FROM enterprises_consent
        WHERE id = NEW.consent_id AND revoked_at IS NULL
            AND until > coalesce(
                CASE NEW.state WHEN 'approved' THEN NEW.approved_at ELSE NEW.signed_on END, '-infinity'))
    THEN
        RAISE EXCEPTION 'loan % is decided by what its bank may not read', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loan_decided_under_consent',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_loan_decided_under_consent BEFORE UPDATE ON finance_loanapplication FOR EACH ROW
    WHEN ((OLD.state, NEW.state) IN (('due_diligence', 'approved'), ('approved', 'signed')))
    EXECUTE FUNCTION finance_loan_decided_under_consent();
ALTER TABLE finance_loanapplication ENABLE ALWAYS TRIGGER finance_loan_decided_under_consent;
"""
_UNDO = """
DROP TRIGGER finance_loan_decided_under_consent ON finance_loanapplication;
DROP FUNCTION finance_loan_decided_under_consent();
"""
_AGREED = ("approved", "signed", "expired", "drawn", "repaying", "repaid", "overdue", "written_off")


class Migration(migrations.Migration):
    dependencies = [("finance", "0037_claims_paid_once")]

    operations = [
        migrations.RunSQL(_DECIDED, _UNDO),
        StateTrigger(
            "LoanApplication",
            "state",
            initial="draft",
            edges=[
                ("accepted", "due_diligence"),
                ("accepted", "refused"),
                ("accepted", "withdrawn"),
                ("approved", "expired"),
                ("approved", "refused"),
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
        migrations.RemoveConstraint(model_name="loanapplication", name="finance_loan_approved"),
        migrations.AddConstraint(
            model_name="loanapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_fen__gt", 0),
                        ("approved_fen__isnull", False),
                        ("approved_months__isnull", False),
                        ("approved_months__range", (1, 480)),
                        ("approved_rate__gt", 0),
                        ("approved_rate__isnull", False),
                        ("approved_rate__lte", 36),
                        ("state__in", (*_AGREED, "withdrawn", "refused")),
                    ),
                    models.Q(
                        models.Q(("state__in", _AGREED), _negated=True),
                        ("approved_at", None),
                        ("approved_fen", None),
                        ("approved_months", None),
                        ("approved_rate", None),
                    ),
                    _connector="OR",
                ),
                name="finance_loan_approved",
                violation_error_message="批准须写明金额、年利率（0 到 36%%）和期限，未批准的没有。",
            ),
        ),
    ]
