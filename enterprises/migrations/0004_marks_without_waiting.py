"""Marks of changed enterprises are inserted beside those of others, so that no writer waits for another."""

import django.db.models.deletion
from django.db import migrations, models

KEY_WITH_TRANSACTION = """
ALTER TABLE enterprises_dirtyenterprise
    DROP CONSTRAINT enterprises_dirtyenterprise_pkey,
    ADD CONSTRAINT enterprises_dirtyenterprise_pkey PRIMARY KEY (enterprise_id, changed_in);
"""
KEY_WITHOUT = """
DELETE FROM enterprises_dirtyenterprise m
 USING enterprises_dirtyenterprise n
 WHERE n.enterprise_id = m.enterprise_id AND n.changed_in > m.changed_in;
ALTER TABLE enterprises_dirtyenterprise
    DROP CONSTRAINT enterprises_dirtyenterprise_pkey,
    ADD CONSTRAINT enterprises_dirtyenterprise_pkey PRIMARY KEY (enterprise_id);
"""

# A mark that is seen here has been committed before this transaction is: whoever does not know the one does
# not know the other, so the older one may go. Marks that another writer is taking away are left to it.
MARK_DIRTY = """
CREATE OR REPLACE FUNCTION enterprises_mark_dirty() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    EXECUTE format(
        'WITH changed AS MATERIALIZED (
             SELECT DISTINCT %I AS id FROM added
         ), older AS MATERIALIZED (
             SELECT m.enterprise_id, m.changed_in
               FROM enterprises_dirtyenterprise m JOIN changed ON changed.id = m.enterprise_id
              WHERE m.changed_in <> pg_current_xact_id()
                FOR UPDATE OF m SKIP LOCKED
         ), taken_away AS (
             DELETE FROM enterprises_dirtyenterprise m USING older o
              WHERE (m.enterprise_id, m.changed_in) = (o.enterprise_id, o.changed_in)
         )
         INSERT INTO enterprises_dirtyenterprise (enterprise_id, changed_in)
         SELECT id, pg_current_xact_id() FROM changed
         ON CONFLICT DO NOTHING', TG_ARGV[0]);
    RETURN NULL;
END
$body$;
CREATE TRIGGER enterprises_dirty_delete AFTER DELETE ON enterprises_enterprise
    REFERENCING OLD TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_mark_dirty('id');
"""
MARK_DIRTY_BY_UPDATE = """
DROP TRIGGER enterprises_dirty_delete ON enterprises_enterprise;
CREATE OR REPLACE FUNCTION enterprises_mark_dirty() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    EXECUTE format(
        'INSERT INTO enterprises_dirtyenterprise AS d (enterprise_id, changed_in)
         SELECT DISTINCT %I, pg_current_xact_id() FROM added ORDER BY 1
         ON CONFLICT (enterprise_id) DO UPDATE SET changed_in = excluded.changed_in
         WHERE d.changed_in <> excluded.changed_in', TG_ARGV[0]);
    RETURN NULL;
END
$body$;
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0003_figures_stamp_the_catalogue")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(KEY_WITH_TRANSACTION, KEY_WITHOUT)],
            state_operations=[
                migrations.AlterField(
                    model_name="dirtyenterprise",
                    name="enterprise",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="enterprises.enterprise",
                    ),
                ),
                migrations.AddField(
                    model_name="dirtyenterprise",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "enterprise_id",
                        "changed_in",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(MARK_DIRTY, MARK_DIRTY_BY_UPDATE),
    ]
