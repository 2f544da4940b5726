"""What newer facts have overtaken: a proposal is withdrawn by the system, an account in a former name gets nothing."""

from django.conf import settings
from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

_CHECKED = """
CREATE OR REPLACE FUNCTION policies_payment_checked() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_rows p
        WHERE p.state = 'sent' AND (
            NOT EXISTS (SELECT 1 FROM policies_accountcheck c
                        WHERE c.account_id = p.account_id AND c.outcome = 'matched')
            OR EXISTS (SELECT 1 FROM policies_payeeaccount a
                       WHERE a.enterprise_id = p.enterprise_id AND a.id > p.account_id){renamed})) THEN
        RAISE EXCEPTION 'money goes to the newest account of the enterprise, once that is checked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_payment_checked', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
"""
_RENAMED = """
            OR NOT EXISTS (SELECT 1 FROM policies_payeeaccount a
                           JOIN enterprises_enterprise e ON e.id = a.enterprise_id AND e.name = a.holder
                           WHERE a.id = p.account_id)"""


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0029_files_stand"),
        ("enterprises", "0012_parts_of_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveConstraint(model_name="correction", name="policies_correction_decided"),
        migrations.AlterField(
            model_name="correction",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "待决定"),
                    ("accepted", "已决定"),
                    ("dismissed", "不予更正"),
                    ("recovered", "已追回"),
                    ("withdrawn", "已失效"),
                ],
                default="proposed",
                editable=False,
                max_length=9,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at", None),
                        ("decided_by", None),
                        ("reason", ""),
                        ("state__in", ("proposed", "withdrawn")),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ("accepted", "dismissed", "recovered")),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policies_correction_decided",
                violation_error_message="决定须有决定人、时间和理由。",
            ),
        ),
        StateTrigger(
            "Correction",
            "state",
            initial="proposed",
            edges=[
                ("accepted", "recovered"),
                ("proposed", "accepted"),
                ("proposed", "dismissed"),
                ("proposed", "withdrawn"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(_CHECKED.format(renamed=_RENAMED), _CHECKED.format(renamed="")),
    ]
