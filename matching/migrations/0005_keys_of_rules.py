"""Every rule has a key; what exists gets one of its own, and policies give theirs the item's code."""

from django.db import migrations, models

import matching.models


def give_keys(apps, schema_editor):
    rules = apps.get_model("matching", "Rule")
    for rule in rules.objects.only("pk").iterator():
        rules.objects.filter(pk=rule.pk).update(key=matching.models.own_key())


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_born_a_draft")]

    operations = [
        migrations.AddField("rule", "key", models.CharField("标识", max_length=64, default="")),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            "rule",
            "key",
            models.CharField("标识", max_length=64, unique=True, default=matching.models.own_key),
        ),
    ]
