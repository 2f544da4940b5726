"""An opinion that nobody waits for any more stays as it was asked; what an application says has a bound."""

import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policies", "0018_money_invariants")]
    operations = [
        migrations.RemoveConstraint(model_name="opinion", name="policies_opinion_one_open"),
        migrations.AddField(
            model_name="opinion",
            name="recalled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="不再等待时间"),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("recalled_at", None), ("stance", "")),
                fields=("application", "department"),
                name="policies_opinion_one_open",
                violation_error_message="已经提请该部门联审，正在等它的意见。",
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("recalled_at", None), ("stance", ""), _connector="OR"),
                name="policies_opinion_recalled",
                violation_error_message="已出具的意见不能收回。",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(
                    models.Func(
                        models.F("answers"),
                        models.F("notes"),
                        arg_joiner="::text || ",
                        output_field=models.IntegerField(),
                        template="octet_length(%(expressions)s::text)",
                    ),
                    100_000,
                ),
                name="policies_application_bounded",
                violation_error_message="填报的内容太多，长的请写成附件上传。",
            ),
        ),
    ]
