"""Marks of what changed in lists, written by whoever changes it, read by `policies.book`."""

import django.db.models.deletion
from django.db import migrations, models

import enterprises.models.stamps

_MARK = """
CREATE FUNCTION policies_mark_dirty() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'policies_itemversion' THEN
        changed := NEW.item_id;
    ELSIF TG_TABLE_NAME = 'policies_policyitem' THEN
        changed := NEW.id;
    ELSE
        SELECT id INTO changed FROM policies_policyitem WHERE rule_id = NEW.rule_id;
    END IF;
    IF changed IS NOT NULL THEN
        INSERT INTO policies_dirtyitem AS d (item_id, changed_in) VALUES (changed, pg_current_xact_id())
            ON CONFLICT (item_id) DO UPDATE SET changed_in = excluded.changed_in
            WHERE d.changed_in <> excluded.changed_in;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_dirty AFTER UPDATE ON policies_itemversion FOR EACH ROW
    WHEN ('published' IN (OLD.state, NEW.state)) EXECUTE FUNCTION policies_mark_dirty();
CREATE TRIGGER policies_dirty AFTER UPDATE ON policies_policyitem FOR EACH ROW
    EXECUTE FUNCTION policies_mark_dirty();
CREATE TRIGGER policies_dirty AFTER UPDATE ON matching_ruleversion FOR EACH ROW
    WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION policies_mark_dirty();
ALTER TABLE policies_itemversion ENABLE ALWAYS TRIGGER policies_dirty;
ALTER TABLE policies_policyitem ENABLE ALWAYS TRIGGER policies_dirty;
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER policies_dirty;
"""

_UNDO = """
DROP TRIGGER policies_dirty ON matching_ruleversion;
DROP TRIGGER policies_dirty ON policies_policyitem;
DROP TRIGGER policies_dirty ON policies_itemversion;
DROP FUNCTION policies_mark_dirty();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0005_push_attempts")]

    operations = [
        migrations.CreateModel(
            name="DirtyItem",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="policies.policyitem",
                    ),
                ),
                (
                    "changed_in",
                    enterprises.models.stamps.TransactionIdField(db_index=True, verbose_name="事务"),
                ),
            ],
            options={"verbose_name": "待刷新事项", "verbose_name_plural": "待刷新事项"},
        ),
        migrations.RunSQL(_MARK, _UNDO),
    ]
