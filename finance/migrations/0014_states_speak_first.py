"""Triggers speak in the order of their names: whatever else is wrong with a row, its state is judged first."""

from django.db import migrations

_RENAMED = (
    ("finance_poolclaim", "finance_poolclaim_loss", "finance_poolclaim_within_loss"),
    ("finance_scorerun", "finance_scorerun_in_use", "finance_scorerun_version_in_use"),
)
_RENAME = "ALTER TRIGGER {1} ON {0} RENAME TO {2};"


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0013_bank_clients'),
    ]

    operations = [
        migrations.RunSQL(
            "".join(_RENAME.format(table, before, after) for table, before, after in _RENAMED),
            "".join(_RENAME.format(table, after, before) for table, before, after in _RENAMED),
        ),
    ]
