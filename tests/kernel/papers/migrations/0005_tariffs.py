import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.kernel.state_triggers import StateTrigger


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0004_marks_of_deadlines'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tariff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='标识')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('summary', models.CharField(blank=True, max_length=300, verbose_name='说明')),
            ],
            options={
                'ordering': ['code'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='papers_tariff_code', violation_error_message='标识只用小写字母、数字和下划线，以字母开头。')],
            },
        ),
        migrations.CreateModel(
            name='TariffVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版次')),
                ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='发布时间')),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='停用时间')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='建立时间')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('published', '使用中'), ('retired', '已停用'), ('discarded', '已放弃')], default='draft', editable=False, max_length=10, verbose_name='状态')),
                ('price', models.PositiveIntegerField()),
                ('note', models.TextField(blank=True)),
                ('edited_by', models.ForeignKey(editable=False, help_text='空表示随系统提供', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编写人')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='papers.tariff')),
                ('published_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人')),
            ],
            options={
                'ordering': ['model', '-number'],
                'abstract': False,
                'constraints': [
                    models.UniqueConstraint(fields=('model', 'number'), name='papers_tariffversion_number_once', violation_error_message='版次不能重复。'),
                    models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('model',), name='papers_tariffversion_one_in_use', violation_error_message='只能有一个使用中的版本。'),
                    models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('model',), name='papers_tariffversion_one_draft', violation_error_message='已有一个草稿，请在草稿上继续修改。'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='papers_tariffversion_number_positive', violation_error_message='版次从 1 开始。'),
                    models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('retired_at', None), ('state__in', ('draft', 'discarded'))), models.Q(('published_at__isnull', False), ('retired_at', None), ('state', 'published'), models.Q(('published_by__isnull', False), ('edited_by', None), _connector='OR')), models.Q(('published_at__isnull', False), ('retired_at__isnull', False), ('state', 'retired')), _connector='OR'), name='papers_tariffversion_signed', violation_error_message='发布须有发布人和时间，停用须有时间。'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TariffVersionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='时间')),
                ('name', models.CharField(max_length=40, verbose_name='动作')),
                ('source', models.CharField(blank=True, max_length=40, verbose_name='原状态')),
                ('target', models.CharField(max_length=40, verbose_name='新状态')),
                ('comment', models.TextField(blank=True, verbose_name='意见')),
                ('public', models.BooleanField(default=False, verbose_name='公开')),
                ('actor', models.ForeignKey(blank=True, help_text='空表示系统自动办理', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='papers.tariffversion')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        StateTrigger(
            "TariffVersion",
            "state",
            initial="draft",
            edges=[("draft", "discarded"), ("draft", "published"), ("published", "retired")],
            deletable=[],
        ),
    ]
