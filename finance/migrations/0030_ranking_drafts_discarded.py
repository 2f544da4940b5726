"""A ranking draft can be discarded; a clock of a loan keeps the bank that it ran for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.kernel.state_triggers import StateTrigger


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0029_frozen'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='rankingversion',
            name='finance_rankingversion_signed',
        ),
        migrations.AddField(
            model_name='loanclock',
            name='bank',
            field=models.ForeignKey(editable=False, help_text='空表示面向全部银行', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.bank', verbose_name='银行'),
        ),
        migrations.AlterField(
            model_name='rankingversion',
            name='state',
            field=models.CharField(choices=[('draft', '草稿'), ('published', '使用中'), ('retired', '已停用'), ('discarded', '已放弃')], default='draft', editable=False, max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='rankingversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('retired_at', None), ('state__in', ('draft', 'discarded'))), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published'), models.Q(('published_by__isnull', False), ('edited_by', None), _connector='OR')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='finance_rankingversion_signed', violation_error_message='发布须有发布人和时间，停用须有时间。'),
        ),
        StateTrigger(
            "RankingVersion",
            "state",
            initial="draft",
            edges=[("draft", "discarded"), ("draft", "published"), ("published", "retired")],
            deletable=[],
        ),
    ]
