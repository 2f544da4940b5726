"""A fact says what its values lie between, and the database holds them to it."""

from importlib import import_module

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# As before, and a number lies between what its fact names, in the fact's unit (money: 元, stored in fen).
VALUES_LIE_IN_RANGE = """
CREATE OR REPLACE FUNCTION enterprises_factvalue_fit() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    unfit text;
BEGIN
    PERFORM 1 FROM enterprises_fact WHERE id IN (SELECT DISTINCT fact_id FROM added) ORDER BY id FOR SHARE;
    WITH named AS MATERIALIZED (
        SELECT f.*, f.least * s.factor AS low, f.most * s.factor AS high
          FROM enterprises_fact f
         CROSS JOIN LATERAL (
               SELECT CASE f.kind WHEN 'money' THEN 100 ELSE 10::numeric ^ f.scale END AS factor) s
         WHERE f.id IN (SELECT DISTINCT fact_id FROM added)
    )
    SELECT f.key INTO unfit
      FROM added v JOIN named f ON f.id = v.fact_id
     WHERE f.scope <> 'enterprise'
        OR f.derived
        OR f.periodic <> (v.period IS NOT NULL)
        OR v.scaled < f.low
        OR v.scaled > f.high
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

# Facts that are there already take the ranges of the reference files of this day; those of the county's own
# stay open. New databases are seeded after they are migrated.
RANGES = {
    (0, None): (
        "revenue main_revenue software_revenue output_value total_assets total_liabilities "
        "employees fixed_investment export_value land_mu energy_use electricity_fee tax_paid "
        "vat_sales_month input_vat above_scale_years rd_expense rd_staff valid_patents "
        "class_one_ip tech_sme_score innovative_sme_score specialized_sme_score segment_years "
        "equity_financing_2y ui_paid_months ui_paid disabled_levy enforcement_cases "
        "equipment_invest project_invest superior_award first_set_sales hire_count hire_graduates "
        "hire_count_hard contract_years average_wage insured_months personal_insurance "
        "intern_person_months intern_retained_months intern_months intern_count drive_jobs "
        "loan_amount loan_years loan_interest direct_financing bookkeeping_fee rent_area "
        "area_rent booth_count booth_fee exhibit_return_fee service_loan_interest store_invest "
        "flagship_area team_guests agri_cert_count agri_renewed_count organic_kept_count"
    ),
    (0, 100): (
        "main_revenue_ratio encouraged_revenue_ratio market_share layoff_rate disabled_ratio "
        "new_hire_ratio intern_retain_rate"
    ),
    (-100, None): (
        "main_revenue_growth_2y"
    ),
    (1949, 2200): (
        "above_scale_first_year tagged_first_year loan_settled_year"
    ),
    (1, None): (
        "mfi_rank"
    ),
}
TAKE_RANGES = "".join(
    f"UPDATE enterprises_fact SET least = {least}, most = {'NULL' if most is None else most}"
    f" WHERE kind IN ('money', 'number', 'percent', 'integer') AND key = ANY('{{{','.join(keys.split())}}}');\n"
    for (least, most), keys in RANGES.items()
)
AS_BEFORE = import_module("enterprises.migrations.0005_withdrawn_values").VALUES_FIT_OR_ARE_WITHDRAWN


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_officers'),
        ('enterprises', '0007_figures_and_lists_are_recorded'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='fact',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='fact',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='fact',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='fact',
            name='least',
            field=models.DecimalField(blank=True, decimal_places=4, help_text='按单位填写，金额按元；不填即不限', max_digits=18, null=True, verbose_name='最小值'),
        ),
        migrations.AddField(
            model_name='fact',
            name='most',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='最大值'),
        ),
        migrations.AddField(
            model_name='facthistory',
            name='least',
            field=models.DecimalField(blank=True, decimal_places=4, help_text='按单位填写，金额按元；不填即不限', max_digits=18, null=True, verbose_name='最小值'),
        ),
        migrations.AddField(
            model_name='facthistory',
            name='most',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='最大值'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enterprises_facthistory" ("choices", "complete", "department_id", "derived", "dimension", "fresh_days", "help", "hierarchy", "id", "key", "kind", "label", "label_en", "least", "most", "ordered", "periodic", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scale", "scope", "supply", "unit") SELECT new_values."choices", new_values."complete", new_values."department_id", new_values."derived", new_values."dimension", new_values."fresh_days", new_values."help", new_values."hierarchy", new_values."id", new_values."key", new_values."kind", new_values."label", new_values."label_en", new_values."least", new_values."most", new_values."ordered", new_values."periodic", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."scale", new_values."scope", new_values."supply", new_values."unit" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='665c16bd9cc40241796333869eb722c9cc2c891b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_72ae4', referencing='REFERENCING NEW TABLE AS new_values ', table='enterprises_fact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enterprises_facthistory" ("choices", "complete", "department_id", "derived", "dimension", "fresh_days", "help", "hierarchy", "id", "key", "kind", "label", "label_en", "least", "most", "ordered", "periodic", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scale", "scope", "supply", "unit") SELECT new_values."choices", new_values."complete", new_values."department_id", new_values."derived", new_values."dimension", new_values."fresh_days", new_values."help", new_values."hierarchy", new_values."id", new_values."key", new_values."kind", new_values."label", new_values."label_en", new_values."least", new_values."most", new_values."ordered", new_values."periodic", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."scale", new_values."scope", new_values."supply", new_values."unit" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='db14c5abd62eb7c6be6440077ae0a8da4d5f72b1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3d0cf', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enterprises_fact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enterprises_facthistory" ("choices", "complete", "department_id", "derived", "dimension", "fresh_days", "help", "hierarchy", "id", "key", "kind", "label", "label_en", "least", "most", "ordered", "periodic", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scale", "scope", "supply", "unit") SELECT old_values."choices", old_values."complete", old_values."department_id", old_values."derived", old_values."dimension", old_values."fresh_days", old_values."help", old_values."hierarchy", old_values."id", old_values."key", old_values."kind", old_values."label", old_values."label_en", old_values."least", old_values."most", old_values."ordered", old_values."periodic", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."scale", old_values."scope", old_values."supply", old_values."unit" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='62627ec7eb719a97ecfc73947717e713736dc2d6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_de1a7', referencing='REFERENCING OLD TABLE AS old_values ', table='enterprises_fact', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['integer', 'money', 'number', 'percent']), models.Q(('least__isnull', True), ('most__isnull', True)), _connector='OR'), name='enterprises_fact_range_of_numbers', violation_error_message='只有金额、小数、百分数和整数有最小值和最大值。'),
        ),
        migrations.AddConstraint(
            model_name='fact',
            constraint=models.CheckConstraint(condition=models.Q(('least__isnull', True), ('most__isnull', True), ('least__lte', models.F('most')), _connector='OR'), name='enterprises_fact_range', violation_error_message='最小值不能大于最大值。'),
        ),
        migrations.RunSQL(VALUES_LIE_IN_RANGE, AS_BEFORE),
        migrations.RunSQL(TAKE_RANGES, migrations.RunSQL.noop),
    ]
