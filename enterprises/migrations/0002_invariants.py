"""What a CHECK cannot say: values fit their fact, facts freeze, changes are marked, states follow edges."""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

FACTS_FREEZE = """
CREATE FUNCTION enterprises_fact_freeze() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (NEW.key, NEW.kind, NEW.unit, NEW.scale, NEW.scope, NEW.periodic, NEW.hierarchy, NEW.derived)
        IS DISTINCT FROM
       (OLD.key, OLD.kind, OLD.unit, OLD.scale, OLD.scope, OLD.periodic, OLD.hierarchy, OLD.derived)
       AND EXISTS (SELECT 1 FROM enterprises_factvalue WHERE fact_id = OLD.id)
    THEN
        RAISE EXCEPTION 'fact % has values: its meaning is frozen', OLD.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_fact_frozen', TABLE = 'enterprises_fact';
    END IF;
    IF NEW.choices <> OLD.choices
       AND EXISTS (
           SELECT c ->> 'value' FROM jsonb_array_elements(OLD.choices) c
           EXCEPT SELECT c ->> 'value' FROM jsonb_array_elements(NEW.choices) c)
       AND EXISTS (SELECT 1 FROM enterprises_factvalue WHERE fact_id = OLD.id)
    THEN
        RAISE EXCEPTION 'fact % has values: choices may be added, not taken away', OLD.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_fact_choices_kept',
                  TABLE = 'enterprises_fact';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER enterprises_fact_freeze BEFORE UPDATE ON enterprises_fact
    FOR EACH ROW EXECUTE FUNCTION enterprises_fact_freeze();
ALTER TABLE enterprises_fact ENABLE ALWAYS TRIGGER enterprises_fact_freeze;
"""

CHOICES_HAVE_SHAPE = """
ALTER TABLE enterprises_fact ADD CONSTRAINT enterprises_fact_choices_shape CHECK (
    jsonb_typeof(choices) = 'array' AND NOT jsonb_path_exists(
        choices, '$[*] ? (!(@.value.type() == "string") || !(@.label.type() == "string"))'));
"""

# The share lock makes a change of the fact wait for us, and us for it, so that neither misses the other.
VALUES_FIT = """
CREATE FUNCTION enterprises_factvalue_fit() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    unfit text;
BEGIN
    PERFORM 1 FROM enterprises_fact WHERE id IN (SELECT DISTINCT fact_id FROM added) ORDER BY id FOR SHARE;
    SELECT f.key INTO unfit
      FROM added v JOIN enterprises_fact f ON f.id = v.fact_id
     WHERE f.scope <> 'enterprise'
        OR f.derived
        OR f.periodic <> (v.period IS NOT NULL)
        OR NOT v.not_applicable AND NOT coalesce(
           CASE f.kind
           WHEN 'bool' THEN v.scaled IN (0, 1)
           WHEN 'date' THEN v.scaled BETWEEN 1 AND 3652059
           WHEN 'choice' THEN EXISTS (
                SELECT 1 FROM jsonb_array_elements(f.choices) c WHERE c ->> 'value' = v.text)
           WHEN 'choices' THEN v.items IS NOT NULL AND NOT EXISTS (
                SELECT unnest(v.items) EXCEPT SELECT c ->> 'value' FROM jsonb_array_elements(f.choices) c)
           WHEN 'code' THEN v.text ~ '^[0-9A-Z]{1,18}$'
           ELSE v.scaled IS NOT NULL
           END, false)
     LIMIT 1;
    IF unfit IS NOT NULL THEN
        RAISE EXCEPTION 'a value does not fit fact %', unfit
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_factvalue_fits',
                  TABLE = 'enterprises_factvalue';
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER enterprises_factvalue_fit AFTER INSERT ON enterprises_factvalue
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_factvalue_fit();
ALTER TABLE enterprises_factvalue ENABLE ALWAYS TRIGGER enterprises_factvalue_fit;
"""

MARK_DIRTY = """
CREATE FUNCTION enterprises_mark_dirty() RETURNS trigger
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
CREATE TRIGGER enterprises_dirty AFTER INSERT ON enterprises_factvalue
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_mark_dirty('enterprise_id');
CREATE TRIGGER enterprises_dirty AFTER INSERT ON enterprises_credential
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_mark_dirty('enterprise_id');
CREATE TRIGGER enterprises_dirty_insert AFTER INSERT ON enterprises_enterprise
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_mark_dirty('id');
CREATE TRIGGER enterprises_dirty_update AFTER UPDATE ON enterprises_enterprise
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION enterprises_mark_dirty('id');
"""

# A sequence never gives a number twice, not even after a rollback; the row's lock keeps the order.
CATALOGUE_STAMP = """
CREATE SEQUENCE enterprises_catalogue_stamp_seq;
CREATE FUNCTION enterprises_stamp_catalogue() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO enterprises_cataloguestamp AS s (id, stamp)
    VALUES (1, nextval('enterprises_catalogue_stamp_seq'))
    ON CONFLICT (id) DO UPDATE SET stamp = nextval('enterprises_catalogue_stamp_seq');
    RETURN NULL;
END
$body$;
""" + "".join(
    f"""
CREATE TRIGGER enterprises_stamp AFTER INSERT OR UPDATE OR DELETE ON enterprises_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION enterprises_stamp_catalogue();
"""
    for table in ("fact", "credentialkind", "codelist", "region", "industry")
)

UNDO = """
ALTER TABLE enterprises_fact DROP CONSTRAINT enterprises_fact_choices_shape;
DROP FUNCTION enterprises_fact_freeze() CASCADE;
DROP FUNCTION enterprises_factvalue_fit() CASCADE;
DROP FUNCTION enterprises_mark_dirty() CASCADE;
DROP FUNCTION enterprises_stamp_catalogue() CASCADE;
DROP SEQUENCE enterprises_catalogue_stamp_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0001_initial")]

    operations = [
        migrations.RunSQL(CHOICES_HAVE_SHAPE + FACTS_FREEZE + VALUES_FIT + MARK_DIRTY + CATALOGUE_STAMP, UNDO),
        StateTrigger(
            model_name="Claim",
            field="state",
            initial="submitted",
            edges=[("submitted", "approved"), ("submitted", "rejected")],
            deletable=["submitted"],
        ),
        StateTrigger(
            model_name="Import",
            field="state",
            initial="queued",
            edges=[
                ("failed", "queued"),
                ("queued", "running"),
                ("running", "done"),
                ("running", "failed"),
                ("running", "queued"),
            ],
            deletable=["queued"],
        ),
    ]
