"""Whoever reviewed a claim does not pay it; what a reviewer had paid before codes were asked for stands."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0040_terms_of_pools'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='poolclaim',
            name='finance_poolclaim_paid_by_another',
        ),
        migrations.AddConstraint(
            model_name='poolclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_by', models.F('approved_by')), _negated=True), models.Q(models.Q(('paid_by', models.F('reviewed_by')), _negated=True), ('second_factor', ''), _connector='OR'), models.Q(('paid_by', models.F('filed_by')), _negated=True)), name='finance_poolclaim_paid_by_another', violation_error_message='登记拨付的人不能是申请人、审核人或批准人。'),
        ),
    ]
