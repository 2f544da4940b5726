"""Whoever wrote a document is kept, and does not publish it: watched by the database as for versions."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


_WRITERS = """
CREATE FUNCTION policies_document_editors() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO policies_documenteditor (document_id, user_id)
        SELECT DISTINCT NEW.id, writer FROM unnest(ARRAY[NEW.author_id, NEW.edited_by_id]) AS writer
        WHERE writer IS NOT NULL
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_document_editors
    AFTER INSERT OR UPDATE OF author_id, edited_by_id ON policies_policydocument
    FOR EACH ROW EXECUTE FUNCTION policies_document_editors();
ALTER TABLE policies_policydocument ENABLE ALWAYS TRIGGER policies_document_editors;
CREATE FUNCTION policies_document_four_eyes() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (SELECT 1 FROM policies_documenteditor
               WHERE document_id = NEW.id AND user_id = NEW.published_by_id)
    THEN
        RAISE EXCEPTION 'document % cannot be published by one of its editors', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_document_four_eyes',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_document_four_eyes BEFORE UPDATE ON policies_policydocument FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION policies_document_four_eyes();
ALTER TABLE policies_policydocument ENABLE ALWAYS TRIGGER policies_document_four_eyes;
INSERT INTO policies_documenteditor (document_id, user_id)
    SELECT id, author_id FROM policies_policydocument ON CONFLICT DO NOTHING;
"""

_UNDO = """
DROP TRIGGER policies_document_four_eyes ON policies_policydocument;
DROP FUNCTION policies_document_four_eyes();
DROP TRIGGER policies_document_editors ON policies_policydocument;
DROP FUNCTION policies_document_editors();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0003_rule_and_version_agree'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentEditor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': '文件编写记录',
                'verbose_name_plural': '文件编写记录',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='policydocument',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='policydocument',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='policydocument',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='policydocument',
            name='edited_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='最近修改人'),
        ),
        migrations.AddField(
            model_name='policydocumenthistory',
            name='edited_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='最近修改人'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydocument',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "policies_policydocumenthistory" ("author_id", "body", "code", "created_at", "edited_by_id", "effective_from", "effective_to", "id", "issued_on", "issuer", "level", "link", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reading", "region", "source", "state", "superseded_by_id", "title", "topics", "year") SELECT new_values."author_id", new_values."body", new_values."code", new_values."created_at", new_values."edited_by_id", new_values."effective_from", new_values."effective_to", new_values."id", new_values."issued_on", new_values."issuer", new_values."level", new_values."link", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."published_at", new_values."published_by_id", new_values."reading", new_values."region", new_values."source", new_values."state", new_values."superseded_by_id", new_values."title", new_values."topics", new_values."year" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='69b9ffce5b85780a27527b65039e300915647c15', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_22d8d', referencing='REFERENCING NEW TABLE AS new_values ', table='policies_policydocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydocument',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "policies_policydocumenthistory" ("author_id", "body", "code", "created_at", "edited_by_id", "effective_from", "effective_to", "id", "issued_on", "issuer", "level", "link", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reading", "region", "source", "state", "superseded_by_id", "title", "topics", "year") SELECT new_values."author_id", new_values."body", new_values."code", new_values."created_at", new_values."edited_by_id", new_values."effective_from", new_values."effective_to", new_values."id", new_values."issued_on", new_values."issuer", new_values."level", new_values."link", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."published_at", new_values."published_by_id", new_values."reading", new_values."region", new_values."source", new_values."state", new_values."superseded_by_id", new_values."title", new_values."topics", new_values."year" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a8c73ad4d6ea3a77458298a8d8f7e7ca44202f5e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5d6f7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='policies_policydocument', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydocument',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "policies_policydocumenthistory" ("author_id", "body", "code", "created_at", "edited_by_id", "effective_from", "effective_to", "id", "issued_on", "issuer", "level", "link", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "reading", "region", "source", "state", "superseded_by_id", "title", "topics", "year") SELECT old_values."author_id", old_values."body", old_values."code", old_values."created_at", old_values."edited_by_id", old_values."effective_from", old_values."effective_to", old_values."id", old_values."issued_on", old_values."issuer", old_values."level", old_values."link", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."published_at", old_values."published_by_id", old_values."reading", old_values."region", old_values."source", old_values."state", old_values."superseded_by_id", old_values."title", old_values."topics", old_values."year" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='70c4af0bdeac639740faced792bc9dd8f9bf10bb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_84235', referencing='REFERENCING OLD TABLE AS old_values ', table='policies_policydocument', when='AFTER')),
        ),
        migrations.AddField(
            model_name='documenteditor',
            name='document',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editors', to='policies.policydocument', verbose_name='文件'),
        ),
        migrations.AddField(
            model_name='documenteditor',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编写人'),
        ),
        migrations.AddConstraint(
            model_name='documenteditor',
            constraint=models.UniqueConstraint(fields=('document', 'user'), name='policies_document_editor_once'),
        ),
        migrations.RunSQL(_WRITERS, _UNDO),
    ]
