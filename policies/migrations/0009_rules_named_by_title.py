"""Rules are called by the title of what is published, else of the draft; until now they kept their first."""

from django.db import migrations

_NAME = """
UPDATE matching_rule AS r SET label = latest.title
FROM (
    SELECT DISTINCT ON (i.rule_id) i.rule_id, v.title
    FROM policies_policyitem i JOIN policies_itemversion v ON v.item_id = i.id
    ORDER BY i.rule_id, (v.published_at IS NULL), v.number DESC
) AS latest
WHERE latest.rule_id = r.id AND r.label <> latest.title
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0008_rules_bear_the_codes_of_items")]
    operations = [migrations.RunSQL(_NAME, migrations.RunSQL.noop)]
