"""What the bank sent back is not sent to the same account again: it is given anew, and checked anew."""

from importlib import import_module

from django.db import migrations, models

_BEFORE = import_module("policies.migrations.0030_overtaken")
_CAME_BACK = """
            OR EXISTS (SELECT 1 FROM policies_payment r
                       WHERE r.account_id = p.account_id AND r.state = 'returned')"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0031_queues_in_order")]
    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("state", "returned")),
                fields=["account"],
                name="policies_payment_came_back",
            ),
        ),
        migrations.RunSQL(
            _BEFORE._CHECKED.format(renamed=_BEFORE._RENAMED + _CAME_BACK),
            _BEFORE._CHECKED.format(renamed=_BEFORE._RENAMED),
        ),
    ]
