"""Code lists and figures are recorded, no longer edited: what was known at a time can be read again.

Each earlier wording that the histories keep becomes a row of its own, recorded when it was written by whoever
wrote it, and what stood last keeps its row. A figure whose key, region or day was changed, or that was deleted,
is withdrawn from that moment on where it stood before. The histories are then no longer needed.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

LIST = ('key', 'label', 'hierarchy', 'codes', 'source')
NAMES = ('key', 'region', 'on')
FIGURE = (*NAMES, 'label', 'kind', 'value', 'unit', 'source')

# Of several changes of a row in one transaction, which have one time, only the last ever counted.
TOLD = """
WITH told AS (
    SELECT h.*, u.id AS author_id,
           lead(h.pgh_created_at) OVER w AS until,
           lead(h.pgh_label) OVER w = 'delete' OR lead(ROW({names})::text) OVER w <> ROW({names})::text AS gone
      FROM enterprises_{table}history h
      LEFT JOIN pghistory_context c ON c.id = h.pgh_context_id
      LEFT JOIN accounts_user u ON u.id::text = c.metadata ->> 'user'
    WINDOW w AS (PARTITION BY h.id ORDER BY h.pgh_id)
)
"""
CARRIED = """
INSERT INTO enterprises_{table} ({columns}, recorded_at, recorded_by_id {more})
{told}
SELECT {columns}, pgh_created_at, author_id {false} FROM told
 WHERE pgh_label <> 'delete' AND until > pgh_created_at
 ORDER BY pgh_id;
{told}
UPDATE enterprises_{table} t SET recorded_at = told.pgh_created_at, recorded_by_id = told.author_id
  FROM told WHERE told.id = t.id AND told.until IS NULL AND told.pgh_label <> 'delete';
"""


def quoted(columns):
    return ', '.join(f'"{column}"' for column in columns)


def told(table, names):
    return TOLD.format(table=table, names=', '.join(f'h."{name}"' for name in names))


def carried(table, columns, *names):
    withdrawn = table == 'referencefigure'
    return CARRIED.format(
        table=table,
        columns=quoted(columns),
        told=told(table, names),
        more=', withdrawn' if withdrawn else '',
        false=', false' if withdrawn else '',
    )


WITHDRAWN = f"""
INSERT INTO enterprises_referencefigure ({quoted(FIGURE)}, recorded_at, withdrawn)
{told('referencefigure', NAMES)}
SELECT {quoted(FIGURE)}, until, true FROM told WHERE gone AND pgh_label <> 'delete' AND until > pgh_created_at
 ORDER BY pgh_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0006_closed_stays_closed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='codelist',
            options={'ordering': ['key', '-recorded_at', '-pk'], 'verbose_name': '代码清单', 'verbose_name_plural': '代码清单'},
        ),
        migrations.AlterModelOptions(
            name='referencefigure',
            options={'ordering': ['key', 'region', '-on', '-recorded_at', '-pk'], 'verbose_name': '公布数据', 'verbose_name_plural': '公布数据'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='codelist',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='codelist',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='codelist',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='referencefigure',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='referencefigure',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='referencefigure',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='referencefigure',
            name='enterprises_referencefigure_once',
        ),
        migrations.AddField(
            model_name='codelist',
            name='recorded_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='入库时间'),
        ),
        migrations.AddField(
            model_name='codelist',
            name='recorded_by',
            field=models.ForeignKey(blank=True, editable=False, help_text='空表示随系统提供', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='录入人'),
        ),
        migrations.AddField(
            model_name='referencefigure',
            name='recorded_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='入库时间'),
        ),
        migrations.AddField(
            model_name='referencefigure',
            name='recorded_by',
            field=models.ForeignKey(blank=True, editable=False, help_text='空表示随系统提供', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='录入人'),
        ),
        migrations.AddField(
            model_name='referencefigure',
            name='withdrawn',
            field=models.BooleanField(default=False, help_text='这一区划、这一日期本不该有这条数据', verbose_name='撤销'),
        ),
        migrations.AlterField(
            model_name='codelist',
            name='key',
            field=models.CharField(max_length=60, verbose_name='标识'),
        ),
        migrations.RunSQL(carried('codelist', LIST, 'key') + carried('referencefigure', FIGURE, *NAMES) + WITHDRAWN, migrations.RunSQL.noop),
        migrations.DeleteModel(
            name='CodeListHistory',
        ),
        migrations.DeleteModel(
            name='ReferenceFigureHistory',
        ),
    ]
