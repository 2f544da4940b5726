"""The newest moment of which everything recorded can be read, and nothing will be added to it.

A row's ``recorded_at`` is the start of the transaction that wrote it, and it is seen only once that
transaction commits. Whoever names the present as the moment of his knowledge would find, on reading again,
rows that were not there the first time. A settled moment lies before the start of every transaction that
is still open, whether or not it has written yet: any of them may still commit rows of its start.

Only transactions that are seen can be waited out. ``pg_stat_activity`` shows the application role its own
sessions, and a function of the owner's shows the owner's (migrations, seeding); no other role may write.
Not seen, and so out of bounds while the portal runs, are a superuser's writes by hand; prepared transactions
are not used here, and ``track_activities`` must stay on, as it is by default. Between the instant that a
transaction takes for its start and the one in which the server shows it lie a few machine instructions.
"""

import datetime as dt

from django.db import connection

_SETTLED = """
SELECT least(
    statement_timestamp(),
    kernel_owner_busy_since() - interval '1 microsecond',
    (SELECT min(xact_start) - interval '1 microsecond' FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())
)
"""


def settled_at() -> dt.datetime:
    """Now, or just before the oldest transaction began that is open in another session of this database.

    The caller's own transaction counts as over: what it writes becomes visible together with whatever it
    notes this moment in. A session left open in a transaction holds the moment back for as long as it stays.
    """
    with connection.cursor() as cursor:
        # a transaction sees the sessions as they were when it first looked, unless told to look again
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_SETTLED)
        moment: dt.datetime = cursor.fetchone()[0]
    return moment
