"""Triggers speak in the order of their names: whatever else is wrong with a row, its state is judged first."""

from django.db import migrations

_RENAME = "ALTER TRIGGER {} ON finance_whitelistreturn RENAME TO {};"
_NAMES = ("finance_whitelistreturn_asked", "finance_whitelistreturn_was_asked")


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0034_contracts_end'),
    ]

    operations = [
        migrations.RunSQL(_RENAME.format(*_NAMES), _RENAME.format(*reversed(_NAMES))),
    ]
