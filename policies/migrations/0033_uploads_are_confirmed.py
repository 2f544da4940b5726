"""What somebody uploaded is booked when another person has confirmed it, or the treasury's folder had it too.

A line is added to a file that is believed; an upload is not before it waited and was confirmed. Who confirmed
and who brought it are not changed to suit, and a file that is judged anew is confirmed anew.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

_BEFORE = import_module("policies.migrations.0029_files_stand")
_STANDS = """
DROP TRIGGER policies_returnfile_stands_14 ON policies_returnfile;
DROP TRIGGER policies_returnfile_stands_again ON policies_returnfile;
CREATE TRIGGER policies_returnfile_stands_14 BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state NOT IN ('received', 'waiting') AND NEW.state <> 'received')
    EXECUTE FUNCTION policies_stands('state');
CREATE TRIGGER policies_returnfile_stands_waiting BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state = 'waiting' AND NEW.state <> 'received')
    EXECUTE FUNCTION policies_stands('state', 'reasons');
CREATE TRIGGER policies_returnfile_stands_again BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state <> 'received' AND NEW.state = 'received')
    EXECUTE FUNCTION policies_stands('state', 'reasons', 'via', 'by_id', 'confirmed_by_id', 'confirmed_at');
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_14;
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_waiting;
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_again;
"""
_STANDS_UNDO = f"""
DROP TRIGGER policies_returnfile_stands_waiting ON policies_returnfile;
{_BEFORE._STANDS_UNDO}
{_BEFORE._STANDS}
"""
_CONFIRMED = """
CREATE FUNCTION policies_returnfile_confirmed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NEW.via = 'upload' AND NEW.confirmed_by_id IS NULL
            AND NEW.state = 'applied' AND OLD.state <> 'applied'
        OR NEW.confirmed_by_id IS NOT NULL
            AND NOT coalesce(
                NEW.state = 'received' AND OLD.state = 'waiting'
                OR NEW.confirmed_by_id = OLD.confirmed_by_id
                    AND (NEW.state <> 'received' OR OLD.state = 'received'), false)
        OR TG_OP = 'UPDATE' AND NEW.via = 'upload' AND NEW.by_id IS DISTINCT FROM OLD.by_id
    THEN
        RAISE EXCEPTION 'an upload is booked once it was confirmed, by somebody else than who brought it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_returnfile_confirmed',
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_returnfile_confirmed BEFORE INSERT OR UPDATE ON policies_returnfile
    FOR EACH ROW EXECUTE FUNCTION policies_returnfile_confirmed();
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_confirmed;
"""
_CONFIRMED_UNDO = """
DROP TRIGGER policies_returnfile_confirmed ON policies_returnfile;
DROP FUNCTION policies_returnfile_confirmed();
"""
_JUDGED = """
CREATE OR REPLACE FUNCTION policies_returnline_judged() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_rows r JOIN policies_returnfile f ON f.id = r.file_id
        WHERE f.state <> 'received'{believed})
    THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_returnline_judged', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
"""
_BELIEVED = _JUDGED.format(
    believed=" OR f.via = 'upload' AND f.confirmed_by_id IS NULL",
    words="lines are added while their file is judged, to an upload once it was confirmed",
)
_BELIEVED_UNDO = _JUDGED.format(believed="", words="lines are added while their file is judged")

_MADE = _STANDS + _CONFIRMED + _BELIEVED
_UNDONE = _BELIEVED_UNDO + _CONFIRMED_UNDO + _STANDS_UNDO


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0032_given_anew_after_a_return'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='returnfile',
            name='policies_returnfile_reasons',
        ),
        migrations.AddField(
            model_name='returnfile',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='复核时间'),
        ),
        migrations.AddField(
            model_name='returnfile',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AlterField(
            model_name='returnfile',
            name='state',
            field=models.CharField(choices=[('received', '已收到'), ('waiting', '待复核'), ('applied', '已入账'), ('quarantined', '已隔离'), ('dismissed', '已作废')], default='received', editable=False, max_length=11, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='returnfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('by__isnull', False), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('via', 'upload'), models.Q(('confirmed_by', models.F('by')), _negated=True)), _connector='OR'), name='policies_returnfile_four_eyes', violation_error_message='上传的回单由上传人以外的人复核。'),
        ),
        migrations.AddConstraint(
            model_name='returnfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reasons', []), ('state__in', ('received', 'waiting', 'applied'))), models.Q(('state__in', ('quarantined', 'dismissed')), models.Q(('reasons', []), _negated=True)), _connector='OR'), name='policies_returnfile_reasons', violation_error_message='隔离的回单须写明原因。'),
        ),
        StateTrigger(
            "ReturnFile",
            "state",
            initial="received",
            edges=[
                ("dismissed", "received"),
                ("quarantined", "dismissed"),
                ("quarantined", "received"),
                ("received", "applied"),
                ("received", "quarantined"),
                ("received", "waiting"),
                ("waiting", "dismissed"),
                ("waiting", "received"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(_MADE, _UNDONE),
    ]
