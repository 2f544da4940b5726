"""What no rule bounds is signed twice; files belong to the point they were brought for; objections to lists
have numbers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_BOUNDED = """
CREATE FUNCTION policies_application_bounded() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    most bigint;
BEGIN
    SELECT coalesce((SELECT e.amount_high FROM policies_evidence AS e
            WHERE e.application_id = NEW.id ORDER BY e.number DESC LIMIT 1), v.amount_max_fen)
        INTO most FROM policies_itemversion AS v WHERE v.id = NEW.version_id;
    IF NEW.amount_fen > most THEN
        RAISE EXCEPTION 'application % gives % at most', OLD.id, most
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_amount_over',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF most IS NULL AND NEW.state <> 'proposed' AND NEW.countersigned_by_id IS NULL THEN
        RAISE EXCEPTION 'no rule bounds the amount of application %: a leader signs it first', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_application_unbounded',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_application_bounded BEFORE UPDATE OF state ON policies_application FOR EACH ROW
    WHEN (NEW.amount_fen IS NOT NULL AND NEW.state IN ('proposed', 'noticed', 'approved'))
    EXECUTE FUNCTION policies_application_bounded();
ALTER TABLE policies_application ENABLE ALWAYS TRIGGER policies_application_bounded;
"""
_UNBOUNDED = """
DROP TRIGGER policies_application_bounded ON policies_application;
DROP FUNCTION policies_application_bounded();
"""

_POINTS = """
CREATE FUNCTION policies_applicationfile_point() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM policies_amendmentpoint AS p JOIN policies_amendment AS a ON a.id = p.amendment_id
        WHERE p.id = NEW.point_id AND a.application_id = NEW.application_id AND a.answered_at IS NULL)
    THEN
        RAISE EXCEPTION 'point % is not asked of application %', NEW.point_id, NEW.application_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_applicationfile_of_its_point',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_applicationfile_point BEFORE INSERT ON policies_applicationfile FOR EACH ROW
    WHEN (NEW.point_id IS NOT NULL) EXECUTE FUNCTION policies_applicationfile_point();
ALTER TABLE policies_applicationfile ENABLE ALWAYS TRIGGER policies_applicationfile_point;
"""
_NO_POINTS = """
DROP TRIGGER policies_applicationfile_point ON policies_applicationfile;
DROP FUNCTION policies_applicationfile_point();
"""

_NUMBERS = """
ALTER TABLE policies_enjoyobjection DISABLE TRIGGER USER;
WITH known AS (
    SELECT id, to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month,
        row_number() OVER (PARTITION BY to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') ORDER BY id) AS place
    FROM policies_enjoyobjection)
UPDATE policies_enjoyobjection AS o SET number = 'YY-' || month || '-' || lpad(place::text, 4, '0')
    FROM known WHERE known.id = o.id;
INSERT INTO kernel_numberseries (prefix, month, last)
    SELECT 'YY', substr(number, 4, 7), count(*) FROM policies_enjoyobjection GROUP BY 2;
ALTER TABLE policies_enjoyobjection ENABLE ALWAYS TRIGGER policies_enjoyobjection_stands_2;
ALTER TABLE policies_enjoyobjection ENABLE ALWAYS TRIGGER policies_enjoyobjection_stands_3;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0005_numbers_of_series"),
        ("policies", "0026_urgent_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="application",
            name="countersigned_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="加签人",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("countersigned_by", None),
                    models.Q(
                        ("outcome", "approve"),
                        ("state__in", ("proposed", "noticed", "approved", "refused")),
                        models.Q(("countersigned_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policies_application_countersigned",
                violation_error_message="拟定意见的人不能自己加签，请由另一位负责人办理。",
            ),
        ),
        migrations.RunSQL(_BOUNDED, _UNBOUNDED),
        migrations.AddField(
            model_name="applicationfile",
            name="point",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="policies.amendmentpoint",
                verbose_name="补正事项",
            ),
        ),
        migrations.RemoveConstraint(model_name="applicationfile", name="policies_applicationfile_once"),
        migrations.AddConstraint(
            model_name="applicationfile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("application", "material", "point", "digest"),
                name="policies_applicationfile_once",
                nulls_distinct=False,
                violation_error_message="同一文件已经上传过。",
            ),
        ),
        migrations.RunSQL(_POINTS, _NO_POINTS),
        migrations.AddField(
            model_name="enjoyobjection",
            name="number",
            field=models.CharField(default="", editable=False, max_length=20, verbose_name="编号"),
            preserve_default=False,
        ),
        migrations.RunSQL(_NUMBERS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="enjoyobjection",
            constraint=models.UniqueConstraint(
                fields=("number",),
                name="policies_enjoyobjection_number_once",
                violation_error_message="这个编号已经用过。",
            ),
        ),
    ]
