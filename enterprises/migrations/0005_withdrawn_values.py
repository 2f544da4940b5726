"""A source may withdraw a value: a row that says that nothing is known any more."""

from django.db import migrations, models

# As before, and a withdrawn value has nothing that could not fit. The share lock makes a change of the fact
# wait for us, and us for it, so that neither misses the other.
VALUES_FIT_OR_ARE_WITHDRAWN = """
CREATE OR REPLACE FUNCTION enterprises_factvalue_fit() RETURNS trigger
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
        OR NOT v.not_applicable AND NOT v.withdrawn AND NOT coalesce(
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
"""

VALUES_FIT = """
CREATE OR REPLACE FUNCTION enterprises_factvalue_fit() RETURNS trigger
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
"""

_SAYS_NOTHING = {
    "scaled__isnull": True,
    "text__isnull": True,
    "items__isnull": True,
    "not_applicable": False,
    "withdrawn": False,
}


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0004_marks_without_waiting")]

    operations = [
        migrations.RemoveConstraint(model_name="factvalue", name="enterprises_factvalue_one_value"),
        migrations.AddField(
            model_name="factvalue",
            name="withdrawn",
            field=models.BooleanField(db_default=False, default=False, verbose_name="已撤回"),
        ),
        migrations.AddConstraint(
            model_name="factvalue",
            constraint=models.CheckConstraint(
                condition=(
                    models.Q(**_SAYS_NOTHING | {"scaled__isnull": False})
                    | models.Q(**_SAYS_NOTHING | {"text__isnull": False})
                    | models.Q(**_SAYS_NOTHING | {"items__isnull": False})
                    | models.Q(**_SAYS_NOTHING | {"not_applicable": True})
                    | models.Q(**_SAYS_NOTHING | {"withdrawn": True})
                ),
                name="enterprises_factvalue_one_value",
                violation_error_message="每条取值只有一个值，或者“不适用”“已撤回”。",
            ),
        ),
        migrations.RunSQL(VALUES_FIT_OR_ARE_WITHDRAWN, VALUES_FIT),
    ]
