"""A pool takes loans on within its written terms; for some days its department may object to one."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# After the loan the pool's row is locked: what is in the pool of the firm is what others have left there.
_TERMS = """
CREATE FUNCTION finance_pooladmission_terms() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    held finance_riskpool%ROWTYPE;
    asked finance_loanapplication%ROWTYPE;
BEGIN
    SELECT * INTO held FROM finance_riskpool WHERE id = NEW.pool_id FOR NO KEY UPDATE;
    SELECT * INTO asked FROM finance_loanapplication WHERE id = NEW.loan_id;
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
    IF held.firm_cap_fen < NEW.amount_fen + (
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
CREATE TRIGGER finance_pooladmission_terms BEFORE INSERT ON finance_pooladmission
    FOR EACH ROW EXECUTE FUNCTION finance_pooladmission_terms();
ALTER TABLE finance_pooladmission ENABLE ALWAYS TRIGGER finance_pooladmission_terms;
"""
_NO_TERMS = """
DROP TRIGGER finance_pooladmission_terms ON finance_pooladmission;
DROP FUNCTION finance_pooladmission_terms();
"""
_ENDED = """
CREATE OR REPLACE FUNCTION finance_pooladmission_ended() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN{objected}
    IF (CASE NEW.release_reason
            WHEN 'ended' THEN NOT EXISTS (
                SELECT 1 FROM finance_poolclaim c WHERE c.admission_id = NEW.id AND c.state = 'paid')
                AND (EXISTS (SELECT 1 FROM finance_poolclaim c
                        WHERE c.admission_id = NEW.id AND c.state IN ('filed', 'reviewed', 'approved'))
                    OR 'written_off' IS DISTINCT FROM (
                        SELECT state FROM finance_loanapplication WHERE id = NEW.loan_id))
            ELSE NEW.release_reason IS DISTINCT FROM (
                SELECT state FROM finance_loanapplication WHERE id = NEW.loan_id) END
        OR NEW.release_reason <> 'ended'
            AND current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID))
    THEN
        RAISE EXCEPTION 'a pool lets go of a loan when that is over, written off with no claim open, or after compensation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_ended', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
DROP TRIGGER finance_pooladmission_stands_0 ON finance_pooladmission;
CREATE TRIGGER finance_pooladmission_stands_0 BEFORE UPDATE ON finance_pooladmission FOR EACH ROW
    WHEN (OLD.released_at IS NULL)
    EXECUTE FUNCTION finance_pool_stands('bad', 'released_at', 'released_by_id', 'release_reason'{more});
