"""Applications bear the first deadline that runs, kept by the database, so that lists begin with what is urgent."""

from django.db import migrations, models

_FIRST = """
SELECT min(due_at) FROM policies_applicationclock AS c
    WHERE c.application_id = a.id AND c.met_at IS NULL AND c.paused_at IS NULL
"""

_DUE = f"""
CREATE FUNCTION policies_application_due() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE policies_application AS a SET due_at = ({_FIRST})
        WHERE a.id = coalesce(NEW.application_id, OLD.application_id) AND a.due_at IS DISTINCT FROM ({_FIRST});
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_application_due
    AFTER INSERT OR DELETE OR UPDATE OF due_at, met_at, paused_at ON policies_applicationclock
    FOR EACH ROW EXECUTE FUNCTION policies_application_due();
ALTER TABLE policies_applicationclock ENABLE ALWAYS TRIGGER policies_application_due;
UPDATE policies_application AS a SET due_at = ({_FIRST});
"""

_UNDO = """
DROP TRIGGER policies_application_due ON policies_applicationclock;
DROP FUNCTION policies_application_due();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0025_release_in_one_look")]
    operations = [
        migrations.RemoveIndex(model_name="application", name="policies_application_queue"),
        migrations.AddField(
            model_name="application",
            name="due_at",
            field=models.DateTimeField(
                editable=False,
                help_text="正在计时的时限中最早的一个，由数据库随时限更新；没有正在计时的为空",
                null=True,
                verbose_name="最近到期",
            ),
        ),
        migrations.RunSQL(_DUE, _UNDO),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=["item", "state", "due_at", "id"], name="policies_application_urgent"
            ),
        ),
    ]
