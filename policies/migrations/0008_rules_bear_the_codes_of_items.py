"""The rule of an item is found by the item's code."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("policies", "0007_grants"), ("matching", "0005_keys_of_rules")]

    operations = [
        migrations.RunSQL(
            "UPDATE matching_rule SET key = item.code FROM policies_policyitem item"
            " WHERE item.rule_id = matching_rule.id",
            migrations.RunSQL.noop,
        ),
    ]
