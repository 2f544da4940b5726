"""A file of the due diligence is the bank's that brought it: another bank is not told that it was there before."""

import django.db.models.deletion
from django.db import migrations, models

# What was brought since a loan was last opened to all banks is its bank's, what came before that of its uploader's.
_WHOSE = """
ALTER TABLE finance_loanfile DISABLE TRIGGER finance_loanfile_stands;
UPDATE finance_loanfile AS f SET bank_id = coalesce(
    (SELECT l.bank_id FROM finance_loanapplication l WHERE l.id = f.loan_id AND f.added_at > coalesce(
        (SELECT max(e.at) FROM finance_loanevent e WHERE e.subject_id = l.id AND e.name = 'open_up'), '-infinity')),
    (SELECT o.bank_id FROM finance_bankofficer o WHERE o.user_id = f.added_by_id ORDER BY o.id LIMIT 1),
    (SELECT l.bank_id FROM finance_loanapplication l WHERE l.id = f.loan_id));
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE finance_loanfile ENABLE ALWAYS TRIGGER finance_loanfile_stands;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0027_instalments")]

    operations = [
        migrations.AddField(
            model_name="loanfile",
            name="bank",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.bank",
                verbose_name="银行",
            ),
        ),
        migrations.RunSQL(_WHOSE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="loanfile",
            name="bank",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.bank",
                verbose_name="银行",
            ),
        ),
        migrations.RemoveConstraint(model_name="loanfile", name="finance_loanfile_once"),
        migrations.AddConstraint(
            model_name="loanfile",
            constraint=models.UniqueConstraint(
                fields=("loan", "bank", "digest"),
                name="finance_loanfile_once",
                violation_error_message="同一文件已经上传过。",
            ),
        ),
    ]
