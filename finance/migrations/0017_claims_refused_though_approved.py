"""A claim that was approved is refused all the same until it is paid, lest one that cannot be paid stay for ever."""

from django.db import migrations, models

from portal.kernel.transitions import StateTrigger


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0016_approved_in_whole'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='poolclaim',
            name='finance_poolclaim_signed',
        ),
        migrations.AddConstraint(
            model_name='poolclaim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_by', None), ('paid_by', None), ('reviewed_by', None), ('state', 'filed')), models.Q(('approved_by', None), ('paid_by', None), ('reviewed_by__isnull', False), ('state', 'reviewed')), models.Q(('approved_by__isnull', False), ('paid_by', None), ('reviewed_by__isnull', False), ('state', 'approved')), models.Q(('approved_by__isnull', False), ('paid_by__isnull', False), ('reviewed_by__isnull', False), ('state', 'paid'), models.Q(('serial', ''), _negated=True)), models.Q(('paid_by', None), ('state', 'refused'), models.Q(('approved_by', None), ('reviewed_by__isnull', False), _connector='OR'), models.Q(('refusal', ''), _negated=True)), _connector='OR'), name='finance_poolclaim_signed', violation_error_message='每一步须有办理人；拨付须有凭证号，不予补偿须有理由。'),
        ),
        StateTrigger(
            "PoolClaim",
            "state",
            initial="filed",
            edges=[
                ("approved", "paid"),
                ("approved", "refused"),
                ("filed", "refused"),
                ("filed", "reviewed"),
                ("reviewed", "approved"),
                ("reviewed", "refused"),
            ],
            deletable=[],
        ),
    ]
