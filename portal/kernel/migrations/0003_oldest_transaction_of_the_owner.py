"""A look at the owner's open transactions, which the application role cannot see by itself.

PostgreSQL hides the start of other roles' transactions in ``pg_stat_activity``. The function belongs to whoever
migrates, the owner of the tables, and tells no more than one moment: see ``portal.kernel.moments``.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION kernel_owner_busy_since() RETURNS timestamptz
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT min(xact_start) FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
$body$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_announced_years")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION kernel_owner_busy_since();")]
