"""A loan has a plan: what is due when, laid out with each drawdown anew, to the fen what has gone out."""

import django.db.models.deletion
from django.db import migrations, models

_MADE = """
CREATE FUNCTION finance_loan_method_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.state = 'approved' OR NEW.state <> 'approved' THEN
        RAISE EXCEPTION 'how a loan is paid back is agreed with the approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loan_method_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_loan_method_stands BEFORE UPDATE ON finance_loanapplication FOR EACH ROW
    WHEN (OLD.method <> NEW.method) EXECUTE FUNCTION finance_loan_method_stands();
ALTER TABLE finance_loanapplication ENABLE ALWAYS TRIGGER finance_loan_method_stands;

CREATE FUNCTION finance_loanplan_drawn() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM 1 FROM finance_loanapplication WHERE id = NEW.loan_id FOR SHARE;
    IF NEW.principal_fen <= 0
        OR NEW.principal_fen <> (SELECT drawn_fen FROM finance_loanapplication WHERE id = NEW.loan_id)
    THEN
        RAISE EXCEPTION 'a plan is for what has gone out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loanplan_drawn', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_loanplan_drawn BEFORE INSERT ON finance_loanplan
    FOR EACH ROW EXECUTE FUNCTION finance_loanplan_drawn();
ALTER TABLE finance_loanplan ENABLE ALWAYS TRIGGER finance_loanplan_drawn;

CREATE FUNCTION finance_loaninstalment_whole() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (
        SELECT 1 FROM finance_loanplan p WHERE p.id IN (SELECT plan_id FROM new_rows)
            AND p.principal_fen <> (SELECT sum(i.principal_fen) FROM finance_loaninstalment i WHERE i.plan_id = p.id))
    THEN
        RAISE EXCEPTION 'the instalments of a plan pay back all of it, no more and no less'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_loaninstalment_whole', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER finance_loaninstalment_whole AFTER INSERT ON finance_loaninstalment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION finance_loaninstalment_whole();
ALTER TABLE finance_loaninstalment ENABLE ALWAYS TRIGGER finance_loaninstalment_whole;
"""
_UNDONE = """
DROP TRIGGER finance_loaninstalment_whole ON finance_loaninstalment;
DROP FUNCTION finance_loaninstalment_whole();
DROP TRIGGER finance_loanplan_drawn ON finance_loanplan;
DROP FUNCTION finance_loanplan_drawn();
DROP TRIGGER finance_loan_method_stands ON finance_loanapplication;
DROP FUNCTION finance_loan_method_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0026_pools_close'),
    ]

    operations = [
        migrations.AddField(
            model_name='loanapplication',
            name='method',
            field=models.CharField(blank=True, default='', choices=[('annuity', '等额本息'), ('equal_principal', '等额本金'), ('interest_only', '按月付息、到期还本'), ('lump', '到期一次还本付息')], db_default='', editable=False, max_length=15, verbose_name='还款方式'),
        ),
        migrations.CreateModel(
            name='LoanPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='第几版')),
                ('method', models.CharField(choices=[('annuity', '等额本息'), ('equal_principal', '等额本金'), ('interest_only', '按月付息、到期还本'), ('lump', '到期一次还本付息')], max_length=15, verbose_name='还款方式')),
                ('rate', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='年利率（%）')),
                ('principal_fen', models.BigIntegerField(verbose_name='本金（分）')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='finance.loanapplication', verbose_name='贷款')),
            ],
            options={
                'verbose_name': '还款计划',
                'verbose_name_plural': '还款计划',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='LoanInstalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='期次')),
                ('due_on', models.DateField(verbose_name='应还日')),
                ('principal_fen', models.BigIntegerField(verbose_name='本金（分）')),
                ('interest_fen', models.BigIntegerField(verbose_name='利息（分）')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='finance.loanplan', verbose_name='还款计划')),
            ],
            options={
                'verbose_name': '还款期次',
                'verbose_name_plural': '还款期次',
                'ordering': ['number'],
            },
        ),
        migrations.AddConstraint(
            model_name='loanplan',
            constraint=models.UniqueConstraint(fields=('loan', 'number'), name='finance_loanplan_number', violation_error_message='这一版还款计划已经有了。'),
        ),
        migrations.AddConstraint(
            model_name='loaninstalment',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='finance_loaninstalment_number', violation_error_message='这一期已经有了。'),
        ),
        migrations.AddConstraint(
            model_name='loaninstalment',
            constraint=models.CheckConstraint(condition=models.Q(('interest_fen__gte', 0), ('principal_fen__gte', 0), models.Q(('principal_fen__gt', 0), ('interest_fen__gt', 0), _connector='OR')), name='finance_loaninstalment_amount', violation_error_message='一期须有本金或利息，不能为负。'),
        ),
        migrations.RunSQL(_MADE, _UNDONE),
    ]