ALTER TABLE finance_pooladmission ENABLE ALWAYS TRIGGER finance_pooladmission_stands_0;
"""
_OBJECTED = """
    IF NEW.release_reason = 'objected' THEN
        IF OLD.bad OR ((NEW.released_at AT TIME ZONE 'Asia/Shanghai')::date <= OLD.objection_until) IS NOT TRUE THEN
            RAISE EXCEPTION 'a department objects to a loan in its days, and before it is bad'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_objectable',
                    TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;"""
_MADE = _TERMS + _ENDED.format(objected=_OBJECTED, more=", 'objection'")
_UNDONE = _NO_TERMS + _ENDED.format(objected="", more="")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_departments_by_name'),
        ('finance', '0039_files_brought'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='riskpool',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='riskpool',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='riskpool',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='pooladmission',
            name='finance_pooladmission_released',
        ),
        migrations.AddField(
            model_name='pooladmission',
            name='objection',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='异议理由'),
        ),
        migrations.AddField(
            model_name='pooladmission',
            name='objection_until',
            field=models.DateField(editable=False, null=True, verbose_name='异议截止'),
        ),
        migrations.AddField(
            model_name='riskpool',
            name='firm_cap_fen',
            field=models.BigIntegerField(blank=True, help_text='一家企业在池贷款合计；不填不限。', null=True, verbose_name='单户上限（分）'),
        ),
        migrations.AddField(
            model_name='riskpool',
            name='most_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='不填不限。', null=True, verbose_name='最长期限（月）'),
        ),
        migrations.AddField(
            model_name='riskpool',
            name='objection_days',
            field=models.PositiveSmallIntegerField(default=5, help_text='入池后这么多个工作日内，主管部门可以提出异议，终止补偿责任。', verbose_name='异议期（工作日）'),
        ),
        migrations.AddField(
            model_name='riskpool',
            name='products',
            field=models.ManyToManyField(blank=True, help_text='不选表示合作银行的全部产品。', related_name='risk_pools', to='finance.creditproduct', verbose_name='纳入产品'),
        ),
        migrations.AddField(
            model_name='riskpool',
            name='purposes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('turnover', '日常周转'), ('purchase', '订单采购'), ('equipment', '设备更新'), ('project', '厂房与项目建设'), ('research', '科技研发'), ('farming', '种养与农产品'), ('startup', '创业与用工'), ('renewal', '到期续贷'), ('emergency', '应急纾困')], max_length=16), blank=True, default=list, help_text='不选表示全部用途。', size=None, verbose_name='纳入用途'),
        ),
        migrations.AddField(
            model_name='riskpoolhistory',
            name='firm_cap_fen',
            field=models.BigIntegerField(blank=True, help_text='一家企业在池贷款合计；不填不限。', null=True, verbose_name='单户上限（分）'),
        ),
        migrations.AddField(
            model_name='riskpoolhistory',
            name='most_months',
            field=models.PositiveSmallIntegerField(blank=True, help_text='不填不限。', null=True, verbose_name='最长期限（月）'),
        ),
        migrations.AddField(
            model_name='riskpoolhistory',
            name='objection_days',
            field=models.PositiveSmallIntegerField(default=5, help_text='入池后这么多个工作日内，主管部门可以提出异议，终止补偿责任。', verbose_name='异议期（工作日）'),
        ),
        migrations.AddField(
            model_name='riskpoolhistory',
            name='purposes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('turnover', '日常周转'), ('purchase', '订单采购'), ('equipment', '设备更新'), ('project', '厂房与项目建设'), ('research', '科技研发'), ('farming', '种养与农产品'), ('startup', '创业与用工'), ('renewal', '到期续贷'), ('emergency', '应急纾困')], max_length=16), blank=True, default=list, help_text='不选表示全部用途。', size=None, verbose_name='纳入用途'),
        ),
        migrations.AlterField(
            model_name='pooladmission',
            name='release_reason',
            field=models.CharField(blank=True, choices=[('repaid', '贷款已结清'), ('refused', '未批准'), ('withdrawn', '企业已撤回'), ('expired', '批准已过期'), ('ended', '追偿终结'), ('objected', '主管部门异议')], editable=False, max_length=9, verbose_name='出池原因'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='riskpool',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "finance_riskpoolhistory" ("bad_fen", "balance_fen", "bank_share", "capacity_fen", "capital_fen", "code", "created_at", "department_id", "firm_cap_fen", "fuse_rate", "guarantee_share", "id", "is_example", "leverage", "most_months", "name", "objection_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purposes", "state", "used_fen") SELECT new_values."bad_fen", new_values."balance_fen", new_values."bank_share", new_values."capacity_fen", new_values."capital_fen", new_values."code", new_values."created_at", new_values."department_id", new_values."firm_cap_fen", new_values."fuse_rate", new_values."guarantee_share", new_values."id", new_values."is_example", new_values."leverage", new_values."most_months", new_values."name", new_values."objection_days", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."purposes", new_values."state", new_values."used_fen" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='66976926ccfe0b90859b7e38ac6b77bd00137471', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_cbc11', referencing='REFERENCING NEW TABLE AS new_values ', table='finance_riskpool', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='riskpool',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "finance_riskpoolhistory" ("bad_fen", "balance_fen", "bank_share", "capacity_fen", "capital_fen", "code", "created_at", "department_id", "firm_cap_fen", "fuse_rate", "guarantee_share", "id", "is_example", "leverage", "most_months", "name", "objection_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purposes", "state", "used_fen") SELECT new_values."bad_fen", new_values."balance_fen", new_values."bank_share", new_values."capacity_fen", new_values."capital_fen", new_values."code", new_values."created_at", new_values."department_id", new_values."firm_cap_fen", new_values."fuse_rate", new_values."guarantee_share", new_values."id", new_values."is_example", new_values."leverage", new_values."most_months", new_values."name", new_values."objection_days", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."purposes", new_values."state", new_values."used_fen" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='251a3651865ac80dfc7ad337802646fe9e562308', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_173d5', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='finance_riskpool', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='riskpool',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "finance_riskpoolhistory" ("bad_fen", "balance_fen", "bank_share", "capacity_fen", "capital_fen", "code", "created_at", "department_id", "firm_cap_fen", "fuse_rate", "guarantee_share", "id", "is_example", "leverage", "most_months", "name", "objection_days", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purposes", "state", "used_fen") SELECT old_values."bad_fen", old_values."balance_fen", old_values."bank_share", old_values."capacity_fen", old_values."capital_fen", old_values."code", old_values."created_at", old_values."department_id", old_values."firm_cap_fen", old_values."fuse_rate", old_values."guarantee_share", old_values."id", old_values."is_example", old_values."leverage", old_values."most_months", old_values."name", old_values."objection_days", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."purposes", old_values."state", old_values."used_fen" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='36828270f5c88d9530fa22771f5220bb3caf9f6e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_04c22', referencing='REFERENCING OLD TABLE AS old_values ', table='finance_riskpool', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='pooladmission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('release_reason', ''), ('released_at', None), ('released_by', None)), models.Q(('release_reason__in', ['repaid', 'refused', 'withdrawn', 'expired', 'ended', 'objected']), ('released_at__isnull', False)), _connector='OR'), name='finance_pooladmission_released', violation_error_message='出池须有时间和原因。'),
        ),
        migrations.AddConstraint(
            model_name='pooladmission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('release_reason', 'objected'), ('released_by__isnull', False), models.Q(('objection', ''), _negated=True)), models.Q(models.Q(('release_reason', 'objected'), _negated=True), ('objection', '')), _connector='OR'), name='finance_pooladmission_objected', violation_error_message='异议须有办理人和理由。'),
        ),
        migrations.AddConstraint(
            model_name='riskpool',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('firm_cap_fen', None), ('firm_cap_fen__gt', 0), _connector='OR'), models.Q(('most_months', None), ('most_months__range', (1, 480)), _connector='OR'), ('objection_days__lte', 60)), name='finance_riskpool_terms', violation_error_message='单户上限须大于零，期限为 1 至 480 个月，异议期最多 60 个工作日。'),
        ),
        migrations.RunSQL(_MADE, _UNDONE),
    ]
