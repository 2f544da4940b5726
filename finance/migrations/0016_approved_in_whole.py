"""A comparison with NULL lets a CHECK pass: an approval names all it agrees to, and nothing is drawn without."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0015_words_of_percent'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='loanapplication',
            name='finance_loan_approved',
        ),
        migrations.RemoveConstraint(
            model_name='loanapplication',
            name='finance_loan_drawn_within',
        ),
        migrations.AddConstraint(
            model_name='loanapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('approved_fen__gt', 0), ('approved_fen__isnull', False), ('approved_months__isnull', False), ('approved_months__range', (1, 480)), ('approved_rate__gt', 0), ('approved_rate__isnull', False), ('approved_rate__lte', 36), ('state__in', ('approved', 'signed', 'expired', 'drawn', 'repaying', 'repaid', 'overdue', 'written_off', 'withdrawn'))), models.Q(models.Q(('state__in', ('approved', 'signed', 'expired', 'drawn', 'repaying', 'repaid', 'overdue', 'written_off')), _negated=True), ('approved_at', None), ('approved_fen', None), ('approved_months', None), ('approved_rate', None)), _connector='OR'), name='finance_loan_approved', violation_error_message='批准须写明金额、年利率（0 到 36%%）和期限，未批准的没有。'),
        ),
        migrations.AddConstraint(
            model_name='loanapplication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_fen', None), ('drawn_fen', 0)), models.Q(('approved_fen__isnull', False), ('drawn_fen__gte', 0), ('drawn_fen__lte', models.F('approved_fen'))), _connector='OR'), name='finance_loan_drawn_within', violation_error_message='放款合计不能超过批准金额。'),
        ),
    ]
