"""Files that banks bring stand on one model; what the database holds of them stays as it is."""

from django.db import migrations, models

import portal.kernel.brought


def _of_the_bytes(model):
    """The constraint in the model's own words: the same SQL as before."""
    name = f"finance_{model}_sha256"
    constraint = models.CheckConstraint(
        condition=models.Q(sha256=portal.kernel.brought.Sha256(models.F("content"))),
        name=name,
        violation_error_message="文件内容与摘要不符。",
    )
    return migrations.AlterConstraint(model, name, constraint)


def _counted(model, name, words):
    field = models.PositiveIntegerField(default=0, editable=False, verbose_name=words)
    return migrations.AlterField(model, name, field)


class Migration(migrations.Migration):
    dependencies = [("finance", "0038_lent_under_consent")]

    operations = [
        operation
        for model in ("loanlist", "whitelistreturn")
        for operation in (
            _of_the_bytes(model),
            _counted(model, "booked", "记入条数"),
            _counted(model, "known", "以前已记的条数"),
        )
    ]
