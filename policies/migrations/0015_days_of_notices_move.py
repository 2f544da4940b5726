"""The days of a notice that runs may be moved: prolonged, or reckoned anew when holidays are announced."""

from django.db import migrations

_TRIGGER = """
DROP TRIGGER policies_publicnotice_stands_5 ON policies_publicnotice;
CREATE TRIGGER policies_publicnotice_stands_5 BEFORE UPDATE OR DELETE ON policies_publicnotice FOR EACH ROW
    WHEN (OLD.ended_at IS NULL) EXECUTE FUNCTION policies_stands({free});
ALTER TABLE policies_publicnotice ENABLE ALWAYS TRIGGER policies_publicnotice_stands_5;
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0014_decisions_stand")]
    operations = [
        migrations.RunSQL(
            _TRIGGER.format(free="'ended_at', 'opened_at', 'closes_at'"),
            _TRIGGER.format(free="'ended_at'"),
        )
    ]
