"""A drawdown or repayment that was booked wrong counts no more: it stands, and a row beside it says why."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

_LOAN = "finance_loanapplication"
_ASKED = ("number", "enterprise_id", "filed_by_id", "amount_fen", "term_months", "purpose", "purpose_note")
_ASKED += ("contact_name", "contact_phone", "submitted_at")
_AGREED = ("approved_fen", "approved_rate", "approved_months", "approved_at")
_DAYS = ("drawn_on", "matures_on")


def _changed(*columns):
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return f"({new}) IS DISTINCT FROM ({old})"


_WAS = f"""
    OLD.state <> 'draft' AND {_changed(*_ASKED)}
    OR OLD.state <> 'draft' AND {_changed("mode", "bank_id")} AND NOT (
        OLD.state IN ('declined', 'lapsed') AND NEW.state = 'submitted'
        OR OLD.state = 'submitted' AND NEW.state = 'accepted' AND OLD.bank_id IS NULL
            AND NEW.mode = OLD.mode)
    OR OLD.state <> 'draft' AND {_changed("product_version_id")} AND NOT (
        OLD.state IN ('declined', 'lapsed') AND NEW.state = 'submitted'
        OR OLD.state <> 'approved' AND NEW.state = 'approved' AND OLD.product_version_id IS NULL)
    OR {_changed(*_AGREED)} AND NOT (OLD.state <> 'approved' AND NEW.state = 'approved')
"""
_STOOD = f"""{_WAS}
    OR {_changed("bank_number", "signed_on", "renews_id")} AND NOT (
        OLD.state <> 'signed' AND NEW.state = 'signed')
    OR {_changed(*_DAYS, "mark")} AND NOT (OLD.state <> 'drawn' AND NEW.state = 'drawn')
"""
# A loan of which nothing went out after all is signed again. Where the first drawdown counts no more, the day of the
# first that does is the loan's; a mark follows the records when those of another loan are set right.
_STANDS = f"""{_WAS}
    OR {_changed("bank_number", "signed_on", "renews_id")} AND NOT (
        OLD.state = 'approved' AND NEW.state = 'signed')
    OR {_changed(*_DAYS)} AND NOT (
        OLD.state = 'signed' AND NEW.state = 'drawn' OR OLD.state <> 'signed' AND NEW.state = 'signed'
        OR OLD.state = NEW.state AND NEW.drawn_on = (
                SELECT min(d.on) FROM finance_drawdown d WHERE d.loan_id = NEW.id AND d.live)
            AND EXISTS (SELECT 1 FROM finance_drawdown d WHERE d.loan_id = NEW.id AND NOT d.live))
    OR {_changed("mark")} AND NOT (
        OLD.state = 'signed' AND NEW.state = 'drawn' OR OLD.state <> 'signed' AND NEW.state = 'signed'
        OR OLD.state = NEW.state AND (OLD.mark, NEW.mark) IN (('again', 'first'),
            ('renewal', 'no_principal_renewal'), ('no_principal_renewal', 'renewal')))
"""
_REFUSES = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF {refused} THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""
_NOW = """{live}NOT EXISTS (
        SELECT 1 FROM finance_loanapplication l
        WHERE l.id = NEW.loan_id AND l.state IN ({states}) AND l.{since} <= NEW.on)"""


def _replaced(name, words, was, becomes):
    return (
        _REFUSES.format(name=name, words=words, refused=becomes),
        _REFUSES.format(name=name, words=words, refused=was),
    )


def _now(name, words, since, states):
    was, becomes = (_NOW.format(live=live, since=since, states=states) for live in ("", "NOT NEW.live OR "))
    return _replaced(name, words, was, becomes)


# --- a reversal: of a loan that runs, on which nothing stands that was reckoned with what is taken back ----------

_WHOSE = """SELECT loan_id INTO of_loan FROM finance_drawdown WHERE id = NEW.drawdown_id
        UNION ALL SELECT loan_id FROM finance_repayment WHERE id = NEW.repayment_id;"""
_RIGHT = f"""
CREATE FUNCTION finance_loanreversal_now() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    of_loan bigint;
BEGIN
    {_WHOSE}
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
    IF NEW.drawdown_id IS NOT NULL AND EXISTS (SELECT 1 FROM {_LOAN} l WHERE l.renews_id = of_loan) THEN
        RAISE EXCEPTION 'another loan renews what went out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_renewed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_loanreversal_now BEFORE INSERT ON finance_loanreversal
    FOR EACH ROW EXECUTE FUNCTION finance_loanreversal_now();
