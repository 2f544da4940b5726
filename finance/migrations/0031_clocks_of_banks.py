"""Clocks that began before they kept their bank: it is the one that had the enterprise's consent then."""

from django.db import migrations

_OF = """
UPDATE finance_loanclock c SET bank_id = coalesce((
    SELECT b.id FROM enterprises_consent s JOIN finance_bank b ON b.grantee_id = s.grantee_id
    WHERE s.reference = l.number AND s.enterprise_id = l.enterprise_id AND s.given_at <= c.started_at
    ORDER BY s.given_at DESC, s.id DESC LIMIT 1), l.bank_id)
FROM finance_loanapplication l WHERE l.id = c.loan_id AND c.target <> 'open'
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0030_ranking_drafts_discarded")]

    operations = [migrations.RunSQL(_OF, migrations.RunSQL.noop)]
