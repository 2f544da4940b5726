"""Points tables and rankings are versions alike: a draft of either can be let go, signatures are one rule."""

from django.db import migrations, models

from portal.kernel.state_triggers import StateTrigger


class Migration(migrations.Migration):

    dependencies = [("finance", "0035_states_of_returns_speak_first")]

    operations = [
        migrations.AddConstraint(
            model_name='rankingversion',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='finance_rankingversion_number_positive', violation_error_message='版次从 1 开始。'),
        ),
        migrations.RemoveConstraint(model_name='scoreversion', name='finance_scoreversion_one_published'),
        migrations.RemoveConstraint(model_name='scoreversion', name='finance_scoreversion_published_when'),
        migrations.RemoveConstraint(model_name='scoreversion', name='finance_scoreversion_retired_when'),
        migrations.AlterConstraint(
            model_name='scoreversion',
            name='finance_scoreversion_number_once',
            constraint=models.UniqueConstraint(fields=('model', 'number'), name='finance_scoreversion_number_once', violation_error_message='版次不能重复。'),
        ),
        migrations.AlterConstraint(
            model_name='scoreversion',
            name='finance_scoreversion_one_draft',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('model',), name='finance_scoreversion_one_draft', violation_error_message='已有一个草稿，请在草稿上继续修改。'),
        ),
        migrations.AlterField(
            model_name='scoreversion',
            name='state',
            field=models.CharField(choices=[('draft', '草稿'), ('published', '使用中'), ('retired', '已停用'), ('discarded', '已放弃')], default='draft', editable=False, max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='scoreversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('model',), name='finance_scoreversion_one_in_use', violation_error_message='只能有一个使用中的版本。'),
        ),
        migrations.AddConstraint(
            model_name='scoreversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('retired_at', None), ('state__in', ('draft', 'discarded'))), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published'), models.Q(('published_by__isnull', False), ('edited_by', None), _connector='OR')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='finance_scoreversion_signed', violation_error_message='发布须有发布人和时间，停用须有时间。'),
        ),
        StateTrigger(
            "ScoreVersion",
            "state",
            initial="draft",
            edges=[("draft", "discarded"), ("draft", "published"), ("published", "retired")],
            deletable=[],
        ),
    ]
