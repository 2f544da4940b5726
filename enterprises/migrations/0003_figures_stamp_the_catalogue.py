"""A change of the public figures is a change of the catalogue: rules are checked against what is defined."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0002_invariants")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER enterprises_stamp AFTER INSERT OR UPDATE OR DELETE ON enterprises_referencefigure
                FOR EACH STATEMENT EXECUTE FUNCTION enterprises_stamp_catalogue();
            """,
            "DROP TRIGGER enterprises_stamp ON enterprises_referencefigure;",
        )
    ]
