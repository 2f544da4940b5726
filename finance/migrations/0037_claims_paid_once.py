"""A claim is paid with its receipt, a voucher's number written plainly, a day, and its payer's second factor.

What was paid before has neither receipt nor code; its numbers are written plainly.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import portal.kernel.uploads
from django.conf import settings
from django.db import migrations, models

_PLAIN = r"upper(regexp_replace(normalize(serial, NFKC), '\s', '', 'g'))"
_NUMBERS = f"""
ALTER TABLE finance_poolclaim DISABLE TRIGGER finance_poolclaim_stands_3;
UPDATE finance_poolclaim SET serial = {_PLAIN} WHERE serial <> {_PLAIN};
ALTER TABLE finance_poolclaim ENABLE ALWAYS TRIGGER finance_poolclaim_stands_3;
UPDATE finance_poolrecovery SET serial = {_PLAIN} WHERE serial <> {_PLAIN};
"""
_STANDS = """
DROP TRIGGER finance_poolclaim_stands_6 ON finance_poolclaim;
CREATE TRIGGER finance_poolclaim_stands_6 BEFORE UPDATE ON finance_poolclaim FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state = 'paid')
    EXECUTE FUNCTION finance_pool_stands('state', 'paid_by_id', 'paid_at', 'serial'{more});
ALTER TABLE finance_poolclaim ENABLE ALWAYS TRIGGER finance_poolclaim_stands_6;
"""
_PROVEN = """
CREATE FUNCTION finance_poolclaim_proven() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NEW.second_factor = '' OR NOT EXISTS (
        SELECT 1 FROM finance_poolreceipt r WHERE r.claim_id = NEW.id)
    THEN
        RAISE EXCEPTION 'a claim is paid with a receipt, signed with a second factor'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_poolclaim_proven', TABLE = TG_TABLE_NAME;
    END IF;
    IF (NEW.paid_on BETWEEN (NEW.approved_at AT TIME ZONE 'Asia/Shanghai')::date
        AND (NEW.paid_at AT TIME ZONE 'Asia/Shanghai')::date) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'a claim is paid on a day since its approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_poolclaim_paid_on', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_poolclaim_proven BEFORE UPDATE ON finance_poolclaim FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state = 'paid') EXECUTE FUNCTION finance_poolclaim_proven();
ALTER TABLE finance_poolclaim ENABLE ALWAYS TRIGGER finance_poolclaim_proven;
CREATE FUNCTION finance_poolreceipt_in_time() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM 1 FROM finance_poolclaim WHERE id = NEW.claim_id FOR SHARE;
    IF (SELECT state FROM finance_poolclaim WHERE id = NEW.claim_id) <> 'approved' THEN
        RAISE EXCEPTION 'a receipt comes with the payment of what was approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_poolreceipt_in_time', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_poolreceipt_in_time BEFORE INSERT ON finance_poolreceipt
    FOR EACH ROW EXECUTE FUNCTION finance_poolreceipt_in_time();
ALTER TABLE finance_poolreceipt ENABLE ALWAYS TRIGGER finance_poolreceipt_in_time;
CREATE TRIGGER finance_poolreceipt_stands BEFORE UPDATE OR DELETE ON finance_poolreceipt
    FOR EACH ROW EXECUTE FUNCTION finance_pool_stands();
ALTER TABLE finance_poolreceipt ENABLE ALWAYS TRIGGER finance_poolreceipt_stands;
"""
_UNPROVEN = """
DROP TRIGGER finance_poolreceipt_stands ON finance_poolreceipt;
DROP TRIGGER finance_poolreceipt_in_time ON finance_poolreceipt;
DROP FUNCTION finance_poolreceipt_in_time();
DROP TRIGGER finance_poolclaim_proven ON finance_poolclaim;
DROP FUNCTION finance_poolclaim_proven();
"""
_MADE = _STANDS.format(more=", 'paid_on', 'second_factor'") + _PROVEN
_UNDONE = _UNPROVEN + _STANDS.format(more="")


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0036_score_drafts_discarded'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(_NUMBERS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='PoolReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=140, verbose_name='文件名')),
                ('digest', models.CharField(editable=False, max_length=64, verbose_name='SHA-256')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='上传时间')),
                ('file', models.FileField(upload_to=portal.kernel.uploads.stored_name, validators=[portal.kernel.uploads.UploadValidator(frozenset([portal.kernel.uploads.Kind['JPEG'], portal.kernel.uploads.Kind['PDF'], portal.kernel.uploads.Kind['PNG']]))], verbose_name='文件')),
            ],
            options={
                'verbose_name': '拨付回单',
                'verbose_name_plural': '拨付回单',
                'ordering': ['pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='poolclaim',
            name='paid_on',
            field=models.DateField(editable=False, null=True, verbose_name='拨付日'),
        ),
        migrations.AddField(
            model_name='poolclaim',
            name='second_factor',
            field=models.CharField(blank=True, editable=False, max_length=60, verbose_name='第二重验证'),
        ),
        migrations.AddConstraint(
            model_name='poolclaim',
            constraint=models.UniqueConstraint(condition=models.Q(('second_factor', ''), _negated=True), fields=('second_factor',), name='finance_poolclaim_code_once', violation_error_message='这个动态码已经用过，请等下一个。'),
        ),
        migrations.AddConstraint(
            model_name='poolclaim',
            constraint=models.CheckConstraint(condition=models.Q(('serial', models.Func(models.F('serial'), output_field=models.CharField(), template="upper(regexp_replace(normalize(%(expressions)s, NFKC), '\\s', '', 'g'))"))), name='finance_poolclaim_serial_plain', violation_error_message='凭证号不能有空格、全角或小写字母。'),
        ),
        migrations.AddConstraint(
            model_name='poolclaim',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'paid'), models.Q(('paid_on', None), ('second_factor', ''), ('serial', '')), _connector='OR'), name='finance_poolclaim_unpaid', violation_error_message='没有拨付的代偿没有凭证。'),
        ),
        migrations.AddConstraint(
            model_name='poolrecovery',
            constraint=models.CheckConstraint(condition=models.Q(('serial', models.Func(models.F('serial'), output_field=models.CharField(), template="upper(regexp_replace(normalize(%(expressions)s, NFKC), '\\s', '', 'g'))"))), name='finance_poolrecovery_serial_plain', violation_error_message='凭证号不能有空格、全角或小写字母。'),
        ),
        migrations.AddField(
            model_name='poolreceipt',
            name='added_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人'),
        ),
        migrations.AddField(
            model_name='poolreceipt',
            name='claim',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='finance.poolclaim', verbose_name='代偿申请'),
        ),
        migrations.AddConstraint(
            model_name='poolreceipt',
            constraint=models.UniqueConstraint(fields=('digest',), name='finance_poolreceipt_once', violation_error_message='这份回单已经用于另一笔代偿。'),
        ),
        migrations.RunSQL(_MADE, _UNDONE),
    ]