ALTER TABLE finance_loanreversal ENABLE ALWAYS TRIGGER finance_loanreversal_now;
"""
_RIGHT_UNDO = """
DROP TRIGGER finance_loanreversal_now ON finance_loanreversal;
DROP FUNCTION finance_loanreversal_now();
"""
# With the rights of the owner, as the ledgers of drawdowns and repayments have them.
_LEDGER = f"""
CREATE FUNCTION finance_loanreversal_ledger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_RELID <> 'public.finance_loanreversal'::regclass THEN
        RAISE EXCEPTION 'the ledger books the rows of finance_loanreversal only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanreversal_ledger', TABLE = TG_TABLE_NAME;
    END IF;
    UPDATE {_LOAN} AS l SET drawn_fen = l.drawn_fen - d.amount_fen
        FROM finance_drawdown AS d WHERE d.id = NEW.drawdown_id AND d.live AND l.id = d.loan_id;
    UPDATE {_LOAN} AS l SET repaid_fen = l.repaid_fen - r.principal_fen
        FROM finance_repayment AS r WHERE r.id = NEW.repayment_id AND r.live AND l.id = r.loan_id;
    UPDATE finance_drawdown SET live = false WHERE id = NEW.drawdown_id;
    UPDATE finance_repayment SET live = false WHERE id = NEW.repayment_id;
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION finance_loanreversal_ledger() FROM PUBLIC;
CREATE TRIGGER finance_loanreversal_ledger AFTER INSERT ON finance_loanreversal
    FOR EACH ROW EXECUTE FUNCTION finance_loanreversal_ledger();
ALTER TABLE finance_loanreversal ENABLE ALWAYS TRIGGER finance_loanreversal_ledger;
"""
_LEDGER_UNDO = """
DROP TRIGGER finance_loanreversal_ledger ON finance_loanreversal;
DROP FUNCTION finance_loanreversal_ledger();
"""
_MADE = (
    _replaced("finance_loan_stands", "what was asked and agreed of a loan stands", _STOOD, _STANDS),
    _now(
        "finance_drawdown_now",
        "money goes out under a contract that runs",
        "signed_on",
        "'drawn', 'repaying'",
    ),
    _now(
        "finance_repayment_now",
        "only a loan that was drawn is paid back",
        "drawn_on",
        "'repaying', 'overdue', 'written_off'",
    ),
    (_RIGHT, _RIGHT_UNDO),
    (_LEDGER, _LEDGER_UNDO),
)


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0022_scores_of_readings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='drawdown',
            name='finance_drawdown_serial_once',
        ),
        migrations.RemoveConstraint(
            model_name='repayment',
            name='finance_repayment_serial_once',
        ),
        migrations.AddField(
            model_name='drawdown',
            name='live',
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name='有效'),
        ),
        migrations.AddField(
            model_name='repayment',
            name='live',
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name='有效'),
        ),
        migrations.AddConstraint(
            model_name='drawdown',
            constraint=models.UniqueConstraint(condition=models.Q(('live', True)), fields=('bank', 'serial'), name='finance_drawdown_serial_once', violation_error_message='本行已有这个流水号。'),
        ),
        migrations.AddConstraint(
            model_name='repayment',
            constraint=models.UniqueConstraint(condition=models.Q(('live', True)), fields=('bank', 'serial'), name='finance_repayment_serial_once', violation_error_message='本行已有这个流水号。'),
        ),
        migrations.CreateModel(
            name='LoanReversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='原因')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('drawdown', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='finance.drawdown', verbose_name='放款')),
                ('repayment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='finance.repayment', verbose_name='还款')),
            ],
            options={
                'verbose_name': '冲正',
                'verbose_name_plural': '冲正',
                'ordering': ['-pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('drawdown__isnull', False), ('repayment', None)), models.Q(('drawdown', None), ('repayment__isnull', False)), _connector='OR'), name='finance_loanreversal_of_one', violation_error_message='冲正的是一笔放款或一笔还款。'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='finance_loanreversal_reason', violation_error_message='冲正须写明原因。'),
                ],
            },
        ),
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
                ("submitted", "accepted"),
                ("submitted", "declined"),
                ("submitted", "lapsed"),
                ("submitted", "withdrawn"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(
            "".join(made for made, _undone in _MADE),
            "".join(undone for _made, undone in reversed(_MADE)),
        ),
    ]
